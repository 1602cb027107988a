"""The app itself: rights, worker, queue, breakers, searches, lists, settings."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from health_place import APP, Place, levels, text
from responder.cases import spool
from responder.cases.outages import Outage
from responder.engine.breaker import Marks, Opening
from responder.handlers import ticket_gone
from responder.health import heartbeats
from responder.health.checks import audit_index
from responder.health.checks.lists import lists_of
from responder.health.saved import saved_searches
from responder.settings.reader import Configuration
from responder.splunk.client import Document
from responder.splunk.client import Splunkd as Client

from workbench.detections import compile as compiler
from workbench.detections.model import load

SCHEDULED = (
    '11-28-2026 18:20:00.123 +0000 INFO  SavedSplunker - savedsearch_id="nobody;cloudtrail_responder;{name}", '
    'search_type="scheduled", user="nobody", app="cloudtrail_responder", savedsearch_name="{name}", '
    'priority=default, status={status}, reason="{reason}", scheduled_time=1772600767, window_time=-1'
)

ROOT = Path(__file__).resolve().parents[2]


def scheduled(place: Place, title: str, status: str, reason: str = "") -> None:
    line = SCHEDULED.format(name=f"CloudTrail Responder - {title}", status=status, reason=reason)
    place.index(line, index="_internal", sourcetype="scheduler", source="scheduler.log", time=time.time())


def test_the_shipped_roles_are_complete(place: Place) -> None:
    said = place.ask("Roles")
    assert (
        "Complete: cloudtrail_responder, cloudtrail_responder_analyst, cloudtrail_responder_admin, admin, sc_admin."
        in text(said)
    )
    assert "red" not in levels(said)


def test_a_role_that_lost_a_capability_is_red(place: Place) -> None:
    stanza = {"cloudtrail_responder_approve": "disabled"}
    place.rest("POST", "configs/conf-authorize/role_cloudtrail_responder_analyst", data=stanza)
    (line,) = [line for line in place.ask("Roles") if line.level == "red"]
    assert "cloudtrail_responder_analyst lacks cloudtrail_responder_approve" in line.what


@pytest.mark.parametrize("roles", [["user"], ["cloudtrail_responder"]])
def test_an_owner_who_may_not_run_the_actions_is_red(place: Place, roles: list[str]) -> None:
    who = {"name": "lee", "password": "lee-password-1", "roles": [*roles, "power"]}
    place.rest("POST", "/services/authentication/users", data=who)
    alert = {
        "name": "Own <alert>",
        "search": "index=main",
        "is_scheduled": "1",
        "cron_schedule": "* * * * *",
        "actions": "responder_notify_slack",
    }
    place.rest("POST", "/servicesNS/lee/search/saved/searches", user="lee", data=alert)
    said = place.ask("Roles")
    place.rest("DELETE", "/servicesNS/lee/search/saved/searches/Own%20%3Calert%3E", user="lee")
    if roles == ["user"]:
        (line,) = [line for line in said if line.level == "red"]
        assert "User lee may not run" in line.what and "Own ?alert?" in line.what
    else:
        assert "red" not in levels(said) and "(alerts: 1)" in text(said)


def test_a_worker_that_never_ran_is_red_and_one_that_runs_is_green(place: Place) -> None:
    assert levels(place.ask("Worker")) == ["red"]
    with heartbeats.beating(place.client(), 60):
        assert levels(place.ask("Worker")) == ["green"]
    assert levels(place.ask("Worker")) == ["green"]


def test_a_worker_that_fails_says_why(place: Place) -> None:
    with pytest.raises(RuntimeError):
        with heartbeats.beating(place.client(), 60):
            raise RuntimeError("token xoxb-secret")
    (line,) = place.ask("Worker")
    assert line.level == "red" and "RuntimeError" in line.what and "xoxb" not in line.what


def test_a_worker_that_fell_silent_is_red(place: Place) -> None:
    guid = place.splunkd.guid
    then = time.time() - 3600
    value = json.dumps({"guid": guid, "server": "sh1", "began": then, "ended": then, "interval": 60, "error": ""})
    place.write("responder_marks", _key=f"heartbeat:{guid}", value=value, at=then)
    (line,) = place.ask("Worker")
    assert line.level == "red" and "sh1 was last seen 60 minutes ago" in line.what


def test_each_member_of_a_cluster_needs_a_worker(place: Place) -> None:
    place.splunkd.members = {place.splunkd.guid: "sh1", "0CE3B2F2-5A3E-4C5F-8000-000000000002": "sh2"}
    try:
        with heartbeats.beating(place.client(), 60):
            said = place.ask("Worker")
    finally:
        place.splunkd.members = {}
    assert sorted(levels(said)) == ["green", "red"] and "never run on search head sh2" in text(said)


def test_a_search_head_that_left_is_no_failure(place: Place) -> None:
    then = time.time() - 3600
    value = json.dumps({"guid": "gone", "server": "sh9", "began": then, "ended": then, "interval": 60, "error": ""})
    place.write("responder_marks", _key="heartbeat:gone", value=value, at=then)
    with heartbeats.beating(place.client(), 60):
        pass
    assert sorted(levels(place.ask("Worker"))) == ["amber", "green"]


@pytest.mark.parametrize(("late", "level"), [(5, "green"), (3600, "amber"), (12 * 3600, "red")])
def test_the_oldest_due_task_counts(place: Place, late: float, level: str) -> None:
    now = time.time()
    for number, due in enumerate((now - late, now + 3600)):
        place.write("responder_tasks", _key=f"t{number}", due_at=due, created_at=due, open=1)
    (line,) = place.ask("Queue")
    assert line.level == level and line.what.startswith("Due tasks: 1,")


def test_results_that_could_not_be_handed_over_are_told(place: Place, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))
    assert [line.level for line in place.ask("Spooled results")] == ["green"]
    (tmp_path / "results.csv.gz").write_bytes(b"")
    spool.keep({"action": "create_ticket"}, "pat", str(tmp_path / "results.csv.gz"), 1)
    (kept,) = spool.waiting()
    for late, level in ((60, "green"), (3600, "amber"), (86_400, "red")):
        os.utime(kept.folder, (time.time() - late,) * 2)
        assert [line.level for line in place.ask("Spooled results")] == [level]
    (kept.folder / "request.json").write_text("{")
    (line,) = place.ask("Spooled results")
    assert line.level == "red" and kept.folder.name in line.what and "run the alert again" in line.to_do


def test_what_waits_for_an_approval_is_amber(place: Place) -> None:
    then = time.time() - 10_900
    place.write("responder_tasks", _key="t", waiting_for="approval", created_at=then, open=1, due_at=0)
    assert "wait for an approval: 1, the oldest for 3 hours" in text(place.ask("Queue"))


def test_what_waits_for_a_person_or_was_given_up_is_counted_by_service_with_what_to_do_and_nothing_of_an_event(
    place: Place,
) -> None:
    assert levels(place.ask("Waiting tasks")) == ["green"]
    then = time.time() - 10_900
    ticket = {"kind": "ticket.finding", "service": "jira:main", "created_at": then, "updated_at": then}
    for number in range(2):
        waits = {"state": "waiting", "waiting_for": "person", "open": 1, "message": "Click [[http://evil|here]]"}
        place.write("responder_tasks", _key=f"w{number}", **ticket, **waits)
    place.write("responder_tasks", _key="g", **ticket, state="failed", message="Given up after 3 days: no", open=0)
    own = {**ticket, "kind": "slack.operations", "service": "slack::ops"}
    place.write("responder_tasks", _key="own", **own, state="failed", message="no", open=0)
    many, given_up, unposted = place.ask("Waiting tasks")
    assert (many.level, given_up.level, unposted.level) == ("amber", "red", "amber")
    assert "operations channel that could not be posted: 1." in unposted.what
    assert many.what.startswith("2 tasks of Jira (no usable entry on the setup page) wait for")
    assert "3 hours ago" in many.what
    assert "was given up after three days" in given_up.what
    assert "| respondretry service=jira: state=failed" in given_up.to_do
    assert "evil" not in text([many, given_up])


def test_a_plan_that_nobody_can_answer_because_it_is_damaged_is_red(place: Place) -> None:
    task, now = f"{0:020x}.remediate.{0:016x}", time.time()
    waits = {"state": "waiting", "waiting_for": "approval", "open": 1, "created_at": now, "due_at": now + 7200}
    place.write("responder_tasks", _key=task, kind="remediation.run", case_id="0" * 20, **waits)
    place.write("responder_evidence", _key=f"{task}:plan:x", task=task, kind="planned", version=1, body="{", at=now)
    (line,) = place.ask("Waiting tasks")
    assert line.level == "red" and task in line.what
    assert line.to_do == (
        f"Plan {task}:plan:x is damaged (JSONDecodeError), so nobody can decide about it. "
        "Delete it from the collection responder_evidence, then retry."
    )


def test_an_outage_that_was_reported_is_named(place: Place) -> None:
    now = time.time()
    place.client().save_many("responder_marks", [Outage("jira:main", now - 7300, 214).document(now)])
    (line,) = place.ask("Waiting tasks")
    assert line.level == "amber" and "Jira 'main' has not answered; the outage began 2 hours ago" in line.what


def test_a_service_that_is_left_alone_is_named(place: Place) -> None:
    assert levels(place.ask("Breakers")) == ["green"]
    now = time.time()
    Marks(place.client()).open("jira:main", Opening(1, now + 200, 200, now))
    (line,) = place.ask("Breakers")
    assert line.level == "amber" and line.what.startswith("jira:main did not answer")


def test_how_many_detections_are_on_is_said(place: Place) -> None:
    on = [one for one in saved_searches(place.client()) if one.is_detection and one.is_on]
    assert f"{len(on)} of " in place.ask("Detections")[0].what
    for one in on:
        place.edit(one.title, disabled="1")
    assert levels(place.ask("Detections")) == ["red"]


def test_a_detection_without_its_baseline_is_amber(place: Place) -> None:
    title = "IAM access key used from a new network"
    assert title in {one.title for one in saved_searches(place.client())}
    place.edit(title, disabled="0")
    assert f"On without their baseline search: {title}" in text(place.ask("Detections"))
    place.edit(f"baseline: {title}", disabled="0")
    assert "without their baseline" not in text(place.ask("Detections"))


def test_failed_and_skipped_runs_are_told_from_those_that_succeeded(place: Place) -> None:
    assert levels(place.ask("Schedule")) == ["amber"]
    title = "CloudTrail trail stopped logging"
    scheduled(place, title, "success")
    assert levels(place.ask("Schedule")) == ["green"]
    scheduled(place, title, "skipped", "The maximum number of concurrent searches has been reached")
    scheduled(place, title, "failed")
    said = place.ask("Schedule")
    assert sorted(levels(said)) == ["amber", "green", "red"]
    assert "maximum number" in text(said) and f"were failed: {title}" in text(said)


def test_an_empty_list_that_keeps_a_detection_quiet_is_amber(place: Place) -> None:
    title = "API use from a country that is not allowed"
    names = {one.title: one for one in saved_searches(place.client()) if one.is_detection}
    title = next(title for title, one in names.items() if "responder_allowed_countries" in lists_of(one.description))
    assert levels(place.ask("Lists")) == ["green"]
    place.edit(title, disabled="0")
    (line,) = place.ask("Lists")
    assert line.level == "amber" and "responder_allowed_countries is empty" in line.what and title in line.what
    place.write("responder_allowed_countries", country="Canada")
    assert levels(place.ask("Lists")) == ["green"]


def test_a_list_that_is_missing_is_red_and_the_others_are_still_told_of(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = Client.find

    def without_countries(client: Client, collection: str, query: Mapping[str, Any], **options: Any) -> list[Document]:
        there = "countries.gone" if collection == "responder_allowed_countries" else collection
        return find(client, there, query, **options)

    monkeypatch.setattr(Client, "find", without_countries)
    detections = [one for one in saved_searches(place.client()) if one.is_detection]
    gone, empty = (
        next(one.title for one in detections if lookup in lists_of(one.description))
        for lookup in ("responder_allowed_countries", "responder_bad_domains")
    )
    for title in (gone, empty):
        place.edit(title, disabled="0")
    said = place.ask("Lists")
    assert levels(said) == ["red", "amber"], text(said)
    assert "responder_allowed_countries is not there" in said[0].what and gone in said[0].what
    assert "responder_bad_domains is empty" in said[1].what and empty in said[1].what


def test_what_counts_as_a_detection_is_what_ships_as_one(place: Place) -> None:
    """The weekly report is none, though it is named as they are."""
    names = {one.name for one in saved_searches(place.client()) if one.is_detection}
    assert names == {compiler.name_of(detection) for detection in load(ROOT / "detections")}


def test_a_users_private_search_is_no_detection_whatever_its_name(place: Place) -> None:
    before = text(place.ask("Lists", "Detections"))
    place.splunkd.access.add_user("lee", "lee-password-1", ["cloudtrail_responder"])
    search = {
        "name": "CloudTrail Responder - <b>Everything is fine</b>",
        "search": "| makeresults",
        "is_scheduled": "1",
        "cron_schedule": "0 0 * * *",
        "description": "Quiet while the lookup responder_gone is empty.",
    }
    place.rest("POST", f"/servicesNS/lee/{APP}/saved/searches", user="lee", data=search)
    said = text(place.ask("Lists", "Detections"))
    path = "CloudTrail%20Responder%20-%20%3Cb%3EEverything%20is%20fine%3C%2Fb%3E"
    place.rest("DELETE", f"/servicesNS/lee/{APP}/saved/searches/{path}", user="lee")
    assert said == before


def test_a_title_that_an_administrator_gave_brings_no_markup(place: Place) -> None:
    search = {
        "name": "CloudTrail Responder - <b>Ours</b>",
        "search": "| makeresults",
        "is_scheduled": "1",
        "cron_schedule": "0 0 * * *",
        "description": "Quiet while the lookup responder_bad_domains is empty.",
    }
    place.rest("POST", "saved/searches", data=search)
    shared = "saved/searches/CloudTrail%20Responder%20-%20%3Cb%3EOurs%3C%2Fb%3E/acl"
    place.rest("POST", shared, data={"sharing": "app", "owner": "nobody"})
    said = text(place.ask("Lists", "Detections"))
    assert said.count("?b?Ours?/b?") == 2 and "<" not in said, said


def test_every_detection_that_says_that_a_list_keeps_it_quiet_is_known(place: Place) -> None:
    """What the check goes by is a sentence in the description: both must keep meaning the same lists."""
    found: dict[str, set[str]] = {}
    for one in saved_searches(place.client()):
        for lookup in lists_of(one.description) if one.is_detection else ():
            found.setdefault(lookup, set()).add(one.title)
    lists = (
        "allowed_countries",
        "allowed_networks",
        "expected_regions",
        "bad_networks",
        "bad_domains",
        "own_principals",
    )
    assert set(found) == {f"responder_{name}" for name in lists}


def test_an_audit_event_is_written_and_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_index, "PAUSES", (0.01,))
    assert levels(place.ask("Audit index")) == ["green"]
    place.macro("cloudtrail_responder_audit_index", "index=summary")
    (line,) = place.ask("Audit index")
    assert line.level == "amber" and "cloudtrail_responder_audit_index does not find it" in line.what


def test_an_audit_index_that_is_missing_is_red(place: Place) -> None:
    place.save("settings", "general", audit_index="nowhere")
    (line,) = place.ask("Audit index")
    assert line.level == "red" and "nowhere" in line.what


def test_a_setting_that_cannot_be_read_is_red(place: Place) -> None:
    assert "Settings are readable" in text(place.ask("Settings"))
    place.save("settings", "safety", default_mode="yes")
    said = place.ask("Settings")
    assert levels(said) == ["red"] and "Default mode" in text(said)


def test_the_kill_switch_is_amber(place: Place) -> None:
    place.save("settings", "safety", kill_switch="1")
    assert "amber Settings: The kill switch is on" in text(place.ask("Settings"))


def test_a_wrong_clock_is_told(place: Place) -> None:
    assert levels(place.ask("Clocks")) == ["green"]
    place.splunkd.clock_skew = 600.0
    try:
        # A client of its own: clocks are known by address.
        (line,) = place.ask("Clocks")
    finally:
        place.splunkd.clock_skew = 0.0
    assert line.level == "red" and "10 minutes behind" in line.what


def test_nothing_is_set_up_yet(place: Place) -> None:
    assert levels(place.ask("AWS accounts", "Jira sites", "Slack workspaces")) == ["amber"] * 3


def test_each_notifier_is_one_that_can_be_used(place: Place) -> None:
    assert levels(place.ask("Notifiers")) == ["green"]
    place.save("notifier", "soc", type="teams")
    place.save("notifier", "soar", type="carrier_pigeon")
    for entry in ("soc", "soar"):
        _secret(place, "notifier", entry, webhook_url="https://flow.example.com/x?sig=hush")
    soar, soc = place.ask("Notifiers")
    assert (soc.level, soar.level) == ("green", "red")
    assert "Microsoft Teams" in soc.what and "carrier_pigeon" in soar.what and "hush" not in f"{soar} {soc}"


def test_clicks_are_lost_where_no_search_head_listens(place: Place) -> None:
    assert levels(place.ask("Slack answers")) == ["green"]
    place.save("slack_workspace", "soc", auth_type="bot", answerers="U0ALICE001")
    _secret(place, "slack_workspace", "soc", bot_token="xoxb-x", app_token="xapp-x")
    (line,) = place.ask("Slack answers")
    assert line.level == "red" and "clicks are lost" in line.what
    client = place.client()
    client.insert("responder_marks", {"_key": "share:socket:soc", "value": "x", "at": client.now()})
    left = {"_key": "soc:e1", "way": "slack", "workspace": "soc", "verb": "approve", "user": "U0ALICE001", "open": 1}
    client.insert("responder_answers", {**left, "at": client.now() - 300, "due_at": client.now()})
    assert levels(place.ask("Slack answers")) == ["green", "amber"]


def test_tickets_that_were_deleted_lately_are_named(place: Place) -> None:
    assert levels(place.ask("Deleted tickets")) == ["green"]
    client = place.client()
    now = client.now()
    base = {"opened_at": now - 86_400, "ticket_status": ticket_gone.DELETED}
    client.save_many(
        "responder_cases",
        [
            {**base, "_key": "d1", "ticket": "SEC-4|`x`", "ticket_closed_at": now - 3_600},
            {**base, "_key": "d2", "ticket": "SEC-5", "ticket_closed_at": now - 8 * 86_400},
            {**base, "_key": "d3", "ticket": "SEC-6", "ticket_closed_at": now, "ticket_status": "Done"},
        ],
    )
    (line,) = place.ask("Deleted tickets")
    assert line.level == "amber" and "SEC-4" in line.what and not any(one in line.what for one in ("-5", "-6", "`"))
    client.delete_where("responder_cases", {"_key": {"$gte": "d1", "$lte": "d3"}})


def test_a_site_that_is_not_read_hears_nobody(place: Place) -> None:
    assert levels(place.ask("Jira answers")) == ["green"]
    site = {"deployment": "cloud", "url": "https://example.atlassian.net", "email": "a@example.com"}
    place.save("jira_site", "soc", **site, answerers="kim@example.com")
    _secret(place, "jira_site", "soc", api_token="x")
    (line,) = place.ask("Jira answers")
    assert line.level == "red" and "was not read" in line.what
    client = place.client()
    client.insert("responder_marks", {"_key": "jira:soc", "value": "{}", "at": client.now()})
    left = {"_key": "soc:1:c1", "way": "jira", "workspace": "soc", "verb": "approve", "user": "kim", "open": 1}
    client.insert("responder_answers", {**left, "at": client.now() - 300, "due_at": client.now()})
    assert levels(place.ask("Jira answers")) == ["green", "amber"]
    place.rest("POST", "configs/conf-cloudtrail_responder_jira_site/soc", data={"answerers": "kim"})
    assert levels(place.ask("Jira answers")) == ["red", "green"], "an account ID, or an address"



def test_a_site_that_does_not_answer_is_a_line_of_its_own(place: Place) -> None:
    secret = uuid.uuid4().hex
    place.save("jira_site", "dead", deployment="cloud", url="http://127.0.0.1:9", email="a@example.com")
    _secret(place, "jira_site", "dead", api_token=secret)
    place.save("jira_site", "unfinished", deployment="cloud", url="http://127.0.0.1:9", email="a@example.com")
    said = place.ask("Jira sites")
    assert levels(said) == ["amber", "red"] and "cannot be reached" in text(said) and "no token" in text(said)
    assert secret not in text(said)


def test_of_hundreds_of_accounts_all_are_read_and_those_that_are_not_tested_are_told(place: Place) -> None:
    written = "[account_{0:03}]\naccount_id = {0:012}\nauth_type = access_key\naccess_key_id = AKIA{0:016}\n"
    local = place.splunkd.home / "etc" / "apps" / APP / "local" / f"{APP}_aws_account.conf"
    local.parent.mkdir(exist_ok=True)
    local.write_text("\n".join(written.format(number) for number in range(400)), encoding="utf-8")
    place.rest("POST", f"configs/conf-{APP}_aws_account/_reload")
    _secret(place, "aws_account", "account_399", secret_access_key="of the last")
    configuration = Configuration(place.client())
    entries = configuration.aws_entries()
    assert len(entries) == 400
    (last,) = [entry.template for entry in entries if "000000000399" in entry.named_accounts]
    assert (last.name, last.secret_access_key.reveal()) == ("account_399", "of the last")
    *tested, rest = place.ask("AWS accounts")
    assert len(tested) == 50 and levels(tested) == ["red"] * 50
    assert rest.level == "amber" and "350 of 400 were not tested" in rest.what


def _secret(place: Place, file: str, stanza: str, **fields: str) -> None:
    realm, name = f"__REST_CREDENTIAL__#cloudtrail_responder#configs/conf-cloudtrail_responder_{file}", stanza
    form = {"realm": realm, "name": f"{name}``splunk_cred_sep``1", "password": json.dumps(fields)}
    place.rest("POST", "storage/passwords", data=form)
