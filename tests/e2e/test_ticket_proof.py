"""A ticket follows what CloudTrail shows after a change, on the built app: it closes when that is proved, and opens
again when whoever was stopped still succeeds.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from sandbox.aws.recorder import Recorder
from sandbox.world import APP
from tests.e2e.test_containment import deliver, so_long_ago, stolen_key, use
from tests.e2e.test_people_decide import ask_for, work


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def options(site: Any, **fields: str) -> None:
    form = {**site.world.jira_form(), "contained_status": "done", "undone_status": "to do", **fields}
    answer = site.world.rest("POST", f"{APP}_jira_site/jira", data=form)
    assert answer.ok, answer.text


def status(site: Any) -> str:
    (ticket,) = site.world.jira.issues()
    return str(ticket.status)


def test_a_ticket_that_waits_for_proof_closes_when_cloudtrail_shows_the_change(site: Any, recorder: Recorder) -> None:
    options(site, contained_when="proved")
    ask_for(site, "enforce")
    assert status(site) == "To Do"
    deliver(site, recorder.everything)
    work(site)
    assert status(site) == "Done"


@pytest.mark.extended
def test_a_closed_ticket_opens_again_when_the_thief_still_succeeds(site: Any, recorder: Recorder) -> None:
    options(site)
    identity = stolen_key(site)
    assert status(site) == "Done"
    so_long_ago(site, recorder, 600)
    deliver(site, [*recorder.everything, use(identity, "RunInstances", time.time() - 300)])
    work(site)
    assert status(site) == "To Do"
