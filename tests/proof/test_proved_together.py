"""Findings that are proved at the same moment share a search, and each is compared with its own records only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from proof_site import KEY, THEN, Site, event_id, finding, record
from responder.errors import ConfigurationError, Unavailable
from responder.findings import proof, record_search
from responder.findings.finding import Finding
from responder.findings.proof import Contradicted, Missing, Proof, Proved, Unprovable
from responder.findings.record_search import COPIES, FEW

HOUR = 3_600.0
Together = Callable[..., list[Any]]


@pytest.fixture
def together(site: Site, monkeypatch: pytest.MonkeyPatch) -> Together:
    """Proves findings so that all but the first come (or ``queued`` of them) while the first search is under way."""
    real = record_search.search

    def prove(findings: Sequence[Finding], queued: int | None = None) -> list[Any]:
        wanted = len(findings) - 1 if queued is None else queued
        first_is_out = threading.Event()

        def search(*arguments: Any) -> Any:
            if not first_is_out.is_set():
                first_is_out.set()
                shared = record_search._shared[site.client]
                while sum(len(each._queue) for each in list(shared.values())) < wanted:
                    threading.Event().wait(0.001)
            return real(*arguments)

        def one(made: Finding) -> Any:
            try:
                return site.prove(made)
            except (ConfigurationError, Unavailable) as error:
                return error

        monkeypatch.setattr(record_search, "search", search)
        site.client.requests = 0
        with ThreadPoolExecutor(len(findings)) as pool:
            asked = [pool.submit(one, findings[0])]
            assert first_is_out.wait(60)
            asked += [pool.submit(one, made) for made in findings[1:]]
            return [each.result(60) for each in asked]

    return prove


def alone(site: Site, findings: Sequence[Finding]) -> list[Proof]:
    return [site.prove(made) for made in findings]


def test_many_findings_are_proved_by_two_searches(site: Site, together: Together) -> None:
    site.index(*(record(number) for number in range(1, 21)))
    assert together([finding(number) for number in range(1, 21)]) == [Proved(1)] * 20
    assert site.client.requests == 2


def test_each_is_told_what_it_had_been_told_alone(site: Site, together: Together) -> None:
    site.index(record(1), record(2), record(3, requestParameters={"name": "other-trail"}), record(5))
    site.index(record(5, requestParameters={"name": "other-trail"}))
    findings = [
        finding(1),
        finding(1, 2),
        finding(3),
        finding(4),
        finding(5),
        finding(2, access_key_id="AKIAI44QH8DHBEXAMPLE"),
        finding(2, access_key_id=KEY),
    ]
    found = together(findings)
    assert [type(verdict) for verdict in found] == [
        Proved, Proved, Contradicted, Missing, Unprovable, Contradicted, Proved,
    ]  # fmt: skip
    assert found == alone(site, findings)


def test_what_one_does_to_its_records_changes_nobody_elses(
    site: Site, together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings that name the same event, as two alerts about it do."""
    site.index(record(1), record(2))
    real, seen = proof.records_of, list[list[dict[str, Any]]]()

    def records_of(*asked: Any) -> list[dict[str, Any]]:
        seen.append(real(*asked))
        return seen[-1]

    monkeypatch.setattr(proof, "records_of", records_of)
    together([finding(2), finding(1), finding(1)])
    assert site.client.requests == 2, "two of them share a search"
    for records in seen:
        assert records and all(records)
        records[0].clear()


def test_the_records_of_one_do_not_prove_another(site: Site, together: Together) -> None:
    """They are in the same answer; what a finding does not list is not its own."""
    site.index(record(1), record(2))
    mine, others = finding(3), [finding(1), finding(2)]
    assert together([others[0], mine, others[1]]) == [Proved(1), Missing((event_id(3),)), Proved(1)]


def window_of(first: float, last: float) -> dict[str, str]:
    return {"first_time": str(first), "last_time": str(last)}


def test_the_window_of_another_is_not_ones_own(site: Site, together: Together) -> None:
    """Both windows end on the same days; the event is within a day of the one only."""
    early, late = window_of(THEN - HOUR, THEN - HOUR), window_of(THEN, THEN)
    site.index(record(1), time=THEN - 24.5 * HOUR)
    findings = [finding(2), finding(1, **early), finding(1, **late)]
    assert together(findings)[1:] == [Proved(1), Missing((event_id(1),))]
    assert alone(site, findings[1:]) == [Proved(1), Missing((event_id(1),))]


def test_copies_of_another_time_hide_no_record(site: Site, together: Together) -> None:
    """Of a record only the newest copies are looked at: those that another's window lets in must not be all of them."""
    early, late = window_of(THEN - HOUR, THEN - HOUR), window_of(THEN, THEN)
    for copy in range(COPIES):
        site.index(record(1, tlsDetails={"copy": copy}), time=THEN + 23.5 * HOUR)
    site.index(record(1), time=THEN - 3 * HOUR)
    findings = [finding(3), finding(2, **late), finding(1, **early)]
    found = together(findings)
    assert found[2] == Proved(1) == alone(site, findings[2:])[0]


def test_findings_of_other_days_have_a_search_of_their_own(site: Site, together: Together) -> None:
    site.index(record(1))
    site.index(record(2), time=THEN - 20 * 24 * HOUR)
    old = window_of(THEN - 20 * 24 * HOUR, THEN - 20 * 24 * HOUR)
    site.index(record(3))
    together([finding(1), finding(2, **old), finding(3)], 1)
    assert site.client.requests == 3


def test_a_finding_with_many_events_keeps_nobody_else_waiting(site: Site, together: Together) -> None:
    numbers = range(1, FEW + 2)
    site.index(*(record(number) for number in numbers), record(50))
    found = [*together([finding(50)]), site.prove(finding(*numbers))]
    assert found == [Proved(1), Proved(len(numbers))]


def test_a_search_that_fails_proves_nothing_for_those_in_it_and_for_nobody_else(site: Site, together: Together) -> None:
    site.index(*(record(number) for number in range(1, 5)))
    assert site.splunkd.faults is not None
    site.splunkd.faults.add("status", path="/search/v2/jobs", status=500, skip=1, count=1)
    found = together([finding(number) for number in range(1, 5)])
    assert found[0] == Proved(1) and [type(verdict) for verdict in found[1:]] == [Unavailable] * 3
    assert alone(site, [finding(2)]) == [Proved(1)]
