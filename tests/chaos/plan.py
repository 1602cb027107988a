"""What happens in a round, as plain data drawn from a seed: the same seed and round, the same plan.

A plan fixes what alerts find, when and where they run, which members are unreachable when, and whose clock is wrong.
What befalls single requests is drawn from the same seed (``injection.py``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.chaos.fault_profile import FULL, FaultProfile

#: What a case is about.
KINDS = ("group", "key", "bucket", "trail")
#: Each event of a security group opens a port of its own; each event of a user is a call with one of two access keys.
PORTS = ("22", "3389", "5432", "6379", "27017")
KEYS = ("A", "A", "A", "B", "B", "B")


@dataclass(frozen=True)
class Case:
    """Findings that share a dedup key. ``subjects`` says of each event what it is about: a port, the name of a key."""

    number: int
    kind: str
    subjects: tuple[str, ...]
    #: ``throttle_seconds`` of its findings.
    throttle: int = 0
    #: Second at which somebody closes its ticket, if it has one by then.
    closed_at: float | None = None


@dataclass(frozen=True, order=True)
class Finding:
    """A result row: a case, and which of its events it names (numbered from 1)."""

    case: int
    events: tuple[int, ...]


@dataclass(frozen=True)
class AlertRun:
    """One run of an alert with one action, ``at`` a second of the round.

    ``mode`` is that of the action remediate. On two ``members`` the same run (search id, results) starts twice at once.
    """

    number: int
    at: float
    action: str
    mode: str
    findings: tuple[Finding, ...]
    members: tuple[int, ...]


@dataclass(frozen=True)
class Outage:
    """A member's splunkd cannot be reached; all of them where ``member`` is None."""

    at: float
    seconds: float
    member: int | None


@dataclass(frozen=True)
class TimedSignal:
    """``kill``, or ``stop`` for some seconds; ``pick`` (0 to 1) chooses among the processes that live then."""

    at: float
    name: str
    seconds: float
    pick: float


@dataclass(frozen=True)
class Size:
    """How much happens. ``seconds``: for how long faults are injected at least; alerts run in the first part of it."""

    cases: int = 5
    seconds: float = 6.0
    members: int = 3
    #: Seconds of the app's leases: a stopped process has to outlast one.
    lease: float = 4.0

    @property
    def alerts_until(self) -> float:
        return round(self.seconds * 0.6, 2)


@dataclass(frozen=True)
class Plan:
    seed: int
    round: int
    size: Size
    profile: FaultProfile
    cases: tuple[Case, ...]
    runs: tuple[AlertRun, ...]
    #: Members on which the worker input starts, in turn.
    workers: tuple[int, ...]
    outages: tuple[Outage, ...] = ()
    signals: tuple[TimedSignal, ...] = ()
    #: By member: seconds by which its clock is ahead, and by which its reads of the KV store are behind.
    skews: tuple[float, ...] = ()
    lags: tuple[float, ...] = ()
    #: Seconds by which the clocks of single processes are ahead of their member's, used in turn.
    process_skews: tuple[float, ...] = (0.0,)

    def event_id(self, case: int, event: int) -> str:
        """In the form of CloudTrail's, unique over seeds and rounds, and readable: seed, round, case, event."""
        return f"{self.seed % 2**32:08x}-{self.round % 2**16:04x}-4{case:03x}-8{event:03x}-c4a05c4a05c4"

    def name(self, case: int) -> str:
        """The name of what a case is about."""
        return f"chaos-{self.seed}-{self.round}-{case}"

    def events_of(self, action: str, mode: str = "") -> dict[int, set[int]]:
        """By case: the events in the findings of every alert with this action (and mode)."""
        found: dict[int, set[int]] = {}
        for run in self.runs:
            if run.action == action and mode in ("", run.mode):
                for finding in run.findings:
                    found.setdefault(finding.case, set()).update(finding.events)
        return found

    def alerts(self) -> dict[tuple[str, str], tuple[Finding, ...]]:
        """By action and mode: all findings, as the alert's next run finds them again."""
        found: dict[tuple[str, str], set[Finding]] = {}
        for run in self.runs:
            found.setdefault((run.action, run.mode), set()).update(run.findings)
        return {alert: tuple(sorted(findings)) for alert, findings in found.items()}

    def lines(self) -> Iterator[str]:
        """The plan for people, in order of time."""
        yield f"seed {self.seed}, round {self.round}: clocks ahead by {self.skews} s, reads behind by {self.lags} s"
        for case in self.cases:
            about = " ".join(f"e{number}" + f":{one}" * bool(one) for number, one in enumerate(case.subjects, 1))
            throttle = f", throttled for {case.throttle} s" * bool(case.throttle)
            closed = "" if case.closed_at is None else f", ticket closed at {case.closed_at:.1f} s"
            yield f"  case {case.number}: {case.kind} {self.name(case.number)} ({about}){throttle}{closed}"
        steps = [(run.at, _line(run)) for run in self.runs]
        steps += [(one.at, f"splunkd of {_member(one.member)} is away for {one.seconds:.1f} s") for one in self.outages]
        steps += [(one.at, f"{one.name} some process {one.seconds:.1f} s") for one in self.signals]
        for at, step in sorted(steps):
            yield f"  {at:5.2f} s  {step}"


def _line(run: AlertRun) -> str:
    rows = " ".join(f"{one.case}:{{{','.join(f'e{event}' for event in one.events)}}}" for one in run.findings)
    return f"run {run.number} {run.action} {run.mode} on {' and '.join(map(_member, run.members))}: {rows}"


def _member(number: int | None) -> str:
    return "all members" if number is None else f"sh{number}"


def draw(seed: int, round_number: int = 0, size: Size = Size(), profile: FaultProfile = FULL) -> Plan:
    """The plan of a round."""
    rng = random.Random(f"plan/{seed}/{round_number}")
    cases = tuple(_case(rng, number, size) for number in range(size.cases))
    plan = Plan(
        seed=seed,
        round=round_number,
        size=size,
        profile=profile,
        cases=cases,
        runs=tuple(_runs(rng, cases, size)),
        workers=tuple(rng.randrange(size.members) for _ in range(20)),
        skews=(0.0,) * size.members,
        lags=(0.0,) * size.members,
    )
    if not profile.disruptions:
        return plan
    # Last, so that a profile without them changes nothing of the rest.
    return _disrupted(plan, rng, size)


def one_finding_each(plan: Plan) -> Plan:
    """The plan without what differs between findings of a case: each alert finds the first one again and again."""
    first = {case.number: Finding(case.number, (1, 2)) for case in plan.cases}
    runs = [
        replace(
            run,
            mode="enforce" if run.mode else "",
            findings=tuple(dict.fromkeys(first[finding.case] for finding in run.findings)),
        )
        for run in plan.runs
    ]
    return replace(plan, runs=tuple(runs), cases=tuple(replace(case, closed_at=None) for case in plan.cases))


def _disrupted(plan: Plan, rng: random.Random, size: Size) -> Plan:
    return replace(
        plan,
        outages=tuple(_outages(rng, size)),
        signals=tuple(_signals(rng, size)),
        skews=tuple(round(rng.uniform(-0.5, 0.5), 2) for _ in range(size.members)),
        lags=tuple(rng.choice((0.0, 0.1, 0.3, 0.8)) for _ in range(size.members)),
        process_skews=tuple(_process_skews(rng, size)),
    )


def _case(rng: random.Random, number: int, size: Size) -> Case:
    # The first of each kind, then most of those whose findings differ in what they are about.
    kind = KINDS[number] if number < len(KINDS) else rng.choice(("group", "key", "group", "key", "bucket", "trail"))
    subjects = {"group": tuple(rng.sample(PORTS, len(PORTS))), "key": KEYS}.get(kind, ("", "", ""))
    throttle = rng.choice((0, 0, 2))
    closed_at = round(rng.uniform(1, size.seconds), 2) if rng.random() < 0.2 else None
    return Case(number, kind, subjects, throttle, closed_at)


def _findings(case: Case) -> list[Finding]:
    """Rows whose sets of events overlap: {e1,e2}, {e2,e3} and so on. Each row of a user is about one access key."""
    if case.kind == "key":
        return [Finding(case.number, events) for events in ((1, 2), (2, 3), (4, 5), (5, 6), (1, 2, 3))]
    last = len(case.subjects)
    pairs = [Finding(case.number, (event, event + 1)) for event in range(1, last)]
    return [*pairs, Finding(case.number, (1,)), Finding(case.number, (last,))]


def _runs(rng: random.Random, cases: tuple[Case, ...], size: Size) -> Iterator[AlertRun]:
    waiting = [one for case in cases for one in _found(rng, case, size)]
    number = 0
    while waiting:
        at, action, mode, finding = waiting.pop(0)
        rows = [finding]
        # Some runs bring findings of several cases.
        for other in [one for one in waiting if one[1:3] == (action, mode) and one[3].case != finding.case][:2]:
            if rng.random() < 0.25:
                waiting.remove(other)
                rows.append(other[3])
        number += 1
        members = rng.sample(range(size.members), 2 if rng.random() < 0.25 else 1)
        yield AlertRun(number, at, action, mode, tuple(rows), tuple(members))


def _found(rng: random.Random, case: Case, size: Size) -> Iterator[tuple[float, str, str, Finding]]:
    """Second, action, mode and finding. Some are only simulated, and some of those enforced later."""
    for action in ("create_ticket", "notify_slack", "remediate"):
        if rng.random() < 0.1:
            continue
        for at, finding in _times(rng, case, size):
            if action != "remediate":
                yield at, action, "", finding
            elif rng.random() < 0.3:
                yield at, action, "simulate", finding
                if rng.random() < 0.5:
                    yield _later(rng, at, size), action, "enforce", finding
            else:
                yield at, action, "enforce", finding


def _times(rng: random.Random, case: Case, size: Size) -> Iterator[tuple[float, Finding]]:
    """When which finding is found: two or three, some at the same moment, some again later."""
    together = round(rng.uniform(0, size.alerts_until), 2)
    found = rng.sample(_findings(case), rng.choice((2, 2, 3)))
    for finding in found:
        yield (together if rng.random() < 0.5 else round(rng.uniform(0, size.alerts_until), 2)), finding
    if rng.random() < 0.3:
        yield _later(rng, together, size), rng.choice(found)


def _later(rng: random.Random, at: float, size: Size) -> float:
    return round(rng.uniform(at, size.alerts_until), 2)


def _outages(rng: random.Random, size: Size) -> Iterator[Outage]:
    for _ in range(rng.choice((1, 2, 2))):
        member = rng.choice((None, *range(size.members)))
        yield Outage(round(rng.uniform(0.5, size.seconds), 2), round(rng.uniform(0.3, 1.2), 2), member)


def _signals(rng: random.Random, size: Size) -> Iterator[TimedSignal]:
    for at in _steps(rng, 0.2, size.seconds, 0.8):
        name = rng.choice(("kill", "stop", "stop"))
        seconds = beyond_lease(rng, size) if name == "stop" else 0.0
        yield TimedSignal(at, name, seconds, round(rng.random(), 3))


def beyond_lease(rng: random.Random, size: Size) -> float:
    """Seconds for which a process is stopped so that others take over its tasks."""
    return round(size.lease + rng.uniform(0.3, 2.5), 2)


def _process_skews(rng: random.Random, size: Size) -> Iterator[float]:
    """Most processes have the clock of their member; some are a lease or more beside it."""
    for _ in range(17):
        yield rng.choice((-1, 1)) * round(rng.uniform(size.lease, 60), 1) if rng.random() < 0.3 else 0.0


def _steps(rng: random.Random, first: float, last: float, step: float) -> Iterator[float]:
    at = first
    while at < last:
        yield round(at, 2)
        at += step * rng.uniform(0.5, 1.5)
