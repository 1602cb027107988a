"""A service that is away is left alone by all search heads, and one request at a time finds out when it is back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from responder.engine.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, SPREAD, Marks, Opening
from responder.engine.pacing import MOST_CHANNELS, Paces
from responder.engine.services import Services
from responder.errors import PutOff
from responder.http_gate import LOST, NOTHING, Gate, Limits, Verdict
from virtual_clock import VirtualClock

from sandbox.faults import Faults

LIMITS = Limits(interval=0.01, in_flight=8, begin_with=8)
WORKS = Verdict(healthy=True)
SITE = "jira:main"


@dataclass
class Ledger:
    """The KV store's documents, which every process sees at once."""

    openings: dict[tuple[str, int], Opening] = field(default_factory=dict)
    writes: int = 0

    def open(self, service: str, opening: Opening) -> bool:
        self.writes += 1
        return self.openings.setdefault((service, opening.number), opening) is opening

    def close(self, service: str) -> None:
        self.writes += 1
        self.openings = {key: opening for key, opening in self.openings.items() if key[0] != service}


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def process(clock: VirtualClock, ledger: Ledger) -> Paces:
    paces = Paces(lambda: 1.0, clock)
    paces.ledger = ledger
    return paces


def ask(gate: Gate, verdict: Verdict) -> bool:
    """Whether a request was sent, which ends so."""
    try:
        gate.enter()
    except PutOff:
        return False
    gate.sent()
    gate.leave(verdict)
    return True


def opened(paces: Paces) -> Gate:
    gate = paces.service(SITE, LIMITS).of()
    while paces.left(SITE) == 0:
        ask(gate, LOST)
    return gate


def test_it_opens_after_a_few_failures_in_a_row_and_not_before(clock: VirtualClock, ledger: Ledger):
    gate = process(clock, ledger).service(SITE, LIMITS).of()
    for verdict in (LOST, LOST, WORKS, *[LOST] * FAILURES):
        assert ask(gate, verdict)
    assert not ask(gate, WORKS)


def test_two_thousand_that_wait_cost_no_request_and_no_write(clock: VirtualClock, ledger: Ledger):
    paces = process(clock, ledger)
    gate = opened(paces)
    writes = ledger.writes
    assert not any(ask(gate, WORKS) for _ in range(2_000))
    assert ledger.writes == writes == 1


def test_a_dead_service_is_asked_less_and_less_often(clock: VirtualClock, ledger: Ledger):
    gate = opened(process(clock, ledger))
    sent, began = [], clock.time
    while clock.time < began + 3 * 3600:
        clock.time += 1.0
        if ask(gate, LOST):
            sent.append(clock.time)
    pauses = [later - earlier for earlier, later in zip([began, *sent], sent)]
    for number, pause in enumerate(pauses):
        least = min(FIRST_PAUSE * 2**number, LONGEST_PAUSE)
        assert least <= pause <= least * (1 + SPREAD) + 1
    assert len(sent) < 45
    assert ledger.writes == 1 + len(sent), "one for each pause"


def test_when_it_works_again_one_at_a_time_goes_first(clock: VirtualClock, ledger: Ledger):
    paces = process(clock, ledger)
    gate = opened(paces)
    clock.time += 40
    gate.enter()
    assert not ask(gate, WORKS), "while the first is under way"
    gate.leave(WORKS)
    assert ledger.openings == {} and paces.left(SITE) == 0
    assert paces.service(SITE, LIMITS).pace.allowed == 1
    for _ in range(20):
        assert ask(gate, WORKS)
    assert paces.service(SITE, LIMITS).pace.allowed > 4


def test_of_all_search_heads_one_tries_it(clock: VirtualClock, ledger: Ledger):
    members = [process(clock, ledger) for _ in range(5)]
    opened(members[0])
    heard = {service: opening for (service, _), opening in ledger.openings.items()}
    gates = [member.service(SITE, LIMITS).of() for member in members]
    for member in members:
        member.service(SITE, LIMITS).heard(heard.get(SITE))
    assert not any(ask(gate, LOST) for gate in gates), "all of them know"
    clock.time += 40
    assert sum(ask(gate, LOST) for gate in gates) == 1


def test_what_another_search_head_has_found_out_counts_here(clock: VirtualClock, ledger: Ledger):
    here, there = process(clock, ledger), process(clock, ledger)
    gate = opened(here)
    there.service(SITE, LIMITS).heard(next(iter(ledger.openings.values())))
    clock.time += 40
    assert ask(there.service(SITE, LIMITS).of(), WORKS)
    here.service(SITE, LIMITS).heard(None)
    assert ask(gate, WORKS)


def test_a_document_that_cannot_be_read_here_yet_closes_nothing(clock: VirtualClock, ledger: Ledger):
    here = process(clock, ledger)
    gate = opened(here)
    here.service(SITE, LIMITS).heard(None)
    assert not ask(gate, WORKS)


def test_a_request_that_tells_nothing_leaves_the_next_one_to_find_out(clock: VirtualClock, ledger: Ledger):
    gate = opened(process(clock, ledger))
    clock.time += 40
    assert ask(gate, NOTHING)
    assert ask(gate, WORKS) and ask(gate, WORKS)


def test_a_long_wait_that_the_service_asks_for_concerns_all_search_heads(clock: VirtualClock, ledger: Ledger):
    gate = process(clock, ledger).service(SITE, LIMITS).of()
    ask(gate, Verdict(healthy=True, limited=True, hold=600.0))
    (opening,) = ledger.openings.values()
    assert 600 <= opening.until - clock.time <= 600 * (1 + SPREAD)


def test_a_channel_that_has_to_wait_holds_up_no_other(clock: VirtualClock, ledger: Ledger):
    workspace = process(clock, ledger).service("slack:team", LIMITS)
    loud, quiet = workspace.of("channel loud", LIMITS), workspace.of("channel quiet", LIMITS)
    ask(loud, Verdict(healthy=True, limited=True, hold=600.0))
    assert not ask(loud, WORKS) and ask(quiet, WORKS)
    ask(quiet, Verdict(healthy=True, limited=True, hold=600.0, everything=True))
    assert not ask(workspace.of("channel third", LIMITS), WORKS)


def test_the_engine_is_told_before_it_tries_a_task_of_a_service_that_is_left_alone(clock: VirtualClock):
    services = Services(clock)
    gate = services.paces.service("slack:team", LIMITS).of("channel sec", LIMITS)
    services.gate("slack:team:sec")
    while services.away("slack:team") == 0:
        ask(gate, LOST)
    for name in ("slack:team:sec", "slack:team:other"):
        with pytest.raises(PutOff) as put_off:
            services.gate(name)
        assert put_off.value.retry_after is not None and put_off.value.retry_after >= FIRST_PAUSE - 1
    services.gate("slack:another:sec")
    clock.time += 40
    services.gate("slack:team:sec")
    assert services.is_tried("slack:team:sec") and not services.is_tried("slack:another:sec")


class Slow(Ledger):
    """A KV store that answers a write only when somebody else has asked how long to wait."""

    paces: Paces
    answered: int = 0

    def open(self, service: str, opening: Opening) -> bool:
        self._wait()
        return super().open(service, opening)

    def close(self, service: str) -> None:
        self._wait()
        super().close(service)

    def _wait(self) -> None:
        service = self.paces.service(SITE, LIMITS)

        def ask() -> None:
            self.paces.left(SITE), service.held(""), service.is_tried
            self.answered += 1

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(20)


def test_a_kv_store_that_takes_its_time_holds_up_nobody_who_asks_how_long_to_wait(clock: VirtualClock):
    slow = Slow()
    slow.paces = paces = process(clock, slow)
    gate = opened(paces)
    assert slow.answered == 1
    clock.time += 40
    assert ask(gate, WORKS)
    assert slow.answered == 3, "the claim of the one request, and that it works again"
    ask(gate, Verdict(healthy=True, limited=True, hold=600.0))
    assert slow.answered == 4


def test_a_request_that_another_search_head_was_faster_with_takes_no_room(clock: VirtualClock, ledger: Ledger):
    here, limits = process(clock, ledger), Limits(interval=0.01, in_flight=1)
    gate = here.service(SITE, limits).of()
    while here.left(SITE) == 0:
        ask(gate, LOST)
    for number in range(2, 5):
        clock.time += 1000
        ledger.openings[SITE, number] = Opening(number, clock.time + 30, 30.0)
        assert not ask(gate, WORKS)
    clock.time += 1000
    assert ask(gate, WORKS) and ask(gate, WORKS)


def test_of_threads_that_ask_at_the_same_moment_one_tries_it_however_long_the_claim_takes(clock: VirtualClock):
    slow = Slow()
    slow.paces = paces = process(clock, slow)
    gate = opened(paces)
    clock.time += 40
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: ask(gate, LOST), range(8))) == 1


# -- channels ---------------------------------------------------------------------------------------------------------


def test_channels_that_nobody_posts_to_any_more_are_forgotten_and_the_others_kept(clock: VirtualClock, ledger: Ledger):
    workspace = process(clock, ledger).service("slack:team", LIMITS)
    busy, held = workspace.of("channel busy", LIMITS), workspace.of("channel held", LIMITS)
    busy.enter()
    ask(held, Verdict(healthy=True, limited=True, hold=600.0))
    first = workspace.of("channel 0", LIMITS)
    for number in range(MOST_CHANNELS):
        workspace.of(f"channel {number}", LIMITS)
    assert workspace.of("channel 0", LIMITS) is not first
    assert workspace.of("channel busy", LIMITS) is busy and workspace.of("channel held", LIMITS) is held


# -- in the KV store ---------------------------------------------------------------------------------------------------


def test_an_opening_is_one_document_that_the_next_round_reads(core):
    clock = VirtualClock()
    paces = Paces(lambda: 1.0, clock)
    paces.begin(core.client())
    opened(paces)
    (mark,) = core.documents("responder_marks")
    assert mark["_key"] == "breaker:jira:main:1"
    other = Paces(lambda: 1.0, VirtualClock())
    other.begin(core.client())
    assert 0 < other.left(SITE) <= FIRST_PAUSE * (1 + SPREAD)
    Marks(core.client()).close(SITE)
    other.begin(core.client(), now=True)
    assert core.documents("responder_marks") == []


def test_the_openings_of_one_service_are_removed_and_those_of_others_stay(core):
    marks = Marks(core.client())
    for service in ("jira:main", "jira:main2", "slack:main"):
        for number in (1, 2):
            assert marks.open(service, Opening(number, 1e10, 30.0))
    assert not marks.open("jira:main", Opening(2, 1e10, 30.0)), "somebody was first"
    core.client().insert("responder_marks", {"_key": "breaker:damaged:1", "value": "{"})
    marks.close("jira:main")
    assert {service: opening.number for service, opening in marks.read().items()} == {"jira:main2": 2, "slack:main": 2}
    marks.close_all()
    assert marks.read() == {}


def test_without_the_kv_store_a_process_goes_by_what_it_has_seen_itself(core):
    clock = VirtualClock()
    paces = Paces(lambda: 1.0, clock)
    paces.begin(core.client())
    core.splunkd.faults = Faults()
    core.splunkd.faults.add("status", path="storage/collections", status=503, count=None)
    gate = opened(paces)
    assert not ask(gate, WORKS)
    clock.time = paces.clock.now() + 40
    clock.now = lambda: clock.time
    assert ask(gate, WORKS) and ask(gate, WORKS)
