"""The breaker: beyond a limit everything waits for a person, on every search head, until somebody resets it.

And it is said once, loudly. Two search heads are two views of one KV store, each with what it remembers itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from responder.errors import Curable, LimitReached, NeedsApproval
from responder.findings.finding import Finding
from responder.remediation import change_announcements, change_breaker, change_stops
from responder.remediation.change_claims import CHANGES, HOUR, SKEW, WINDOW
from responder.remediation.change_limit import ChangeLimit, Ledger
from responder.remediation.change_stops import ALL
from responder.splunk.client import Splunkd as Client

from sandbox.aws.server import ACCOUNT
from sandbox.splunkd import Splunkd
from tests.aws.open_groups import PLAYBOOK, Group
from tests.aws.support import ENFORCE, Connected, Tasks

MANY = 1_000_000
SCOPE = change_stops.scope_of(ACCOUNT, PLAYBOOK)
AUDIT = 'search index=main sourcetype="cloudtrail_responder:audit" step=change_limit_reached | table id scope message'


@pytest.fixture(scope="module")
def own_splunkd(tmp_path_factory: pytest.TempPathFactory, built_app: Path) -> Iterator[Splunkd]:
    """What is stopped here stops no other test."""
    with Splunkd(tmp_path_factory.mktemp("breaker") / "splunk") as started:
        started.install_app(built_app)
        yield started


@pytest.fixture
def heads(own_splunkd: Splunkd) -> list[Client]:
    """Two search heads on one KV store that is as it was installed."""
    token, uri = own_splunkd.system_token, own_splunkd.uri
    found = [Client(uri, token, pauses=()), Client(uri.replace("127.0.0.1", "localhost"), token, pauses=())]
    for collection in (CHANGES, change_stops.STOPS, "responder_marks"):
        found[0].delete_where(collection, {"_key": {"$gt": ""}})
    own_splunkd.index.clean("main")
    for message in own_splunkd.bulletin.all():
        own_splunkd.bulletin.remove(message.name)
    for head in found:
        change_stops.every(head)
        ChangeLimit(head, lambda: 0.0)._ledger._forget()
    return found


@pytest.fixture
def sites(heads: list[Client], connected: Connected) -> list[Tasks]:
    return [Tasks(head, connected.aws) for head in heads]


def opened(admin: Any, finding: Any, name: str, number: int) -> list[tuple[Group, Finding]]:
    groups = [Group(admin("ec2"), f"{name}-{count}") for count in range(number)]
    return [(group, finding(object_id=group.id, detail={"rules": [{"cidr": "0.0.0.0/0"}]})) for group in groups]


def attempt(site: Tasks, found: Finding, number: int, run: str) -> str:
    try:
        return site.run(found, PLAYBOOK, task=site.task(number), run=run).status
    except NeedsApproval as reached:
        return f"waits{' urgently' if reached.is_urgent else ''}"


def test_two_search_heads_that_race_make_no_more_changes_than_an_hour_allows_and_stop_once(
    sites: list[Tasks], own_splunkd: Splunkd, heads: list[Client], admin: Any, finding: Any, name: str
) -> None:
    for site in sites:
        site.safety = replace(ENFORCE, max_changes_per_hour=4)
    found = opened(admin, finding, name, 10)
    with ThreadPoolExecutor(6) as pool:
        work = [(sites[n % 2], one, n, f"run-{n}") for n, (_, one) in enumerate(found)]
        ends = list(pool.map(lambda job: attempt(*job), work))
    assert sum(not group.is_open for group, _ in found) == ends.count("done") == 4
    assert ends.count("waits urgently") == 1 and ends.count("waits") == 5, "one of all has stopped it"
    (stop,) = change_stops.every(heads[0])
    assert stop.scope == ALL and "have made 4 of 4 allowed changes" in stop.message

    for head in (*heads, *heads):
        change_announcements.announce(head, "main")
    (event,) = own_splunkd.search(AUDIT).rows
    assert event["scope"] == ALL
    (message,) = own_splunkd.bulletin.all()
    assert "Of all changes, those beyond the limit wait for a person" in message.text

    number = ends.index("waits")
    group, one = found[number]
    for site in sites:
        site.later = 3 * HOUR
    site, run = sites[number % 2], f"run-{number}"
    assert attempt(site, one, number, run) == "waits", "the hour is over, and nobody has looked"
    site.decide("approve", site.task(number))
    assert attempt(site, one, number, run) == "done" and not group.is_open

    change_breaker.reset(heads[0], sites[0].clock, ALL)
    change_announcements.withdraw(heads[0], stop)
    change_stops.every(heads[1])
    left = [n for n, end in enumerate(ends) if end != "done" and n != number][:2]
    assert [attempt(sites[n % 2], found[n][1], n, f"run-{n}") for n in left] == ["done", "done"]
    assert own_splunkd.bulletin.all() == []


def test_one_playbook_in_one_account_is_stopped_alone(
    sites: list[Tasks], heads: list[Client], admin: Any, finding: Any, name: str
) -> None:
    site = sites[0]
    site.safety = replace(ENFORCE, max_changes_per_account_and_playbook=2)
    found = opened(admin, finding, name, 4)
    ends = [attempt(site, one, n, f"run-{n}") for n, (_, one) in enumerate(found)]
    assert ends == ["done", "done", "waits urgently", "waits"]
    (stop,) = change_stops.every(heads[0])
    assert (stop.scope, stop.task) == (SCOPE, site.task(2))
    other = ChangeLimit(heads[0], site.clock)
    other.reserve("run", "another", 1, MANY, MANY, change_stops.scope_of(ACCOUNT, "stop_instance"), 2)
    site.safety = ENFORCE
    assert attempt(site, found[3][1], 3, "run-3") == "waits", "a limit that is raised resets nothing"
    change_breaker.reset(heads[0], site.clock, SCOPE)
    site.safety = replace(ENFORCE, max_changes_per_account_and_playbook=2)
    assert [attempt(site, one, n, f"run-{n}") for n, (_, one) in enumerate(found)] == ["done"] * 4


def test_what_was_begun_is_finished_although_a_limit_was_reached_meanwhile(
    sites: list[Tasks], heads: list[Client], admin: Any, finding: Any, name: str
) -> None:
    """Half a remediation is worse than none."""
    ((group, one),) = opened(admin, finding, name, 1)
    group.open(3389)

    site = sites[0]
    writes: list[str] = []

    def killed_before_the_second() -> None:
        writes.append("write")
        if len(writes) == 2:
            raise RuntimeError("killed")

    site.before_send = killed_before_the_second
    with pytest.raises(RuntimeError):
        site.run(one, PLAYBOOK)
    change_stops.stop(heads[1], change_stops.Stop(ALL, "too many", site.clock(), "another", "run"))
    change_stops.every(heads[0])
    site.before_send = lambda: None
    site.later = 20.0
    assert site.run(one, PLAYBOOK).status == "done" and not group.is_open


def test_a_process_that_dies_between_its_claim_and_the_change_leaves_fewer_changes_and_never_more(
    sites: list[Tasks], admin: Any, finding: Any, name: str
) -> None:
    site, other = sites
    site.safety = other.safety = replace(ENFORCE, max_changes_per_hour=2)
    (killed, next_one, last) = opened(admin, finding, name, 3)

    def dies() -> None:
        raise RuntimeError("killed")

    site.before_send = dies
    with pytest.raises(RuntimeError):
        site.run(killed[1], PLAYBOOK, run="a")
    assert attempt(other, next_one[1], 2, "b") == "done"
    assert attempt(other, last[1], 3, "c") == "waits urgently" and last[0].is_open
    assert killed[0].is_open, "counted, and not made"


def test_a_stop_is_announced_although_its_process_was_killed_right_after_it(
    own_splunkd: Splunkd, heads: list[Client]
) -> None:
    now = heads[0].now()
    change_stops.stop(heads[0], change_stops.Stop(SCOPE, "Too many.", now, "task", "run"))
    assert change_stops.stop(heads[1], change_stops.Stop(SCOPE, "Too many.", now, "task", "run")), "the same task again"
    assert not change_stops.stop(heads[1], change_stops.Stop(SCOPE, "Too many.", now, "another", "run"))
    claimed = change_announcements._mark(change_announcements.CLAIMED, change_stops.every(heads[0])[0])
    heads[0].insert("responder_marks", {"_key": claimed, "value": "limit_claimed", "at": now})
    change_announcements.announce(heads[1], "main")
    assert own_splunkd.bulletin.all() == [], "somebody else is about to"
    heads[0].replace("responder_marks", claimed, {"value": "limit_claimed", "at": now - 300})
    change_announcements.announce(heads[1], "main")
    assert len(own_splunkd.bulletin.all()) == 1 and len(own_splunkd.search(AUDIT).rows) == 1


def test_a_damaged_stop_lets_nothing_through(
    sites: list[Tasks], heads: list[Client], admin: Any, finding: Any, name: str
) -> None:
    heads[0].insert(change_stops.STOPS, {"_key": "x", "scope": ALL})
    change_stops._known.forget(heads[0].uri)
    ((group, one),) = opened(admin, finding, name, 1)
    with pytest.raises(Curable, match="Stop x of changes is damaged"):
        sites[0].run(one, PLAYBOOK)
    assert group.is_open


# Clocks and lost claims


def process(head: Client, clock: Any) -> ChangeLimit:
    return ChangeLimit(head, clock, Ledger())


@pytest.mark.parametrize("ahead", [SKEW, -SKEW])
def test_a_search_head_whose_clock_is_off_allows_no_more(heads: list[Client], ahead: float) -> None:
    """Further off, AWS would take none of its signatures."""
    now = heads[0].now()
    right, wrong = process(heads[0], lambda: now), process(heads[1], lambda: now + ahead)
    for number in range(2):
        wrong.reserve(f"wrong-{number}", f"wrong-{number}", 1, MANY, 4)
        right.reserve(f"right-{number}", f"right-{number}", 1, MANY, 4)
    for clock in (now, now + ahead, now + HOUR - 1, now + HOUR - 1 + min(ahead, 0.0)):
        with pytest.raises(LimitReached, match="have made 4 of 4"):
            process(heads[0], lambda clock=clock: clock).reserve("one more", "one more", 1, MANY, 4)


def test_a_claim_of_the_far_future_hides_none_of_now(heads: list[Client]) -> None:
    now = heads[0].now()
    warm = process(heads[0], lambda: now)
    warm.reserve("a", "a", 3, MANY, 4)
    process(heads[1], lambda: now + 90 * 86_400).reserve("far", "far", 1, MANY, MANY)
    for limit in (warm, process(heads[0], lambda: now)):
        with pytest.raises(LimitReached, match="have made 4 of 4"):
            limit.reserve("b", "b", 1, MANY, 4)


def test_where_claims_are_missing_a_person_decides_until_they_would_not_count_any_more(heads: list[Client]) -> None:
    now = heads[0].now()
    for number in range(4):
        process(heads[0], lambda: now).reserve(f"run-{number}", f"task-{number}", 1, MANY, 10)
    heads[0].delete_where(CHANGES, {"_key": "claims:2"})
    with pytest.raises(LimitReached, match="Claims of changes are missing"):
        process(heads[1], lambda: now).reserve("next", "next", 1, MANY, 10)
    process(heads[1], lambda: now + WINDOW + 1).reserve("next", "next", 1, MANY, 10)


def test_a_reset_counts_on_a_search_head_that_remembers_what_was_before(heads: list[Client]) -> None:
    now = heads[0].now()
    warm = process(heads[1], lambda: now)
    warm.reserve("a", "a", 2, MANY, 2, SCOPE, 2)
    with pytest.raises(LimitReached):
        warm.reserve("b", "b", 1, MANY, 9, SCOPE, 2)
    ChangeLimit(heads[0], lambda: now).reset(SCOPE)
    warm.reserve("b", "b", 2, MANY, 9, SCOPE, 2)
    with pytest.raises(LimitReached):
        process(heads[0], lambda: now).reserve("c", "c", 1, MANY, 9, SCOPE, 2)
    with pytest.raises(LimitReached, match="have made 4 of 4"):
        process(heads[0], lambda: now).reserve("c", "c", 1, MANY, 4)
    assert ChangeLimit(heads[0], lambda: now).used() == {ALL: 4, SCOPE: 2}


def test_claims_of_an_earlier_version_count_for_the_hour(heads: list[Client]) -> None:
    now = heads[0].now()
    before = {"scope": "claims", "number": 1, "run": "r", "at": now, "claim": "c", "tasks": '{"old": [2, 2]}'}
    heads[0].insert(CHANGES, {"_key": "claims:1", **before})
    limit = process(heads[0], lambda: now)
    with pytest.raises(LimitReached, match="have made 2 of 2"):
        limit.reserve("a", "a", 1, MANY, 2, SCOPE, 1)
    limit.reserve("a", "a", 1, MANY, 3, SCOPE, 1)
