"""Attacks on the core: each of these was possible once."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from core_findings import finding
from responder.cases import spool
from responder.cases.keys import TaskKey
from responder.cases.states import State
from responder.errors import NeedsApproval, ResponderError, UnknownOutcome
from responder.inputs import worker
from responder.remediation import runner
from responder.remediation.outcome import Outcome
from responder.splunk.client import Splunkd as Client


@pytest.fixture(autouse=True)
def same_services(core, monkeypatch):
    monkeypatch.setattr(worker, "Services", lambda: core.services)


def rows(*findings: Any) -> list[dict[str, Any]]:
    found = []
    for number, one in enumerate(findings, 1):
        row = {name: value for name, value in one.to_dict().items() if value not in ("", (), {}, 0.0)}
        row["event_ids"], row["event_count"] = list(one.event_ids), str(one.event_count)
        if one.detail:
            row["detail"] = json.dumps(dict(one.detail))
        found.append({"number": number, "row": row})
    return found


def hand_over(core: Any, user: str, what: Any, name: str = "create_ticket", **parameters: str) -> dict[str, Any]:
    alert = {"search_name": "Alert", "app": "a", "sid": "1"}
    body = {"action": name, "parameters": parameters, "rows": rows(what), **alert}
    status, answer = core.post("record", body, user)
    assert status == 200
    return answer["rows"][0]


# -- exactly once ------------------------------------------------------------------------------------------------


def test_a_process_killed_after_it_repeats_what_was_not_found_creates_no_second_ticket(core, monkeypatch):
    """The look-up finds nothing, the same turn sends again, and the process is killed after the effect."""
    core.jira.errors = [(UnknownOutcome("No answer."), False)]
    key = core.record()
    assert core.run(key)[0].state == "unknown"
    core.later = 61

    def killed() -> None:
        # From here on nothing of this process reaches the KV store.
        monkeypatch.setattr(Client, "replace", _dead)
        monkeypatch.setattr(Client, "submit", _dead)

    core.jira.stopped = [killed]
    core.run(key)
    assert len(core.jira.created) == 1
    monkeypatch.undo()
    core.later = 61 + 400
    core.run(key)
    core.later = 61 + 1000
    core.run(key)
    assert len(core.jira.created) == 1


def _dead(*_: Any, **__: Any) -> None:
    from responder.errors import Unavailable

    raise Unavailable("killed")


def test_a_task_that_cannot_even_report_its_failure_ends_and_blocks_nobody(core):
    """A remediation without its finding fails, and so does the report of the failure."""
    damaged = core.record(finding(1, "event-1"), "remediate", parameters={"playbook": ""}, playbook="some_playbook")
    document = {**core.client().fetch("responder_tasks", damaged), "finding": "", "created_at": 1.0}
    core.write("responder_tasks", document)
    core.work()
    assert core.task(damaged).state is State.FAILED


def test_a_setting_that_is_saved_while_a_lane_is_busy_still_takes_effect(core):
    key = core.record()
    worker.run_once(core.client(), core.clock)
    done = core.client().fetch("responder_tasks", core.record(finding(2)))
    failed = {**done, "state": "failed", "open": 0, "due_at": 0, "updated_at": core.clock(), "attempts": 1}
    core.write("responder_tasks", failed)
    turn = core.next_turn(TaskKey.parse(failed["_key"]).lane)
    core.save("slack_workspace", "another", auth_type="bot", default_channel="x")
    worker.run_once(core.client(), core.clock)
    turn.release()
    worker.run_once(core.client(), core.clock)
    assert core.task(key).state is State.DONE
    assert core.task(failed["_key"]).attempts != 1 or core.task(failed["_key"]).state is not State.FAILED


# -- spool -------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(core, tmp_path, monkeypatch):
    """Keeps results of user admin in the spool, as an alert action does."""
    import gzip

    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path / "home"))
    path = tmp_path / "results.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("signature_id,dedup_key,event_ids,severity\nsome_detection,key-9,event-9,low\n")

    def keep(name: str = "create_ticket") -> None:
        handover = {"action": name, "parameters": {"project": "SEC"}, "search_name": "A", "app": "a", "sid": "1"}
        spool.keep(handover, "admin", str(path), 1)

    return keep


def test_a_spooled_run_of_an_unknown_action_does_not_stop_the_worker(core, kept):
    kept("nothing_of_the_kind")
    key = core.record()
    worker.run_once(core.client(), core.clock)
    assert core.task(key).state is State.DONE


@pytest.mark.parametrize("field", ["app", "sid", "search_name", "action", "parameters"])
def test_a_spooled_run_that_is_half_written_does_not_stop_the_worker(core, kept, field):
    kept()
    (path,) = spool.folder().glob("*/request.json")
    request = json.loads(path.read_text())
    del request["handover"][field]
    path.write_text(json.dumps(request))
    key = core.record()
    worker.run_once(core.client(), core.clock)
    assert core.task(key).state is State.DONE


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_the_kv_store_does_not_take_now_stays_in_the_spool(core, kept, monkeypatch, status):
    kept()
    request = Client.request

    def refuse(self: Any, method: str, path: str, *arguments: Any, **more: Any) -> Any:
        if method == "POST" and path.endswith("/responder_tasks"):
            return status, b"{}"
        return request(self, method, path, *arguments, **more)

    monkeypatch.setattr(Client, "request", refuse)
    with contextlib.suppress(ResponderError):
        worker.run_once(core.client(), core.clock)
    monkeypatch.setattr(Client, "request", request)
    worker.run_once(core.client(), core.clock)
    assert core.jira.created or core.tasks()


# -- nobody overruled --------------------------------------------------------------------------------------------


def test_nobody_takes_the_place_of_a_finding_by_handing_the_same_events_over_first(core):
    """The key of a task does not say what the finding says: who is first decides what is done."""
    real = finding(1, "event-1", severity="critical", access_key_id="AKIAREAL000000000000")
    fake = replace(real, severity="informational", access_key_id="AKIAOTHER00000000000", signature="Nothing at all")
    hand_over(core, "mallory", fake, "remediate", playbook="deactivate_access_key")
    mine = hand_over(core, "pat", real, "remediate", playbook="deactivate_access_key")
    task = core.task(mine["task"])
    assert task.finding.access_key_id == real.access_key_id and task.owner == "pat"


def test_two_resources_of_one_event_are_both_remediated(core, monkeypatch):
    """No attacker at all: one CloudTrail event, two rows."""
    done: list[str] = []

    def run(request: Any, ports: Any) -> Outcome:
        done.append(request.finding.object_id)
        return Outcome(request.playbook, "enforce", "done", "ok")

    monkeypatch.setattr(runner, "run", run)
    for group in ("sg-1", "sg-2"):
        core.ask(finding(1, "event-1", object_id=group), "remediate", playbook="revoke_open_ingress")
    assert done == ["sg-1", "sg-2"]


def test_nobody_keeps_a_remediation_from_being_done_by_one_that_had_nothing_to_do(core, monkeypatch):
    """Mallory's finding names the same events, one more, and a resource that is right already."""
    done: list[str] = []

    def run(request: Any, ports: Any) -> Outcome:
        done.append(request.finding.object_id)
        return Outcome(request.playbook, "enforce", "already" if request.finding.object_id == "sg-1" else "done", "ok")

    monkeypatch.setattr(runner, "run", run)
    planted = hand_over(
        core, "mallory", finding(1, "event-1", "x", object_id="sg-1"), "remediate", playbook="revoke_open_ingress"
    )
    core.post("execute", {"tasks": [planted["task"]]}, "mallory")
    mine = hand_over(core, "pat", finding(1, "event-1", object_id="sg-2"), "remediate", playbook="revoke_open_ingress")
    core.post("execute", {"tasks": [mine["task"]]}, "pat")
    assert done == ["sg-1", "sg-2"]


def test_nobody_makes_an_older_request_of_somebody_else_the_newest(core):
    core.jira.projects = {"NEW"}
    old = hand_over(core, "pat", finding(1, "event-1"), project="OLD")["task"]
    core.post("execute", {"tasks": [old]}, "pat")
    new = hand_over(core, "pat", finding(1, "event-2"), project="NEW")["task"]
    core.post("execute", {"tasks": [old]}, "mallory")
    core.later = 4000
    core.work()
    assert core.task(new).state is State.DONE


def test_nobody_puts_the_next_attempt_of_somebody_else_off_or_reads_his_messages(core):
    from responder.errors import Unavailable

    core.jira.errors = [(Unavailable("Jira is away."), False)] * 9
    key = hand_over(core, "pat", finding(1, "event-1"), project="SEC")["task"]
    core.post("execute", {"tasks": [key]}, "pat")
    for _ in range(7):
        _, answer = core.post("execute", {"tasks": [key]}, "mallory")
    assert core.task(key).attempts == 1
    assert "Jira is away" not in json.dumps(answer)


def test_nobody_hides_a_finding_by_reporting_its_events_as_harmless(core):
    core.post("execute", {"tasks": [hand_over(
        core, "mallory", finding(1, "event-1", severity="informational", signature="A test"), project="SEC", labels="x"
    )["task"]]}, "mallory")
    mine = hand_over(core, "pat", finding(1, "event-1", severity="critical", signature="Root key used"), project="SEC")
    core.post("execute", {"tasks": [mine["task"]]}, "pat")
    assert len(core.jira.created) + len(core.jira.comments) == 2


@pytest.mark.parametrize("name", ["create_ticket", "notify_slack"])
def test_nobody_speaks_for_another_whose_findings_wait_with_theirs(core, name):
    """Both ask in the same way, and both wait: a digest is of one owner's findings, in his own words."""
    parameters = {"project": "SEC"} if name == "create_ticket" else {}
    core.ask(finding(1, "event-0"), name)
    wanted = {"pat": ("event-1", "Root key used", 1.0), "mallory": ("event-2", "Nothing of note", 2.0)}
    keys = {
        user: hand_over(core, user, finding(1, event, signature=words, first_time=at, last_time=at), name, **parameters)
        for user, (event, words, at) in wanted.items()
    }
    core.post("execute", {"tasks": [keys["pat"]["task"]]}, "pat")
    core.post("execute", {"tasks": [keys["mallory"]["task"]]}, "mallory")
    said = core.jira.texts if name == "create_ticket" else core.slack.texts[1:]
    assert [("event-1" in text, "event-2" in text) for text in said] == [(True, False), (False, True)]


# -- told ---------------------------------------------------------------------------------------------------------


def test_what_waits_for_approval_once_more_is_reported_once_more(core, monkeypatch):
    core.ask(finding(1, "event-1"), "notify_slack")
    asks = iter(["a", "b"])
    monkeypatch.setattr(runner, "run", lambda *_: (_ for _ in ()).throw(NeedsApproval("The mode is approve.")))
    monkeypatch.setattr(
        runner, "failed", lambda *_, **__: Outcome("p", "approve", "waiting", "waits", (), "plan", ask=next(asks))
    )
    key = core.record(finding(1, "event-1"), "remediate", playbook="revoke_open_ingress")
    core.run(key)
    before = len(core.slack.texts)
    core.run(key)
    assert before == 2 and len(core.slack.texts) == 3
