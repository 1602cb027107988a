"""Two search heads over one KV store, of which one reads late: people who answer on both come to one decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import asked_plan
import pytest
from responder.engine import answering
from responder.remediation.plans import digest_of
from responder.remediation.verdicts import APPROVALS

from sandbox.splunkd import Splunkd


@pytest.fixture
def other(core: Any) -> Iterator[Splunkd]:
    """The second head. What is answered on the first it cannot read yet."""
    with Splunkd(core.splunkd.home) as second:
        second.kv.copy.lag(60, APPROVALS)
        yield second


@pytest.fixture
def shown(core: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A remediation that waits with its plan."""
    monkeypatch.setattr(answering, "Engine", lambda *_: asked_plan.Runs())
    key = asked_plan.waiting(core)
    asked_plan.show(core, key)
    return key


def answer(core: Any, head: Splunkd, task: str, decision: str, user: str) -> tuple[int, dict[str, Any]]:
    body = {"task": task, "decision": decision, "plan": digest_of([asked_plan.PLAN])}
    at = {"server": {"rest_uri": head.uri}, "system_authtoken": head.system_token}
    found: tuple[int, dict[str, Any]] = core.post("approve", body, user=user, **at)
    return found


@pytest.mark.parametrize(("first", "second"), [("approve", "reject"), ("reject", "approve")])
def test_of_two_who_answer_otherwise_at_once_the_first_decides_and_the_other_hears_of_it(
    core: Any, other: Splunkd, shown: str, first: str, second: str
) -> None:
    assert answer(core, core.splunkd, shown, first, "ana")[1]["decision"] == first
    status, told = answer(core, other, shown, second, "kim")
    assert status == 503 and "Look again" in told["error"], "what it is cannot be read here, but that it is"
    other.kv.copy.lag(0)
    status, told = answer(core, other, shown, second, "kim")
    assert status == 409 and "ana has" in told["error"]
    assert [(one["by"], one["decision"]) for one in core.documents(APPROVALS)] == [("ana", first)]


def test_two_approvals_are_those_of_two_people_wherever_they_approve(core: Any, other: Splunkd, shown: str) -> None:
    core.save("settings", "safety", approvals_needed="2")
    assert answer(core, core.splunkd, shown, "approve", "ana")[1]["missing"] == 1
    for user in ("ana", "kim"):
        assert answer(core, other, shown, "approve", user)[0] == 503
    other.kv.copy.lag(0)
    again = answer(core, other, shown, "approve", "ana")[1]
    assert (again["decision"], again["missing"]) == ("", 1)
    second = answer(core, other, shown, "approve", "kim")[1]
    assert (second["decision"], second["by"]) == ("approve", "ana and kim")
    assert len(core.documents(APPROVALS)) == 2
