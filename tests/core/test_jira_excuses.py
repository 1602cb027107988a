"""In a ticket of several cases the one is excused that is named, and none by guess."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from incident_runs import alert, group, row
from jira_place import Place
from responder.cases.keys import case_id

from sandbox.jira import JiraStandIn


@pytest.fixture
def place(core: Any) -> Iterator[Place]:
    group(core)
    with JiraStandIn() as jira:
        yield Place(core, jira)
        assert jira.unknown_requests == []


def test_in_a_ticket_of_several_cases_the_one_is_excused_that_is_named(place: Place) -> None:
    rows = [row("trail_stopped", "h1. trail"), row("bucket_made_public", "{noformat} [~bob] bucket")]
    for one in rows:
        alert(place.core, one)
    first, second = (case_id(one["dedup_key"]) for one in rows)
    place.carry_out()
    comment = place.jira.people.comment
    comment("SEC-1", "/responder excuse 14d Known scanner", "alice")
    comment("SEC-1", f"/responder excuse {'0' * 20} Known scanner", "alice")
    place.carry_out()
    said = place.jira.issue("SEC-1").comments[-1]
    assert excused(place) == []
    assert f"/responder excuse {first} 14d REASON - medium: Trail stopped: h1. trail" in said
    assert f"/responder excuse {second} 14d REASON - medium: Bucket made public" in said
    assert "does not report that case" in said
    comment("SEC-1", f"/responder excuse {second} 14d Known scanner", "alice")
    place.carry_out()
    assert excused(place) == [second]


def excused(place: Place) -> list[str]:
    status, answer = place.core.post("cases", {"state": "excused"}, user="admin")
    assert status == 200
    return [one["case"] for one in answer["cases"]]
