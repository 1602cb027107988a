"""``... | respond action=...`` on the built app: what the alert action of that name does, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.faults import Faults
from sandbox.runner.alerts import Search
from sandbox.world import APP
from spl import SplRejected
from tests.e2e.people import person

OWNER, PLAIN, LOOKS = "olga", "vic", "kim"
ROW = "index=main sourcetype=aws:cloudtrail eventID={}"


@pytest.fixture(scope="module")
def lived_in(worlds: Any, one_version: str) -> Any:
    site = worlds.site(one_version)
    for name, role in ((OWNER, APP), (PLAIN, "user"), (LOOKS, f"{APP}_analyst")):
        person(site.world, name, role)
    return site


@pytest.fixture
def site(lived_in: Any) -> Iterator[Any]:
    lived_in.world.splunkd.requests.clear()
    yield lived_in
    lived_in.world.splunkd.faults = Faults()


def search(site: Any, spl: str, owner: str = OWNER) -> list[dict[str, Any]]:
    return list(site.world.splunkd.search(spl, owner=owner, app=APP).rows)


def opened(site: Any) -> tuple[str, str]:
    """A group that was opened to the world, and the search for its record."""
    row = site.open_ssh()
    return row["object_id"], ROW.format(row["event_ids"][0])


def handed_over(site: Any) -> int:
    return sum(request.path.endswith("/record") for request in site.world.splunkd.requests)


def test_the_rows_of_a_search_are_ticketed_told_and_put_right_once_however_often_it_runs(site: Any) -> None:
    group, rows = opened(site)
    before = len(site.world.jira.issues())
    chain = f"{rows} | respond action=create_ticket | respond action=notify_slack"
    spl = f"{chain} | respond action=remediate playbook=revoke_open_ingress mode=enforce"
    (first,) = search(site, spl)
    assert (first["state"], first["eventName"]) == ("done", "AuthorizeSecurityGroupIngress"), first["message"]
    assert first["task"].startswith(f"{first['case']}.remediate.") and not site.open_to_world(group)
    tasks, messages = len(site.tasks()), len(site.messages())
    (second,) = search(site, spl)
    assert [second[name] for name in ("case", "task", "state")] == [first[name] for name in ("case", "task", "state")]
    assert len(site.world.jira.issues()) == before + 1 and len(site.messages()) == messages
    assert len(site.tasks()) == tasks, "what one respond has answered is no part of the row for the next"
    assert {task["owner"] for task in site.tasks("remediation.run")} == {OWNER}


def test_it_is_the_same_task_as_the_alert_actions(site: Any) -> None:
    row = site.open_ssh()
    contract = " ".join(
        f"| eval {name}={json.dumps(value)}" for name, value in row.items() if isinstance(value, str) and value
    )
    contract += f' | eval event_ids="{row["event_ids"][0]}"'
    (found,) = search(site, f"| makeresults {contract} | respond action=remediate mode=simulate")
    assert found["state"] == "done" and site.open_to_world(row["object_id"])
    (alert,) = site.world.runner.alerts.run(
        "responder_remediate", Search(name="", app=APP, owner=OWNER, rows=[row]), {"mode": "simulate"}
    )
    assert alert.exit_code == 0 and "known=1" in alert.stderr, alert.stderr


def test_it_can_only_lower_what_the_safety_tab_allows(site: Any) -> None:
    world, (group, rows) = site.world, opened(site)
    world.save("settings", "safety", {"default_mode": "simulate", "max_changes_per_run": "20", "kill_switch": "0"})
    try:
        (found,) = search(site, f"{rows} | respond action=remediate playbook=revoke_open_ingress mode=enforce")
    finally:
        world.save("settings", "safety", {"default_mode": "enforce", "max_changes_per_run": "20", "kill_switch": "0"})
    assert found["state"] == "done" and site.open_to_world(group), found["message"]


@pytest.mark.parametrize("user", [PLAIN, LOOKS])
def test_whoever_may_not_hand_findings_over_by_an_alert_may_not_here(site: Any, user: str) -> None:
    tasks = len(site.tasks())
    with pytest.raises(SplRejected, match="cloudtrail_responder_run"):
        search(site, "| makeresults | eval user=1 | respond action=create_ticket", user)
    assert len(site.tasks()) == tasks


@pytest.mark.parametrize(
    ("spl", "said"),
    [
        ("respond", "No action is named. Write action= with one of create_ticket, dispatch"),
        ("respond action=delete_all", "action is 'delete_all'"),
        ("respond action=create_ticket playbook=x", "create_ticket has no parameter playbook. It has jira_site"),
        ("respond action=create_ticket everything=1", "Unrecognized option"),
        ("respond action=create_ticket now", "'now' is no option"),
        ('respond action=create_ticket project="' + "x" * 300 + '"', "longer than 200 characters"),
    ],
)
def test_what_is_not_understood_hands_nothing_over(site: Any, spl: str, said: str) -> None:
    tasks = len(site.tasks())
    with pytest.raises(SplRejected, match=said):
        search(site, f"| makeresults | eval user=1 | {spl}")
    assert len(site.tasks()) == tasks


def test_more_rows_than_reach_an_alert_action_hand_none_over(site: Any) -> None:
    with pytest.raises(SplRejected, match="more than 10,000 rows"):
        search(site, "| makeresults count=10001 | respond action=remediate")
    assert handed_over(site) == 0


def test_a_request_is_for_a_hundred_rows(site: Any) -> None:
    made = '| makeresults count=201 | streamstats count AS n | eval object_id="i-".n, user="u".n'
    rows = search(site, f"{made} | respond action=remediate")
    assert handed_over(site) == 3 and len(rows) == 201
    assert {row["state"] for row in rows} == {"nothing to do"} and [row["n"] for row in rows[:2]] == ["1", "2"]


def test_a_lost_answer_is_asked_for_again_and_one_that_never_comes_is_unknown(site: Any) -> None:
    _, rows = opened(site)
    asked = f"{rows} | respond action=create_ticket"
    before = len(site.world.jira.issues())
    site.world.splunkd.faults.add("reset_after", path="/record")
    (found,) = search(site, asked)
    assert found["task"] and found["state"] in ("recorded", "done", "busy")
    site.world.splunkd.faults.add("reset_after", path="/record", count=2)
    (found,) = search(site, asked)
    assert found["state"] == "unknown" and "recorded once" in found["message"] and found["task"] == ""
    site.world.splunkd.faults = Faults()
    (found,) = search(site, asked)
    assert found["state"] == "done" and len(site.world.jira.issues()) == before + 1


def test_a_preview_hands_nothing_over(site: Any) -> None:
    """splunkd runs none (run_in_preview); whoever asks for one all the same has nothing done by it."""
    host, splunkd = site.world.runner.host, site.world.splunkd
    stanza = host.stanza("commands", "respond", APP)
    info = {
        "args": ["action=create_ticket"], "raw_args": ["action=create_ticket"], "dispatch_dir": str(host.home),
        "sid": "1.2", "app": APP, "owner": OWNER, "username": OWNER, "session_key": splunkd.session_key(OWNER),
        "splunkd_uri": splunkd.uri, "splunk_version": "10.0.0", "search": "", "command": "respond",
        "maxresultrows": 50000, "earliest_time": "0", "latest_time": "0",
    }  # fmt: skip
    frames = [
        ({"action": "getinfo", "preview": True, "searchinfo": info}, ""),
        ({"action": "execute", "finished": True}, "user,object_id\nmallory,i-1\n"),
    ]
    sent = b""
    for about, body in frames:
        head = json.dumps(about).encode()
        sent += b"chunked 1.0,%d,%d\n" % (len(head), len(body)) + head + body.encode()
    process = host.start(host.script_command(APP, stanza.values, "respond.py"))
    out, err = process.communicate(sent, timeout=60)
    assert process.returncode == 0 and b'"type":"events"' in out.replace(b" ", b""), err
    assert b"mallory" not in out and handed_over(site) == 0
