"""A limit that was reached: who sees it, who resets it, and that the second channel is asked at once."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.errors import NeedsApproval
from responder.inputs import worker
from responder.remediation import change_stops, runner
from responder.remediation.change_limit import ChangeLimit
from responder.remediation.change_stops import ALL, Stop
from responder.remediation.outcome import Outcome

SCOPE = "123456789012:deactivate_access_key"


@pytest.fixture
def stopped(core: Any) -> Stop:
    """Seven changes were made, of which five by one playbook in one account, and it was stopped."""
    limit = ChangeLimit(core.client(), core.client().now)
    limit.reserve("a", "a", 5, 100, 100, SCOPE, 5)
    limit.reserve("b", "b", 2, 100, 100)
    made = Stop(SCOPE, "It has made 5 of 5 allowed changes.", core.client().now(), "c1.remediate.x", "run")
    assert change_stops.stop(core.client(), made)
    return made


def test_who_may_see_sees_how_the_limits_stand(core: Any, stopped: Stop) -> None:
    core.save("settings", "safety", max_changes_per_account_and_playbook="5")
    status, answer = core.post("change_limits", {}, user="ana")
    assert status == 200
    first, second = answer["limits"]
    assert (first["scope"], first["used"], first["limit"], first["state"]) == (SCOPE, 5, 5, "stopped")
    assert first["what"] == "deactivate_access_key in account 123456789012" and first["task"] == stopped.task
    assert (second["scope"], second["used"], second["limit"], second["state"]) == (ALL, 7, 100, "open")


def test_it_is_announced_once_and_reset_with_its_message(
    core: Any, stopped: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "Services", lambda: core.services)
    for _ in range(2):
        worker.run_once(core.client(), core.clock)
    assert core.steps() == ["change_limit_reached"]
    (message,) = core.splunkd.bulletin.all()
    assert "deactivate_access_key in account 123456789012" in message.text and "5 of 5" in message.text
    status, answer = core.post("reset_change_limit", {"scope": SCOPE}, user="root")
    assert status == 200 and [row["state"] for row in answer["limits"]] == ["open"]
    assert core.splunkd.bulletin.all() == [] and core.steps() == ["change_limit_reached", "change_limit_reset"]
    ChangeLimit(core.client(), core.client().now).reserve("d", "d", 5, 100, 100, SCOPE, 5)
    assert core.post("reset_change_limit", {"scope": SCOPE}, user="root")[0] == 404


def test_without_the_audit_nothing_is_reset(core: Any, stopped: Stop) -> None:
    core.save("settings", "general", audit_index="no_such_index")
    assert core.post("reset_change_limit", {"scope": SCOPE}, user="root")[0] >= 400
    assert [stop.scope for stop in change_stops.every(core.client())] == [SCOPE]


def test_the_second_channel_is_asked_at_once_and_once(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    core.save("settings", "safety", escalation_channel="leads")

    def reached(request: Any, ports: Any) -> Outcome:
        raise NeedsApproval("A limit is reached.", is_urgent=request.task == first)

    def waits(request: Any, ports: Any, error: Any, retried: bool) -> Outcome:
        return Outcome("block_public_bucket", "enforce", "waiting", str(error), ask="ask")

    first = core.record(finding(1), "remediate", playbook="block_public_bucket", mode="enforce")
    second = core.record(finding(2), "remediate", playbook="block_public_bucket", mode="enforce")
    monkeypatch.setattr(runner, "run", reached)
    monkeypatch.setattr(runner, "failed", waits)
    core.run(first, second)
    core.run(first, second)
    asks = [task for task in core.tasks() if task["kind"] == "slack.escalation"]
    assert len(asks) == 1
    core.run(asks[0]["_key"])
    assert core.slack.channels.count("leads") == 1 and "A limit is reached" in core.slack.texts[-1]
