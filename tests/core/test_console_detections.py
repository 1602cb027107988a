"""Detections at the endpoints of the console: what is shown of them, who may switch them, and what the audit has."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from core_findings import finding
from responder.documents import runbooks
from responder.findings import shipped
from responder.health.spl_reads import lookups_of, macros_of
from responder.splunk.cron import runs_an_hour

from sandbox.faults import Faults

TRAIL, KEYS = "trail_logging_stopped", "access_key_used_from_new_network"
TICKET, SLACK, REMEDIATE = "responder_create_ticket", "responder_notify_slack", "responder_remediate"


@pytest.fixture(autouse=True)
def as_built(app_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that the build writes; the code runs from its sources."""
    folder = app_dir / "bin" / "responder"
    monkeypatch.setattr(shipped, "FILE", folder / "findings" / "shipped.json")
    monkeypatch.setattr(shipped, "DETAILS", folder / "findings" / "shipped_details.json")
    monkeypatch.setattr(shipped, "_read", shipped._read.__wrapped__)
    monkeypatch.setattr(runbooks, "FILE", folder / "documents" / "runbooks.json")
    monkeypatch.setattr(runbooks, "_known", runbooks._known.__wrapped__)


def ask(core: Any, name: str, user: str = "", **body: Any) -> tuple[int, dict[str, Any]]:
    """As somebody in a session of their own; the administrator unless named."""
    user = user or core.splunkd.admin[0]
    session = {"user": user, "authtoken": core.splunkd.session_key(user)}
    return core.post(name, body, user=user, session=session)  # type: ignore[no-any-return]


def shown(core: Any, detection: str, user: str = "") -> dict[str, Any]:
    status, answer = ask(core, "detections", user)
    assert status == 200, answer
    return next(one for one in answer["detections"] if one["detection"] == detection)


def saved(core: Any, name: str) -> dict[str, Any]:
    path = f"saved/searches/{quote(name, safe='')}"
    return dict(core.client().get_json(path, {"output_mode": "json"})["entry"][0]["content"])


def audited(core: Any) -> list[dict[str, str]]:
    spl = 'search index=main sourcetype="cloudtrail_responder:audit" step=detection_changed | sort 0 time'
    return [dict(row) for row in core.splunkd.search(f"{spl} | table by signature_id search_name after.*").rows]


def test_each_detection_is_shown_as_it_stands_with_its_cost_and_what_answers_it(core: Any) -> None:
    status, answer = ask(core, "detections")
    assert status == 200 and answer["may_change"] and answer["missing"] == []
    assert {one["detection"] for one in answer["detections"]} == set(shipped.detections())
    trail = shown(core, TRAIL)
    assert trail["is_on"] and trail["actions"] == [] and trail["baseline"] == "" and trail["owner"] == "nobody"
    known = {one.id: one.runs_an_hour for one in shipped.detections().values()}
    assert {one["detection"]: one["runs_an_hour"] for one in answer["detections"]} == known
    assert shown(core, KEYS)["baseline"] == "off"
    assert answer["packs"][0]["pack"] == "essential"
    techniques = {one["technique"]: (one["name"], tuple(one["tactics"])) for one in answer["techniques"]}
    assert techniques["T1562"] == ("Impair Defenses (until v18)", ("Defense Impairment",))
    assert {one["action"] for one in answer["actions"]} >= {TICKET, SLACK, REMEDIATE}


@pytest.mark.extended
def test_an_administrator_switches_several_with_baseline_and_response_and_the_audit_names_each(core: Any) -> None:
    actions = {TICKET: True, REMEDIATE: {"mode": "approve"}}
    status, answer = ask(core, "detections_change", detections=[TRAIL, KEYS], on=True, actions=actions)
    assert (status, answer) == (200, {"changed": [TRAIL, KEYS], "unchanged": [], "refused": []})
    keys = shown(core, KEYS)
    assert keys["is_on"] and keys["baseline"] == "on"
    assert [(one["action"], one["mode"]) for one in keys["actions"]] == [(TICKET, ""), (REMEDIATE, "approve")]
    assert saved(core, shipped.detections()[KEYS].baseline_name)["actions"] == "", "a baseline answers nothing"
    told = audited(core)
    assert [one["signature_id"] for one in told] == [TRAIL, KEYS, KEYS] and {one["by"] for one in told} == {"admin"}
    assert told[0]["after.actions"] == f"{TICKET},{REMEDIATE}" and told[1]["after.disabled"] == "0"
    again = ask(core, "detections_change", detections=[TRAIL, KEYS], on=True, actions=actions)[1]
    assert again["unchanged"] == [TRAIL, KEYS] and len(audited(core)) == 3, "what is so already is left alone"

    off = ask(core, "detections_change", detections=[KEYS], on=False, actions={REMEDIATE: False})[1]
    assert off["changed"] == [KEYS]
    keys = shown(core, KEYS)
    assert not keys["is_on"] and keys["baseline"] == "off" and [one["action"] for one in keys["actions"]] == [TICKET]


def test_an_action_of_another_app_stays_where_ours_are_changed(core: Any) -> None:
    path = f"saved/searches/{quote(shipped.detections()[TRAIL].search_name, safe='')}"
    form = "application/x-www-form-urlencoded"
    core.client().request("POST", path, body=b"actions=email%2Cresponder_notify_slack", content_type=form)
    assert ask(core, "detections_change", detections=[TRAIL], actions={TICKET: True, SLACK: False})[1]["changed"]
    assert [one["action"] for one in shown(core, TRAIL)["actions"]] == [TICKET, "email"]


def test_who_may_not_write_the_searches_changes_nothing_and_is_told_so(core: Any) -> None:
    core.user("kim", "cloudtrail_responder_analyst")
    core.user("lee", "cloudtrail_responder_admin")
    for user in ("kim", "lee"):
        assert not ask(core, "detections", user)[1]["may_change"]
        status, answer = ask(core, "detections_change", user, detections=[TRAIL], on=False)
        assert status == 403 and "admin or sc_admin" in answer["error"]
    assert shown(core, TRAIL)["is_on"] and audited(core) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"detections": [TRAIL]}, "Nothing is to be changed"),
        ({"detections": [], "on": True}, "No detection is named"),
        ({"detections": [TRAIL, "x|delete"], "on": True}, "no detection 'x|delete'"),
        ({"detections": [TRAIL], "on": "yes"}, "neither true nor false"),
        ({"detections": [TRAIL], "actions": {"email": True}}, "the app's alert actions"),
        ({"detections": [TRAIL], "actions": {TICKET: {"mode": "enforce"}}}, "nor a mode"),
        ({"detections": [TRAIL], "actions": {REMEDIATE: {"mode": "all"}}}, "nor a mode"),
    ],
)
def test_what_cannot_be_asked_for_changes_nothing(core: Any, body: dict[str, Any], says: str) -> None:
    status, answer = ask(core, "detections_change", **body)
    assert status == 400 and says in answer["error"] and audited(core) == []


def test_one_that_was_removed_is_named_and_the_others_are_switched(core: Any) -> None:
    gone = f"saved/searches/{quote(shipped.detections()[TRAIL].search_name, safe='')}"
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", path=gone.rpartition("/")[2], status=404, count=2)
    answer = ask(core, "detections_change", detections=["trail_deleted", TRAIL], on=False)[1]
    assert answer["changed"] == ["trail_deleted"] and answer["refused"][0]["detection"] == TRAIL


def test_what_was_raised_in_30_days_is_counted_by_detection(core: Any) -> None:
    one, at = shipped.detections()[TRAIL], time.time()
    for ended, results, seconds in (("success", 2, 1.5), ("success", 0, 0.5), ("skipped", 0, 0), ("continued", 9, 9)):
        line = (
            f'INFO SavedSplunker - savedsearch_name="{one.search_name}", app="cloudtrail_responder", '
            f"status={ended}, result_count={results}, run_time={seconds}"
        )
        core.splunkd.add_event(line, index="_internal", sourcetype="scheduler", source="s", time=at)
    keys = shipped.detections()["iam_access_key_created"].search_name
    for name, seconds in ((keys, 4.0), ("CloudTrail Responder - Access key created", 1.0)):
        line = f'INFO SavedSplunker - savedsearch_name="{name}", app="cloudtrail_responder", status=success'
        line += f", result_count=1, run_time={seconds}"
        core.splunkd.add_event(line, index="_internal", sourcetype="scheduler", source="s", time=at)
    core.record(finding(1))
    status, answer = ask(core, "detection_activity")
    assert status == 200 and answer["has_log"], answer
    renamed, trail = answer["detections"]
    assert renamed["detection"] == "iam_access_key_created"
    assert (renamed["runs"], renamed["results"], renamed["seconds"]) == (2, 2, 2.5)
    assert (trail["detection"], trail["runs"], trail["results"], trail["failed"]) == (TRAIL, 2, 2, 1)
    assert trail["seconds"] == 1.0 and trail["last_run"] == pytest.approx(at, abs=1)


def test_one_detection_is_shown_with_what_tunes_it_and_what_excepts_from_it(core: Any) -> None:
    entry = {"principal": "arn:aws:iam::111122223333:role/backup", "reason": "nightly", "owner": "ana"}
    for detection in (TRAIL, "trail_*", "root_console_login", ""):
        body = {"list": "responder_allowed_principals", "entry": {**entry, "detection": detection}}
        assert core.post("list_entry", body, user="root")[0] == 200
    core.user("kim", "cloudtrail_responder_analyst")
    status, answer = ask(core, "detection", "kim", detection=TRAIL)
    assert status == 200 and not answer["may_change"], answer
    assert "StopLogging" in answer["spl"] and answer["runbook"] and answer["blind_spots"] and answer["references"]
    assert "StopLogging" in answer["sample"] and answer["sample_why"]
    assert {one["name"] for one in answer["macros"]} == {"cloudtrail_index", f"{TRAIL}_filter"}
    read = {one["lookup"]: one["entries"] for one in answer["lists"]}
    assert read["responder_allowed_principals"] == 4 and "responder_automation_roles" in read
    assert len(answer["exceptions"]) == 2, "its own, and that of all about trails"
    assert "Essential 20" in answer["packs"]
    bursts = ask(core, "detection", detection="many_secrets_read")[1]
    assert "new_in_slice" in bursts["spl"] and "new_in_slice" not in bursts["trial"]
    assert ask(core, "detection", detection="no\nsuch")[0] == 404


def test_macros_and_lookups_are_found_through_other_macros() -> None:
    macros = {"a": "search `b(1, 2)`", "b(2)": "lookup local=true people id | inputlookup append=t own | `a`"}
    assert macros_of("index=x | `a` | `unknown`", macros) == ["a", "b(2)"]
    assert lookups_of("index=x | `a`", macros) == ["own", "people"]


@pytest.mark.parametrize(
    ("cron", "runs"),
    [
        ("3-59/15 * * * *", 4),
        ("12 * * * *", 1),
        ("*/5 * * * *", 12),
        ("7 1-23/2 * * *", 0.5),
        ("5/20 * * * *", 3),
        ("0 0 * * 0", round(1 / 24 / 7, 4)),
        ("0,30 * * * 7", round(2 / 7, 4)),
        ("* * * *", 0),
        ("x * * * *", 0),
        ("*/0 * * * *", 0),
    ],
)
def test_how_often_a_schedule_runs(cron: str, runs: float) -> None:
    assert runs_an_hour(cron) == runs
