"""What the worker hands over, because the app's endpoint did not answer, ends where the endpoint would have put it."""

from __future__ import annotations

from typing import Any

import pytest
from incident_runs import many, row
from responder.cases import incidents, spool
from responder.inputs import spooled

from sandbox.faults import Faults
from sandbox.splunkd.access import SYSTEM_USER


@pytest.fixture(autouse=True)
def impatient(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    core.save("settings", "general", incident_hours="24", digest_limit="10")
    incidents._read_lately._values.clear()
    monkeypatch.setattr("responder.splunk.client.RETRY_PAUSES", ())
    monkeypatch.setattr("responder.actions.endpoint.Splunkd.__init__.__defaults__", (30.0, ()))


def away(core: Any, fault: str = "reset") -> None:
    """``reset_after``: it does what it is asked, and the answer is lost."""
    core.splunkd.faults = Faults()
    core.splunkd.faults.add(fault, path="cloudtrail_responder/record", count=None)


def back(core: Any) -> None:
    core.splunkd.faults = Faults()
    assert list(spool.waiting())
    spooled.hand_over(core.client())
    assert not list(spool.waiting())
    core.work()
    core.work()


@pytest.mark.parametrize("fault", [pytest.param("reset", marks=pytest.mark.slow), "reset_after"])
def test_many_findings_of_one_detection_are_one_ticket(core, fire, fault):
    away(core, fault)
    fire(many(20))
    back(core)
    assert len(core.jira.created) == 1
    assert len({task["case_id"] for task in core.tasks() if task["kind"] == "ticket.finding"}) == 1


def test_what_belongs_to_an_incident_is_told_there(core, fire):
    fire([row("trail_stopped", "a")])
    away(core)
    fire([row("user_created", "b")], sid="scheduler__2")
    back(core)
    assert len(core.jira.created) == 1
    assert any("User created on b" in said for said in core.jira.texts)


@pytest.mark.parametrize("fault", ["reset", pytest.param("reset_after", marks=pytest.mark.slow)])
def test_an_alert_of_nobody_runs_as_the_system_and_loses_nothing_either(core, fire, fault):
    """As each detection of the app does."""
    away(core, fault)
    fire([row("trail_stopped", "a")], user=SYSTEM_USER, owner="nobody")
    back(core)
    assert len(core.jira.created) == 1
    assert {task["owner"] for task in core.tasks()} == {SYSTEM_USER}
