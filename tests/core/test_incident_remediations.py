"""What became of the remediations of an incident or digest, in its one ticket and thread."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from all_succeed import all_succeed
from incident_runs import DETECTIONS, HOUR, T0, alert, description, group, many, plain, row
from responder.errors import UnknownOutcome
from responder.remediation import runner
from responder.remediation.outcome import Outcome
from responder.settings.model import SlackWorkspace


@pytest.fixture(autouse=True)
def grouping(core: Any) -> None:
    group(core)


@pytest.fixture
def remediated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Resources that a remediation has acted on, in order."""
    return all_succeed(monkeypatch, "object_id", "Stopped", "stop")


def remediate(core: Any, *rows: dict[str, Any], **more: Any) -> list[str]:
    return alert(core, *rows, action="remediate", parameters={"playbook": "deactivate_access_key"}, **more)


def test_a_remediation_is_its_own_cases_and_reports_to_the_ticket_of_the_incident(core, remediated):
    for detection in DETECTIONS[:2]:
        for action in ("create_ticket", "notify_slack"):
            alert(core, row(detection, detection), action=action)
        remediate(core, row(detection, detection))
    alert(core, row("key_created", "c"))
    assert remediated == list(DETECTIONS[:2])
    assert len({task["case_id"] for task in core.tasks() if task["kind"] == "remediation.run"}) == 2
    assert len(core.jira.created) == 1
    assert "Stopped trail_stopped." in core.jira.texts[0] and "Stopped bucket_made_public." in core.jira.texts[2]
    assert plain(core.jira.texts[3]).count(": Done") == 2, "the list says what became of each"
    assert sum("Stopped" in page for page in core.slack.texts) == 2
    assert plain(dict(core.slack.edited)["1"]).count(": Done") == 1, "the opener lists both, as they stood then"


def test_an_undone_remediation_of_another_case_no_longer_reads_as_done(core, remediated, monkeypatch):
    undone = Outcome("revoke_open_ingress", "undo", "undone", "Started it again.", (), "")
    monkeypatch.setattr("responder.handlers.remediation.undoing.undo", lambda *_: undone)
    monkeypatch.setattr(SlackWorkspace, "takes_answers", True)
    for number, detection in enumerate(DETECTIONS[:2]):
        alert(core, row(detection, detection), action="create_ticket")
        alert(core, row(detection, detection), action="notify_slack")
        (done,) = remediate(core, row(detection, detection), sid=f"remediated-{number}")
    assert core.post("undo", {"task": done})[0] == 200
    for action in ("create_ticket", "notify_slack"):
        alert(core, row("key_created", "c"), action=action)
    said = plain(core.jira.texts[-1])
    assert "Trail stopped on trail_stopped: Done" in said and "Bucket made public on bucket_made_public: Undone" in said
    assert "bucket_made_public: Undone" in plain(dict(core.slack.edited)["1"]), "the opener's list"
    reports = [number for number, page in enumerate(core.slack.texts, 1) if "Stopped bucket_made_public." in page]
    assert ["Started it again." in dict(core.slack.edited)[str(number)] for number in reports] == [True]


def test_a_remediation_that_came_first_is_in_the_ticket(core, remediated):
    rows = [row(detection, detection) for detection in DETECTIONS[:3]]
    remediate(core, *rows, sid="one")
    alert(core, *rows, sid="one")
    core.later = 7200
    core.work()
    assert len(core.jira.created) == 1
    said = description(core) + "".join(core.jira.texts)
    assert [said.count(f"Stopped {detection}.") for detection in DETECTIONS[:3]] == [1, 1, 1]


def test_a_case_that_is_excused_is_not_told_in_its_incident_and_an_excuse_of_the_first_is_of_no_other(core):
    core.user("ana", "cloudtrail_responder_analyst")
    before = [row("trail_stopped", name, T0 - hours * HOUR) for name, hours in (("a", 100), ("b", 200))]
    for number, one in enumerate(before):
        alert(core, one)
        case = hashlib.sha256(one["dedup_key"].encode()).hexdigest()[:20]
        status, _ = core.post("excuse", {"case": case, "days": 5, "reason": "Known."}, user="ana")
        assert status == 200 and len(core.jira.created) == number + 1
    commented = len(core.jira.texts)
    alert(core, row("user_created", "c"))
    alert(core, row("trail_stopped", "a", T0 + 60, event_ids="a later"))
    assert len(core.jira.created) == 3 and len(core.jira.texts) == commented
    alert(core, row("trail_stopped", "d", T0 + 120))
    assert len(core.jira.created) == 3 and "on trail" not in core.jira.texts[-1] and "d" in core.jira.texts[-1]
    alert(core, row("trail_stopped", "e", T0 - 99 * HOUR))
    assert "Another case of this incident" in plain(core.jira.texts[-1]), "its first case is excused"


def test_each_remediation_of_a_digest_reports_to_its_ticket(core, remediated):
    rows = many(11)
    alert(core, *rows, sid="one")
    remediate(core, *rows, sid="one")
    assert len(remediated) == 11 and len(core.jira.created) == 1
    (said,) = core.jira.texts
    assert "11 remediations have ended:" in said and [said.count(f"Stopped trail-{n}.") for n in range(11)] == [1] * 11
    core.work()
    reports = [task for task in core.tasks() if task["kind"] == "ticket.remediation"]
    assert len(reports) > 11 and {task["state"] for task in reports} == {"done"}


def test_a_comment_on_many_remediations_whose_answer_is_lost_is_looked_up(core, remediated):
    rows = many(11)
    alert(core, *rows, sid="one")
    core.jira.comment_errors.append(UnknownOutcome("No answer.", ""))
    core.jira.comment_arrives = True
    remediate(core, *rows, sid="one")
    for core.later in (600, 1200):
        core.work()
    assert len(core.jira.texts) == 1 and {task["open"] for task in core.tasks()} == {0}


def test_what_asks_people_is_told_by_itself_and_whole(core, monkeypatch):
    def run(request: Any, ports: Any) -> Outcome:
        name = request.finding.object_id
        status, ask = ("waiting", "ask") if name == "trail-1" else ("done", "")
        return Outcome("stop", "enforce", status, f"Stopped {name}.", (), "", ports.clock(), ask=ask)

    monkeypatch.setattr(runner, "run", run)
    rows = many(11)
    alert(core, *rows, sid="one")
    remediate(core, *rows, sid="one")
    together = [page for page in core.jira.texts if "remediations have ended" in page]
    assert len(core.jira.texts) == 2 and len(together) == 1 and "trail-1." not in together[0]


def test_a_report_goes_to_the_ticket_that_tells_of_its_case(core, remediated):
    alert(core, row("trail_stopped", "a"))
    alert(core, row("user_created", "b"), parameters={"project": "OPS"})
    alert(core, row("key_created", "c"))
    remediate(core, row("user_created", "b"))
    core.work()
    reports = [json.loads(task["outcome"]) for task in core.tasks() if task["kind"] == "ticket.remediation"]
    assert [report["key"] for report in reports if report["type"] == "ticket_commented"] == ["SEC-2"]
