"""After an update: what is kept is migrated once, and nothing broken is left of detections that no longer ship."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from responder.cases.task import Alert
from responder.errors import Unavailable
from responder.inputs import retention, upgrades
from responder.inputs.migration import Migration
from responder.starting.ledger import SEARCH, Change

from sandbox.faults import Faults
from spl import conffile

APP = "cloudtrail_responder"
GONE, KEPT, OWN = "CloudTrail Responder - Gone", "CloudTrail Responder - Kept", "CloudTrail Responder - my copy"
#: A title that a detection had, and that it has now, as people have both.
FORMER, NOW = "CloudTrail Responder - Access key created", "CloudTrail Responder - IAM access key created"


def release(folder: Path, version: str, *searches: str) -> Path:
    """An app on the disk of a search head, as far as upgrades read it."""
    default = folder / version / "default"
    default.mkdir(parents=True, exist_ok=True)
    (default / "app.conf").write_text(f"[launcher]\nversion = {version}\n", encoding="utf-8")
    text = "".join(f"[{name}]\nsearch = index=aws\n\n" for name in searches)
    (default / "savedsearches.conf").write_text(text, encoding="utf-8")
    return default.parent


def change(core: Any, stanza: str, user: str = "", **values: str) -> None:
    """What a person has changed of a saved search, in the shared or in their own configuration."""
    core.splunkd.confs.set("savedsearches", APP, stanza, values, user)


def local(core: Any, user: str = "") -> dict[str, Any]:
    folder = core.splunkd.confs.folder(APP, user)
    path = folder / "local" / "savedsearches.conf"
    return conffile.parse(path.read_text(encoding="utf-8")) if path.exists() else {}


def update(core: Any, app: Path, known: Any = (), names: Any = None) -> None:
    core.later += upgrades.LEASE + 1
    upgrades.run_when_due(core.client(), app, core.clock, known, names)


def messages(core: Any) -> list[str]:
    return [message.text for message in core.splunkd.bulletin.all()]


def test_what_people_changed_of_a_removed_detection_is_disabled_and_they_are_told(core, tmp_path, caplog):
    update(core, release(tmp_path, "0.1.0", GONE, KEPT))
    change(core, GONE, cron_schedule="*/5 * * * *", search="index=aws | `gone_filter`")
    change(core, KEPT, cron_schedule="*/5 * * * *")
    change(core, OWN, search="index=aws", cron_schedule="*/5 * * * *")
    with caplog.at_level(logging.WARNING):
        update(core, release(tmp_path, "0.2.0", KEPT))
    assert {name for name, stanza in local(core).items() if stanza.get("disabled") == "1"} == {GONE}
    assert local(core)[GONE]["cron_schedule"] == "*/5 * * * *", "it is disabled, not deleted"
    (line,) = [record.getMessage() for record in caplog.records if "no longer ship" in record.getMessage()]
    (message,) = messages(core)
    assert GONE in line and GONE in message and KEPT not in message


def test_it_is_said_once_and_a_search_that_is_enabled_again_stays_so(core, tmp_path):
    update(core, release(tmp_path, "0.1.0", GONE, KEPT))
    change(core, GONE, search="index=aws")
    update(core, release(tmp_path, "0.2.0", KEPT))
    change(core, GONE, disabled="0")
    core.splunkd.bulletin.remove("cloudtrail_responder_retired_searches")
    for version in ("0.2.0", "0.3.0"):
        update(core, release(tmp_path, version, KEPT))
    assert local(core)[GONE]["disabled"] == "0"
    assert messages(core) == []


def test_what_a_user_keeps_private_is_disabled_too(core, tmp_path):
    core.splunkd.access.add_user("ana", "changeme", ["power"])
    update(core, release(tmp_path, "0.1.0", GONE))
    change(core, GONE, user="ana", search="index=aws", cron_schedule="*/5 * * * *")
    update(core, release(tmp_path, "0.2.0", KEPT))
    assert local(core, "ana")[GONE]["disabled"] == "1"
    assert GONE not in local(core)


def test_an_update_that_removes_nothing_changes_and_says_nothing(core, tmp_path):
    update(core, release(tmp_path, "0.1.0", KEPT))
    change(core, KEPT, cron_schedule="*/5 * * * *")
    update(core, release(tmp_path, "0.2.0", KEPT, "CloudTrail Responder - New"))
    assert "disabled" not in local(core)[KEPT]
    assert messages(core) == []


def test_a_search_head_that_is_still_on_the_version_before_disables_nothing_of_the_new_one(core, tmp_path):
    new = release(tmp_path, "0.10.0", KEPT, "CloudTrail Responder - New")
    old = release(tmp_path, "0.9.0", KEPT, GONE)
    update(core, old)
    update(core, new)
    change(core, "CloudTrail Responder - New", cron_schedule="*/5 * * * *")
    update(core, old)
    assert "disabled" not in local(core)["CloudTrail Responder - New"]


def test_an_app_from_before_the_list_leaves_no_stanza_without_a_search(core, tmp_path):
    """The first migration that ships."""
    change(core, GONE, cron_schedule="*/5 * * * *")
    change(core, OWN, search="index=aws")
    update(core, release(tmp_path, "0.1.0", KEPT), upgrades.known_migrations())
    assert local(core)[GONE]["disabled"] == "1"
    assert "disabled" not in local(core)[OWN]
    assert schema(core) == upgrades.known_migrations()[-1].number


@pytest.mark.parametrize("status", [403, 400])
def test_one_that_cannot_be_disabled_is_named_and_keeps_nothing_else_from_being_done(core, tmp_path, status):
    other = "CloudTrail Responder - Another"
    for name in (GONE, other):
        change(core, name, cron_schedule="*/5 * * * *")
    core.splunkd.faults = Faults()
    path = f"configs/conf-savedsearches/{quote(min(GONE, other))}"
    core.splunkd.faults.add("status", method="POST", path=path, status=status, count=None)
    ran: list[int] = []
    update(core, release(tmp_path, "0.1.0", KEPT), [*upgrades.known_migrations(), *counting(ran, 2)])
    assert local(core)[max(GONE, other)]["disabled"] == "1" and ran == [2]
    (said,) = messages(core)
    assert f"Could not be disabled, so do that: {min(GONE, other)}." in said and "Disabled: " in said


@pytest.mark.parametrize("status", [503, 429])
def test_while_splunkd_fails_it_is_tried_again(core, tmp_path, status):
    change(core, GONE, cron_schedule="*/5 * * * *")
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method="POST", path="configs/conf-savedsearches/", status=status, count=1)
    app, known = release(tmp_path, "0.1.0", KEPT), upgrades.known_migrations()
    with pytest.raises(Unavailable):
        update(core, app, known)
    core.later = 700
    update(core, app, known)
    assert local(core)[GONE]["disabled"] == "1" and schema(core) == known[-1].number


def test_people_are_told_although_the_run_that_disabled_it_stopped_there(core, tmp_path):
    update(core, release(tmp_path, "0.1.0", GONE))
    change(core, GONE, search="index=aws")
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status_after", method="POST", path="configs/conf-savedsearches/", status=500, count=1)
    with pytest.raises(Unavailable):
        update(core, release(tmp_path, "0.2.0", KEPT))
    assert local(core)[GONE]["disabled"] == "1"
    update(core, release(tmp_path, "0.2.0", KEPT))
    (message,) = messages(core)
    assert f"Disabled: {GONE}." in message


@pytest.mark.parametrize("name", [GONE, FORMER])
def test_an_update_is_not_done_before_splunkd_has_reloaded_what_it_wrote(core, tmp_path, name):
    update(core, release(tmp_path, "0.1.0", name))
    change(core, name, search="index=aws")
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method="POST", path="saved/searches/_reload", status=500, count=2)
    app = renaming(core, tmp_path, "0.2.0", NOW)
    for _ in range(2):
        # By the second run, all is written.
        with pytest.raises(Unavailable):
            update(core, app)
    update(core, app)
    assert json.loads(core.client().fetch("responder_marks", "shipped_searches")["value"])["version"] == "0.2.0"


def test_the_names_that_ship_are_those_of_the_built_app(app_dir):
    shipped = upgrades.shipped_searches(app_dir)
    assert shipped == sorted(conffile.parse((app_dir / "default/savedsearches.conf").read_text(encoding="utf-8")))
    assert len(shipped) > 100 and all(name.startswith("CloudTrail Responder - ") for name in shipped)


# Renamed searches

SPL = "index=aws \\\n| stats count = 5 \\\n# no comment\n"


def renaming(core: Any, folder: Path, version: str, *searches: str) -> Path:
    """As ``release``, with what people changed there."""
    app = release(folder, version, *searches)
    (app / "local").symlink_to(core.splunkd.confs.folder(APP) / "local", target_is_directory=True)
    return app


def test_what_people_changed_of_a_renamed_detection_goes_on_under_its_new_name(core, tmp_path, caplog):
    update(core, release(tmp_path, "0.1.0", FORMER, KEPT))
    own = {"disabled": "0", "cron_schedule": "*/5 * * * *", "actions": "email,responder_create_ticket", "search": SPL}
    change(core, FORMER, **own, **{"action.email.to": "soc@example.com", "alert.track": "0"})
    change(core, KEPT, search="index=aws", cron_schedule="*/7 * * * *")
    with caplog.at_level(logging.INFO):
        update(core, renaming(core, tmp_path, "0.2.0", NOW, KEPT), upgrades.known_migrations())
    assert local(core)[NOW] == {**own, "action.email.to": "soc@example.com", "alert.track": "0"}
    assert FORMER not in local(core) and "disabled" not in local(core)[KEPT]
    assert messages(core) == [] and "carried over" in caplog.text


def test_its_owner_and_who_may_read_it_are_carried_over(core, tmp_path):
    core.splunkd.access.add_user("ana", "changeme", ["power"])
    change(core, FORMER, disabled="0")
    acl = {"owner": "ana", "sharing": "app", "perms.read": "power", "perms.write": "admin"}
    path = "configs/conf-savedsearches/{}/acl"
    body = urlencode(acl).encode()
    form = "application/x-www-form-urlencoded"
    assert core.client().request("POST", path.format(quote(FORMER)), body=body, content_type=form)[0] == 200
    update(core, renaming(core, tmp_path, "0.2.0", NOW))
    found = core.client().get_json(path.format(quote(NOW)), {"output_mode": "json"})["entry"][0]["acl"]
    assert (found["owner"], found["perms"]) == ("ana", {"read": ["power"], "write": ["admin"]})


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_run_that_stops_in_between_comes_to_the_same_when_it_is_run_again(core, tmp_path, method):
    change(core, FORMER, disabled="0", cron_schedule="*/5 * * * *")
    app, known = renaming(core, tmp_path, "0.2.0", NOW), upgrades.known_migrations()
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", method=method, path="configs/conf-savedsearches/", status=503, count=1)
    with pytest.raises(Unavailable):
        update(core, app, known)
    assert "disabled" in local(core)[FORMER] and local(core)[FORMER]["disabled"] == "0"
    # Meanwhile somebody chooses another schedule under the new name.
    change(core, NOW, cron_schedule="*/9 * * * *")
    upgrades.run_when_due(core.client(), app, core.clock, known)
    assert FORMER in local(core), "the claim still counts, and nothing else is taken for gone"
    update(core, app, known)
    assert FORMER not in local(core)
    assert local(core)[NOW] == {"disabled": "0", "cron_schedule": "*/9 * * * *"}


@pytest.mark.parametrize("keeps_a_list", [True, False])
def test_one_whose_settings_splunk_refuses_is_disabled_and_named(core, tmp_path, caplog, keeps_a_list):
    """``keeps_a_list``: the version before did, of what it shipped."""
    if keeps_a_list:
        update(core, release(tmp_path, "0.1.0", FORMER))
    change(core, FORMER, disabled="0", cron_schedule="*/5 * * * *", search="index=aws")
    core.splunkd.faults = Faults()
    core.splunkd.faults.add(
        "status", method="POST", path=f"configs/conf-savedsearches/{quote(NOW)}", status=400, count=None
    )
    update(core, renaming(core, tmp_path, "0.2.0", NOW))
    assert local(core)[FORMER]["disabled"] == "1" and f"'{NOW}' could not be carried over" in caplog.text
    (said,) = messages(core)
    assert FORMER in said


def test_what_a_user_keeps_private_under_a_former_name_is_disabled(core, tmp_path):
    core.splunkd.access.add_user("ana", "changeme", ["power"])
    update(core, release(tmp_path, "0.1.0", FORMER))
    change(core, FORMER, user="ana", search="index=aws")
    update(core, renaming(core, tmp_path, "0.2.0", NOW))
    assert local(core, "ana")[FORMER]["disabled"] == "1" and NOW not in local(core)


def test_a_search_of_their_own_that_takes_a_former_name_later_is_left_alone(core, tmp_path):
    update(core, release(tmp_path, "0.2.0", NOW))
    change(core, FORMER, search="index=aws")
    update(core, renaming(core, tmp_path, "0.3.0", NOW, KEPT))
    assert local(core)[FORMER] == {"search": "index=aws"}


def test_alerts_and_the_ledger_know_a_renamed_search_for_the_same():
    assert Alert(FORMER, APP).name == Alert(NOW, APP).name != Alert(NOW, "search").name
    assert Alert(FORMER, "search").name == ("search", FORMER), "somebody else's, which has the name by chance"
    made = Change(SEARCH, FORMER, {}, {}, {}, "done", "admin", 1.0)
    read = Change.of(made.document())
    assert (read.name, read.key) == (NOW, made.key)


# Migrations


def schema(core: Any) -> int:
    return int(core.client().fetch("responder_marks", "schema")["value"])


def counting(ran: list[int], *numbers: int, fails: int = 0) -> list[Migration]:
    def run(number: int) -> Any:
        def migrate(splunkd: Any) -> None:
            ran.append(number)
            if ran.count(fails) == 1 and number == fails:
                raise Unavailable("splunkd does not answer.", "Wait.")

        return migrate

    return [Migration(number, f"step {number}", run(number)) for number in numbers]


def test_each_migration_runs_once_and_in_order(core, tmp_path):
    ran: list[int] = []
    app = release(tmp_path, "0.1.0", KEPT)
    update(core, app, counting(ran, 1, 2))
    update(core, app, counting(ran, 1, 2))
    update(core, app, counting(ran, 1, 2, 3))
    assert ran == [1, 2, 3]
    assert schema(core) == 3


def test_while_one_search_head_migrates_no_other_does(core, tmp_path):
    ran: list[int] = []
    app = release(tmp_path, "0.1.0", KEPT)

    def other_search_head(splunkd: Any) -> None:
        ran.append(1)
        upgrades.run_when_due(core.client(), app, core.clock, counting(ran, 1, 2))

    update(core, app, [Migration(1, "slow", other_search_head)])
    assert ran == [1]


def test_one_that_was_stopped_is_run_again_after_its_lease_and_the_next_only_then(core, tmp_path):
    ran: list[int] = []
    app = release(tmp_path, "0.1.0", KEPT)
    known = counting(ran, 1, 2, fails=1)
    with pytest.raises(Unavailable):
        update(core, app, known)
    upgrades.run_when_due(core.client(), app, core.clock, known)
    assert ran == [1], "the claim still counts"
    update(core, app, known)
    assert ran == [1, 1, 2]


def test_a_version_that_knows_fewer_migrations_takes_none_back(core, tmp_path):
    ran: list[int] = []
    app = release(tmp_path, "0.1.0", KEPT)
    update(core, app, counting(ran, 1, 2))
    update(core, app, counting(ran, 1))
    assert (ran, schema(core)) == ([1, 2], 2)


def test_the_numbers_of_the_migrations_have_no_gap():
    numbers = [migration.number for migration in upgrades.known_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_retention_never_forgets_how_far_the_upgrades_are(core, tmp_path):
    update(core, release(tmp_path, "0.1.0", KEPT), upgrades.known_migrations())
    core.later += 500 * 86_400
    retention.run_when_due(core.client(), core.clock)
    kept = {mark["_key"]: mark["value"] for mark in core.documents("responder_marks")}
    assert set(upgrades.KEPT) <= set(kept)
    assert json.loads(kept["shipped_searches"])["searches"] == [KEPT]
