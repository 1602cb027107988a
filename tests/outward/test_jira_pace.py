"""Jira is asked as often as it allows, and left alone while it is away; time is virtual."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from outward_clients import DOCUMENT, HTTP, new_ticket, site_of
from responder.engine.pacing import Paces
from responder.errors import Curable, OutOfTime, PutOff, ResponderError, Unavailable
from responder.http_transport import Answer
from responder.jira.client import Tickets
from responder.jira.rate_limits import LIMITS, verdict_of
from responder.settings.model import Http
from virtual_clock import VirtualClock

from sandbox.jira import JiraStandIn


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def paced(jira: JiraStandIn, clock: VirtualClock, patience: float = 60.0, http: Http = HTTP, **site: Any) -> Tickets:
    gates = Paces(lambda: patience, clock).service("jira:test", LIMITS)
    return Tickets(site_of(jira, **site), http, gates, clock.monotonic)


def test_opening_a_ticket_costs_one_request(jira: JiraStandIn, clock: VirtualClock) -> None:
    tickets = paced(jira, clock)
    for number in range(20):
        with tickets.admitted():
            tickets.create(new_ticket(marker=f"m{number}"))
    assert len(jira.requests) == 20


def test_a_site_that_does_not_answer_costs_three_requests_however_many_tickets_wait(
    cloud: JiraStandIn, clock: VirtualClock
) -> None:
    tickets = paced(cloud, clock)
    cloud.faults.add("reset", count=None)
    put_off = 0
    for number in range(200):
        try:
            tickets.create(new_ticket(marker=f"m{number}"))
        except PutOff:
            put_off += 1
        except ResponderError:
            continue
    assert len(cloud.requests) == 3 and put_off == 197
    cloud.faults.clear()
    clock.time += 40
    tickets.create(new_ticket())
    assert len(cloud.requests) == 4


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_so_does_one_that_fails(cloud: JiraStandIn, clock: VirtualClock, status: int) -> None:
    tickets = paced(cloud, clock)
    cloud.faults.add("status", status=status, count=None)
    for _ in range(20):
        with pytest.raises(ResponderError):
            tickets.status("SEC-1")
    assert len(cloud.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
def test_one_that_refuses_is_not_away(cloud: JiraStandIn, clock: VirtualClock, status: int) -> None:
    tickets = paced(cloud, clock)
    cloud.faults.add("status", status=status, body={"errorMessages": ["no"]}, count=None)
    for _ in range(8):
        with pytest.raises(ResponderError) as raised:
            tickets.status("SEC-1")
        assert not isinstance(raised.value, PutOff)
    assert len(cloud.requests) == 8


def test_what_the_guard_raises_is_none_of_the_sites_doing(cloud: JiraStandIn, clock: VirtualClock) -> None:
    tickets = paced(cloud, clock)

    def over() -> None:
        raise OutOfTime("The turn is over.")

    for _ in range(10):
        with pytest.raises(OutOfTime):
            tickets.create(new_ticket(), before_send=over)
    tickets.create(new_ticket())
    assert len(cloud.requests) == 1


def test_retry_after_holds_every_request_to_the_site(cloud: JiraStandIn, clock: VirtualClock) -> None:
    tickets = paced(cloud, clock, patience=1.0)
    cloud.faults.add("rate_limit", retry_after=7)
    with pytest.raises(Unavailable):
        tickets.create(new_ticket())
    for _ in range(50):
        with pytest.raises(PutOff):
            tickets.status("SEC-1")
    assert len(cloud.requests) == 1
    clock.time += 9
    tickets.create(new_ticket())
    assert len(cloud.requests) == 2


def test_a_limit_of_one_ticket_holds_no_other(cloud: JiraStandIn, clock: VirtualClock) -> None:
    tickets = paced(cloud, clock, patience=1.0)
    first, second = tickets.create(new_ticket()), tickets.create(new_ticket(marker="m2"))
    headers = {"RateLimit-Reason": "jira-per-issue-on-write", "Retry-After": "30"}
    cloud.faults.add("status", path=f"{first.key}/comment", status=429, headers=headers)
    with pytest.raises(Unavailable) as limited:
        tickets.comment(first.key, DOCUMENT, "m")
    assert limited.value.retry_after == 30
    tickets.comment(second.key, DOCUMENT, "m")


def test_no_more_than_eight_requests_are_under_way(cloud: JiraStandIn) -> None:
    service = Paces(lambda: 60.0).service("jira:test", LIMITS)
    tickets, seen = Tickets(site_of(cloud), HTTP, service), list[int]()

    def create(number: int) -> None:
        with tickets.admitted():
            with service.changed:
                seen.append(service.pace.under_way)
            tickets.create(new_ticket(marker=f"m{number}"))

    cloud.faults.add("latency", seconds=0.5, count=None)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(create, range(40)))
    assert 1 < max(seen) <= LIMITS.in_flight and len(cloud.requests) == 40


@pytest.mark.parametrize(
    ("headers", "rate", "hold"),
    [
        ({"X-RateLimit-Limit": "350", "X-RateLimit-Remaining": "300"}, None, None),
        ({"X-RateLimit-Limit": "350", "X-RateLimit-Remaining": "20", "X-RateLimit-Reset": "10"}, 2.0, None),
        ({"X-RateLimit-NearLimit": "true", "X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "10"}, 0.5, None),
        ({"X-RateLimit-Limit": "350", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "10"}, None, 10.0),
        (
            {
                "X-RateLimit-Limit": "100",
                "X-RateLimit-Remaining": "3",
                "X-RateLimit-FillRate": "10",
                "X-RateLimit-Interval-Seconds": "5",
            },
            2.0,
            None,
        ),
        ({"X-RateLimit-NearLimit": "yes", "X-RateLimit-Remaining": "many"}, None, None),
    ],
)
def test_a_limit_that_is_near_slows_us_down_before_it_is_reached(
    headers: dict[str, str], rate: float | None, hold: float | None
) -> None:
    verdict = verdict_of(Answer(200, headers, b"{}"))
    assert (verdict.healthy, verdict.rate, verdict.hold) == (True, rate, hold)


def test_a_field_that_a_project_does_not_take_is_found_out_once_in_ten_minutes(
    jira: JiraStandIn, clock: VirtualClock
) -> None:
    tickets = paced(jira, clock)
    body = {"errorMessages": [], "errors": {"labels": "Field 'labels' cannot be set."}}
    jira.faults.add("status", method="POST", path="/issue$", status=400, body=body)
    for number in range(10):
        assert tickets.create(new_ticket(marker=f"m{number}")).dropped == ("labels",)
    assert len(jira.requests) == 11
    clock.time += 601
    assert tickets.create(new_ticket(marker="later")).dropped == (), "somebody has put it on the screen"


def test_why_a_project_refuses_is_asked_once(jira: JiraStandIn, clock: VirtualClock) -> None:
    tickets = paced(jira, clock)
    for number in range(10):
        with pytest.raises(Curable, match="no issue type"):
            tickets.create(new_ticket(issue_type="Nonsense", marker=f"m{number}"))
    asked = [exchange for exchange in jira.requests if "createmeta" in exchange.path]
    assert len(asked) == 1 and len(jira.requests) == 11
