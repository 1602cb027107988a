"""What is attached to a ticket: its finding with the records that its owner may have, and each plan and evidence."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from core_findings import finding
from responder.cases.recording import Recorder
from responder.cases.task import Alert
from responder.documents import text
from responder.errors import Curable, Forbidden, NotPermitted, ResponderError, Unavailable, UnknownOutcome
from responder.findings.finding import Finding
from responder.handlers import ticket_files
from responder.handlers.action import action
from responder.handlers.registry import requested
from responder.handlers.ticket_files import MAX_BYTES
from responder.remediation import runner
from responder.remediation.outcome import Outcome
from responder.splunk.users import SYSTEM

from tests.cloudtrail_records import stopped_trail

EVENT, OTHER = "11111111-2222-4333-8444-000000000001", "11111111-2222-4333-8444-000000000002"
THEN = 1_789_000_000.0
STATES = {"before": {"Status": "Active"}, "after": {"Status": "Inactive"}}
CHANGE = {"resource": "AKIA", "summary": "Deactivate it.", **STATES}


def about(*events: str, **more: Any) -> Finding:
    known = {"severity": "high", "first_time": THEN, "last_time": THEN}
    return finding(1, *(events or (EVENT,)), **{**known, **more})


def ask_as(core: Any, owner: str, what: Finding) -> None:
    """A run of an alert of somebody's opens a ticket."""
    wanted = requested(action("create_ticket"), what, {"project": "SEC"})
    assert wanted is not None
    key = Recorder(core.client(), Alert("Alert"), owner, "run-1").record(what, wanted)[0]
    (report,) = core.run(key)
    assert report.state == "done", report


def index(core: Any, *events: str) -> None:
    records = [json.dumps(stopped_trail("mallory", THEN, eventID=event)) for event in events]
    core.splunkd.add_events(records, index="main", sourcetype="aws:cloudtrail", time=THEN)


def later(core: Any) -> None:
    core.later += 60
    core.work()


def files(core: Any, kind: str) -> list[dict[str, Any]]:
    """What the attached files of a kind hold, by their names."""
    return [json.loads(content) for (_, name), content in core.jira.files.items() if name.startswith(f"{kind}-")]


def test_the_system_attaches_the_finding_with_its_records(core: Any) -> None:
    index(core, EVENT, OTHER)
    ask_as(core, SYSTEM, about(EVENT))
    assert core.jira.files == {}, "the alert does not wait for it"
    later(core)
    (held,) = files(core, "records")
    assert held["finding"]["signature_id"] == "some_detection"
    assert [record["eventID"] for record in held["records"]] == [EVENT]
    assert "file_attached" in core.steps()


def test_nobody_reads_by_a_ticket_what_he_may_not_search_for(core: Any) -> None:
    index(core, EVENT)
    core.user("pat", "cloudtrail_responder")
    ask_as(core, "pat", about(EVENT))
    later(core)
    (held,) = files(core, "records")
    assert held["records"] == [] and held["finding"]["event_ids"] == [EVENT]


def test_who_administers_the_app_has_the_records_attached(core: Any) -> None:
    index(core, EVENT)
    core.user("ada", "cloudtrail_responder_admin")
    ask_as(core, "ada", about(EVENT))
    later(core)
    assert [record["eventID"] for record in files(core, "records")[0]["records"]] == [EVENT]


def said(core: Any) -> str:
    """The description of the one ticket."""
    (new,) = core.jira.created
    return str(text.render(new.document))


def test_the_ticket_shows_the_record_that_its_file_has(core: Any) -> None:
    index(core, EVENT)
    ask_as(core, SYSTEM, about(EVENT))
    assert '"eventName": "StopLogging"' in said(core) and "The attached JSON file has it whole" in said(core)


def test_a_ticket_shows_no_record_to_whom_its_owner_could_not(core: Any) -> None:
    index(core, EVENT)
    core.user("pat", "cloudtrail_responder")
    ask_as(core, "pat", about(EVENT))
    assert "StopLogging" not in said(core)


@pytest.mark.parametrize("chosen", ["never", ""])
def test_without_a_file_or_a_search_the_ticket_is_opened_without_it(
    core: Any, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    index(core, EVENT)
    core.save("settings", "general", ticket_files=chosen)

    def busy(*_: Any, **__: Any) -> Any:
        raise Unavailable("Splunk cannot search now.", "Look into splunkd.log.")

    monkeypatch.setattr(ticket_files, "raw_records", busy)
    ask_as(core, SYSTEM, about(EVENT))
    assert EVENT in said(core) and "StopLogging" not in said(core)


def test_a_file_has_a_name_of_our_own_ids_only_and_is_attached_once(core: Any) -> None:
    ask_as(core, SYSTEM, about("../../etc/passwd; rm -rf", signature="../x"))
    later(core)
    later(core)
    ((key, name),) = core.jira.files
    assert key == "SEC-1" and re.fullmatch(r"records-[0-9a-f]{16}\.json", name) and core.jira.uploads == 1


def test_what_was_sent_without_an_answer_is_found_by_its_name(core: Any) -> None:
    core.jira.attach_errors.append(UnknownOutcome("No answer came back.", "It is looked up."))
    ask_as(core, SYSTEM, about())
    later(core)
    later(core)
    assert core.jira.uploads == 1 and not [task for task in core.tasks() if task["open"]]


@pytest.mark.parametrize(
    ("chosen", "severity", "number"),
    [("", "medium", 0), ("medium", "medium", 1), ("never", "critical", 0), ("everything", "critical", 0)],
)
def test_an_administrator_chooses_which_tickets_get_files(core: Any, chosen: str, severity: str, number: int) -> None:
    core.save("settings", "general", ticket_files=chosen)
    ask_as(core, SYSTEM, about(severity=severity))
    later(core)
    assert len(core.jira.files) == number


@pytest.mark.parametrize("error", [Curable, Forbidden])
def test_a_site_that_takes_no_files_costs_the_ticket_nothing(core: Any, error: type[ResponderError]) -> None:
    core.jira.attach_errors.append(error("Attachments are switched off.", "Switch them on."))
    ask_as(core, SYSTEM, about())
    later(core)
    (task,) = (task for task in core.tasks() if task["kind"] == "ticket.records")
    assert task["state"] == "done" and "are not attached: Attachments are switched off." in task["message"]


def test_a_file_outlives_credentials_that_have_expired(core: Any) -> None:
    core.jira.attach_errors.append(NotPermitted("Jira does not accept the credentials.", "Enter new ones."))
    ask_as(core, SYSTEM, about())
    later(core)
    (task,) = (task for task in core.tasks() if task["kind"] == "ticket.records")
    assert (task["state"], task["waiting_for"]) == ("waiting", "person")


@pytest.mark.parametrize(("status", "kind"), [("simulated", "plan"), ("done", "evidence")])
def test_what_a_remediation_plans_or_has_changed_is_attached(
    core: Any, monkeypatch: pytest.MonkeyPatch, status: str, kind: str
) -> None:
    ended = Outcome("deactivate_access_key", "enforce", status, "Said.", (CHANGE,), finished_at=THEN)
    monkeypatch.setattr(runner, "run", lambda request, ports: ended)
    ask_as(core, SYSTEM, about())
    core.ask(about(), "remediate", playbook="deactivate_access_key")
    later(core)
    (held,) = files(core, kind)
    assert (held["status"], held["changes"]) == (status, [CHANGE])


@pytest.mark.extended
@pytest.mark.parametrize("policy", ["x" * 300_000, ["x"] * 30_000], ids=["one line", "many lines"])
def test_a_file_stays_small_and_says_what_it_leaves_out(
    core: Any, monkeypatch: pytest.MonkeyPatch, policy: Any
) -> None:
    changes = tuple({**CHANGE, "before": {"policy": policy}} for _ in range(20))
    ended = Outcome("deactivate_access_key", "enforce", "done", "Said.", changes, finished_at=THEN)
    monkeypatch.setattr(runner, "run", lambda request, ports: ended)
    ask_as(core, SYSTEM, about())
    core.ask(about(), "remediate", playbook="deactivate_access_key")
    later(core)
    (held,) = files(core, "evidence")
    assert held["left_out"] == 20 - len(held["changes"]) > 0
    assert all(len(content) <= MAX_BYTES for content in core.jira.files.values())


def test_an_alert_leaves_what_is_made_behind_it_to_the_worker(core: Any) -> None:
    """It waits for none of it, although it is due by then and lies in the lane that it works on."""
    assert core.ask(about()).state == "done"
    core.later += 60
    assert core.ask(about(OTHER)).state == "done"
    assert len(core.jira.created) == 1 and not files(core, "records")
    later(core)
    assert len(files(core, "records")) == 1
