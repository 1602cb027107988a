"""A message whose answer was lost is looked up, and what follows a message follows it all the same."""

from __future__ import annotations

from typing import Any

import pytest
from incident_runs import T0, alert, row
from responder.cases import incidents
from responder.cases.states import State
from responder.errors import UnknownOutcome
from responder.remediation import runner
from responder.remediation.outcome import Outcome


def lose_answer(core: Any) -> None:
    core.slack.errors, core.slack.arrives = [UnknownOutcome("No answer.")], True


def looked_up(core: Any) -> None:
    """What the worker does until nothing is in doubt any more."""
    for _ in range(2):
        core.later += 600
        core.work()
    assert not [task for task in core.tasks() if task["state"] == State.UNKNOWN.value]


def opener(core: Any) -> str:
    """What the first message was edited to say last."""
    return str(dict(core.slack.edited).get("1", "")).replace("*", "")


def test_the_first_message_shows_an_excuse_of_which_the_reply_was_lost(core: Any) -> None:
    core.ask(1, "notify_slack")
    (case,) = {task["case_id"] for task in core.tasks()}
    lose_answer(core)
    status, _ = core.post("excuse", {"case": case, "reason": "Known scanner"}, user="ana")
    assert status == 200 and len(core.slack.texts) == 2
    looked_up(core)
    assert len(core.slack.texts) == 2 and "Excused until" in opener(core)


def test_the_first_message_shows_a_remediation_of_which_the_reply_was_lost(
    core: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = Outcome("deactivate_access_key", "enforce", "done", "Deactivated it.", (), finished_at=1_789_000_100.0)
    monkeypatch.setattr(runner, "run", lambda request, ports: done)
    core.ask(1, "notify_slack")
    lose_answer(core)
    core.ask(1, "remediate", playbook="deactivate_access_key")
    assert len(core.slack.texts) == 2
    looked_up(core)
    assert len(core.slack.texts) == 2 and "State: Contained and verified" in opener(core)


def test_the_first_message_lists_a_case_of_which_the_reply_was_lost(core: Any) -> None:
    core.save("settings", "general", incident_hours="24", digest_limit="10")
    incidents._read_lately._values.clear()
    alert(core, row("trail_stopped", "r-0", T0), action="notify_slack")
    lose_answer(core)
    alert(core, row("user_created", "r-1", T0 + 60), action="notify_slack")
    assert len(core.slack.texts) == 2 and core.slack.edited == []
    looked_up(core)
    assert len(core.slack.texts) == 2 and "This incident has 2 cases" in opener(core)


def test_whoever_is_behind_a_finding_is_asked_though_the_answer_to_its_message_was_lost(core: Any) -> None:
    core.save("slack_workspace", "slack", asks_actors="1")
    lose_answer(core)
    key = core.record(1, "notify_slack")
    core.run(key)
    looked_up(core)
    assert core.task(key).state is State.DONE
    assert [task["kind"] for task in core.tasks()].count("slack.actor") == 1
