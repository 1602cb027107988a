"""What an incident or a digest must hide from nobody, and what an excuse inside one stands for."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from incident_runs import DETECTIONS, HOUR, T0, alert, group, many, row
from responder.cases import excuses
from responder.engine import slack_commands
from responder.engine.answering import Answerer
from responder.errors import NotFound, Unavailable, UnknownOutcome


@pytest.fixture(autouse=True)
def grouping(core: Any) -> None:
    group(core)
    core.user("ana", "cloudtrail_responder_analyst")


def case_of(found: dict[str, Any]) -> str:
    return hashlib.sha256(found["dedup_key"].encode()).hexdigest()[:20]


def excuse(core: Any, name: str, **body: Any) -> tuple[int, Any]:
    named = "task" if "." in name else "case"
    answer: tuple[int, Any] = core.post("excuse", {named: name, "days": 5, "reason": "Known.", **body}, user="ana")
    return answer


# -- who is called -----------------------------------------------------------------------------------------------------


def test_a_graver_case_calls_whom_its_route_names_though_a_harmless_one_began_the_thread(core):
    core.client().insert("responder_routes", {"_key": "r", "severity": "critical", "mention": "S0123456789"})
    core.client().insert("responder_routes", {"_key": "s", "severity": "high", "mention": "S0123456789,U0AAAAAAAA"})
    severities = ("low", "critical", "critical", "high", "critical")
    for number, (detection, severity) in enumerate(zip(DETECTIONS, severities)):
        alert(core, row(detection, f"r-{number}", severity=severity), action="notify_slack")
    mentioned = [document.mentions for document in core.slack.documents]
    assert mentioned == [(), ("S0123456789",), (), ("U0AAAAAAAA",), ()], "each once a thread"


def test_who_was_called_by_a_message_whose_answer_was_lost_is_not_called_again(core):
    core.client().insert("responder_routes", {"_key": "r", "mention": "S0123456789"})
    core.slack.errors, core.slack.arrives = [UnknownOutcome("No answer.", "")], True
    alert(core, row("trail_stopped", "a"), action="notify_slack")
    core.later = 600
    core.work()
    alert(core, row("user_created", "b"), action="notify_slack")
    assert [document.mentions for document in core.slack.documents] == [("S0123456789",), ()]


def test_whoever_is_behind_a_case_is_asked_also_where_its_thread_began_with_another_one(core):
    core.save("slack_workspace", "slack", asks_actors="1")

    def asked() -> list[str]:
        return [json.loads(task["finding"])["object_id"] for task in core.tasks() if task["kind"] == "slack.actor"]

    for found in (row("trail_stopped", "a"), row("user_created", "b"), row("user_created", "b", event_ids="again")):
        alert(core, found, action="notify_slack")
    assert asked() == ["a", "b"]
    alert(core, *many(12), row("trail_stopped", "of-u3", T0 + 3, many(4)[3]["user_arn"], severity="high"),
          action="notify_slack")  # fmt: skip
    assert sorted(asked()[2:]) == sorted([f"trail-{n}" for n in range(12) if n != 3] + ["of-u3"])


# -- excuses in an incident --------------------------------------------------------------------------------------------


def test_a_case_that_its_incident_tells_of_can_be_excused_by_its_name(core):
    first, other = row("trail_stopped", "a"), row("user_created", "b")
    alert(core, first)
    alert(core, other)
    status, answer = excuse(core, case_of(other))
    assert status == 200 and answer["case"] == case_of(other) and answer["detection"] == "user_created"
    assert "Excused until" in core.jira.texts[-1] and "User created on b" in core.jira.texts[-1]
    told = len(core.jira.texts)
    alert(core, row("user_created", "b", T0 + 60, event_ids="later"))
    assert len(core.jira.texts) == told, "it is excused"
    alert(core, row("trail_stopped", "a", T0 + 90, event_ids="later"))
    assert len(core.jira.texts) == told + 1, "the other is not"
    assert excuse(core, case_of(other), days=0)[0] == 200
    assert "Excuse lifted" in core.jira.texts[-1] and "User created on b" in core.jira.texts[-1]


def test_of_a_task_of_an_incident_its_own_case_is_excused_and_no_other(core):
    """Whoever takes the task of another case's message from the audit means that case."""
    parent = row("trail_stopped", "a", severity="low")
    alert(core, parent)
    (task,) = alert(core, row("trail_stopped", "b", severity="critical"))
    answer = excuse(core, task)[1]
    assert answer["case"] == hashlib.sha256(b"trail_stopped|b").hexdigest()[:20]
    assert excuses.of_case(core.client(), case_of(parent)) == []
    told = len(core.jira.texts)
    alert(core, row("trail_stopped", "a", T0 + 60, event_ids="later", severity="critical"))
    assert len(core.jira.texts) == told + 1


def test_the_first_case_of_a_digest_is_excused_no_further_than_its_own_findings_are_grave(core):
    rows = [{**one, "severity": "low" if n == 0 else "critical"} for n, one in enumerate(many(12))]
    alert(core, *rows)
    answer = excuse(core, case_of(rows[0]))[1]
    assert answer.get("severity") == "low", answer
    told = len(core.jira.texts)
    alert(core, {**rows[0], "severity": "critical", "event_ids": "graver", "last_time": str(T0 + 60)})
    assert len(core.jira.texts) == told + 1


@pytest.mark.parametrize(("others", "moves"), [([], 1), ([row("user_created", "b", severity="critical")], 0)])
def test_the_excuse_of_one_case_closes_no_ticket_that_tells_of_another(core, others, moves):
    core.save("jira_site", "jira", excused_status="Done")
    first = row("trail_stopped", "a")
    for found in (first, *others):
        alert(core, found)
    assert excuse(core, case_of(first))[0] == 200
    assert [task["kind"] for task in core.tasks()].count("ticket.transition") == moves


def moves(core):
    found = (json.loads(task["request"]) for task in core.tasks() if task["kind"] == "ticket.transition")
    return sorted(request["event"] for request in found)


@pytest.mark.parametrize("last", [0, 1, 2])
def test_the_ticket_of_several_cases_moves_once_all_of_them_are_excused(core, last):
    core.save("jira_site", "jira", excused_status="Done", undone_status="To Do")
    rows = [row("trail_stopped", "a"), row("user_created", "b"), row("group_opened", "c", severity="low")]
    for found in rows:
        alert(core, found)
    cases = [case_of(found) for found in rows]
    for case in cases:
        if case != cases[last]:
            assert excuse(core, case)[0] == 200
    boxed(core)
    assert moves(core) == [] and "All 3 cases are excused" not in str(core.jira.panels)
    assert excuse(core, cases[last])[0] == 200
    assert moves(core) == ["excused"]
    boxed(core)
    assert "State: Excused" in core.jira.panels[-1][1] or "All 3 cases are excused" in core.jira.panels[-1][1]
    assert excuse(core, cases[1], days=0)[0] == 200
    assert moves(core) == ["excused", "undone"]
    boxed(core)
    assert "All 3 cases are excused" not in core.jira.panels[-1][1]


def test_what_was_never_excused_as_a_whole_moves_nowhere_when_a_part_of_it_is_lifted(core):
    core.save("jira_site", "jira", excused_status="Done", undone_status="In Progress")
    rows = [row("trail_stopped", "a"), row("user_created", "b")]
    for found in rows:
        alert(core, found)
    for found in rows:
        assert excuse(core, case_of(found))[0] == 200
        assert excuse(core, case_of(found), days=0)[0] == 200
    assert moves(core) == []


def boxed(core):
    """The box is written by the worker, a moment later."""
    core.later += 60
    core.work()


def test_all_cases_of_a_thread_are_excused_that_the_person_has_read_of(core):
    rows = [row("trail_stopped", "a"), row("user_created", "b")]
    for found in rows:
        alert(core, found, action="notify_slack")
    cases = [case_of(found) for found in rows]

    def typed(text, since, workspace="slack"):
        who = Answerer("kim", "slack", run=text, since=since)
        return slack_commands.run(core.client(), core.services, text, who, workspace)

    def excused():
        return [one for one in cases if excuses.of_case(core.client(), one)]

    now = core.client().now()
    said = typed(f"excuse all {cases[0]} 14 Our red team", now - HOUR)
    assert excused() == [] and "No case was excused." in said and "Reported since, and not excused:" in said
    assert "/responder excuse all CASE DAYS REASON" in typed(f"excuse all {cases[0]} Our red team", now)
    assert excused() == [], "of all, nobody guesses for how long"
    for case, workspace in (("0" * 20, "slack"), (cases[0], "another, which has no such thread")):
        with pytest.raises(NotFound):
            typed(f"excuse all {case} 14 Our red team", now + 30, workspace)
    for _ in ("typed", "replayed"):
        assert typed(f"excuse all {cases[0]} 14d Our red team", now + 30) == "2 cases were excused."
    assert excused() == cases
    assert all(len(excuses.of_case(core.client(), one)) == 1 for one in cases)
    for _ in range(2):
        assert typed(f"excuse all {cases[0]} 0 It was nobody of ours", now + 60) == "2 excuses were lifted."
    for case in cases:
        assert [one.state for one in excuses.of_case(core.client(), case)] == ["excused", "lifted"]
    assert typed(f"excuse all {cases[0]} 0 Once more", now + 90) == "No excuse was lifted."
    typed(f"excuse {cases[0]} 7d A test", now + 120)
    last = excuses.of_case(core.client(), cases[0])[-1]
    assert (last.until - last.at, last.reason) == (7 * excuses.DAY, "A test"), "and not 30 days because of '7d A test'"


def test_the_message_of_a_digest_offers_no_excuse_which_would_be_of_one_case_only(core):
    for rows in (many(12), [row("user_created", "a")]):
        alert(core, *rows, action="notify_slack")
    labels = [[button.label for button in document.buttons] for document in core.slack.documents]
    assert labels == [[], ["Excuse 30 days"]]


def test_what_waits_in_the_incident_ends_with_the_excuse_of_its_case(core):
    first, other = row("trail_stopped", "a"), row("user_created", "b")
    alert(core, first)
    core.jira.comment_errors.append(Unavailable("Jira is away.", ""))
    (waiting,) = alert(core, other)
    answer = excuse(core, case_of(other))[1]
    assert [(one["task"], one["state"]) for one in answer["ended"]] == [(waiting, "done")]
    core.later = HOUR
    core.work()
    assert not any("event-user_created-b" in said for said in core.jira.texts)


def test_the_excuse_of_the_first_case_ends_nothing_that_waits_of_the_others(core):
    first, other = row("trail_stopped", "a"), row("trail_stopped", "b")
    alert(core, first)
    core.jira.comment_errors += [Unavailable("Jira is away.", "")] * 2
    (waiting,) = alert(core, other)
    answer = excuse(core, case_of(first))[1]
    assert answer["ended"] == []
    core.jira.comment_errors.clear()
    core.later = HOUR
    core.work()
    assert any("event-trail_stopped-b" in said for said in core.jira.texts)
    assert json.loads(core.client().fetch("responder_tasks", waiting)["outcome"])["type"] == "ticket_commented"


# -- whose findings an excuse stands for -------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["task", "case"])
def test_what_one_owner_hands_over_has_no_finding_of_another_owner_excused(core, by):
    """Whoever knows a dedup key can put a finding of his own into the case, as harmless or grave as he likes."""
    forged = row("trail_stopped", "a", severity="critical", event_ids="forged")
    (task,) = alert(core, forged, user="kim")
    assert excuse(core, task if by == "task" else case_of(forged))[0] == 200
    told = len(core.jira.created) + len(core.jira.texts)
    alert(core, {**forged, "event_ids": "forged again"}, user="kim")
    assert len(core.jira.created) + len(core.jira.texts) == told, "his own are excused"
    alert(core, row("trail_stopped", "a", severity="low", event_ids="real"))
    assert len(core.jira.created) + len(core.jira.texts) == told + 1, "nobody has seen one of these"
    assert excuse(core, case_of(forged))[0] == 200
    told = len(core.jira.created) + len(core.jira.texts)
    alert(core, row("trail_stopped", "a", severity="low", event_ids="real again"))
    assert len(core.jira.created) + len(core.jira.texts) == told, "now somebody has"
    alert(core, row("trail_stopped", "a", severity="medium", event_ids="graver"))
    assert len(core.jira.created) + len(core.jira.texts) == told + 1, "as grave as it was, and no graver"
