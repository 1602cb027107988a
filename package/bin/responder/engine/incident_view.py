"""Everything about the actor of a case: its calls over time, what it made, what was done, its cases and their tickets.

The names that are searched for are those that CloudTrail's own records lead to (``findings.actor_calls``): keys and
ARNs, checked. Nothing of a finding goes into a search otherwise.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..cases.store import CASES
from ..errors import one_line
from ..findings import actor_calls, actor_timeline
from ..findings.actor_calls import ActorCalls, Followed
from ..findings.actor_timeline import CHANGE, DENIED, READ, SLOTS, Timeline
from ..findings.finding import Finding
from ..remediation import registry
from ..remediation.evidence import EVIDENCE
from ..remediation.model import Call
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from .case_queue import QueuedCase, rows_of
from .remediating import finding_of, source

DAY = 86_400.0
#: Seconds after the finding that are looked at, at most; before it, a day (``actor_calls.BEFORE``).
AFTER = 3 * DAY
#: Things that the actor made, cases, and steps of ours that are listed; names of calls in a slot.
MOST_MADE, MOST_CASES, MOST_STEPS, MOST_NAMES = 200, 100, 200, 5


@dataclass(frozen=True)
class CallSlot:
    """Calls within a part of the window, of equal length. Times are epoch seconds."""

    since: float
    until: float
    reads: int
    changes: int
    denied: int
    #: The most frequent, as ``RunInstances (3)``.
    names: Sequence[str]


@dataclass(frozen=True)
class MadeThing:
    at: float
    #: As CloudTrail calls it.
    call: str
    resource_type: str
    resource: str
    region: str


@dataclass(frozen=True)
class OurStep:
    """A write of the app in AWS, in one of the actor's cases."""

    at: float
    case: str
    task: str
    resource: str
    #: As CloudTrail has it: ``UpdateAccessKey``.
    call: str
    #: Whether it was taken back since.
    undone: bool


@dataclass(frozen=True)
class ActorView:
    """Texts are an attacker's."""

    case: str
    actor: str
    account: str
    #: Keys and ARNs with which the actor acts, those included that it made or opened itself.
    names: Sequence[str]
    since: float
    until: float
    slots: Sequence[CallSlot]
    #: Whether there were more calls than were looked at.
    is_cut: bool
    made: Sequence[MadeThing]
    steps: Sequence[OurStep]
    #: Of the same actor in the same account, the newest first.
    cases: Sequence[QueuedCase]
    #: Whether there are more of what is listed than are listed.
    more_made: bool
    more_steps: bool
    more_cases: bool
    #: Why there are no calls, where nobody can be searched for; else empty.
    why_not: str = ""


def read(splunkd: Splunkd, case: str) -> ActorView:
    """Raises Rejected and NotFound as ``remediating.source``, and what ``search`` raises."""
    finding, now = finding_of(source(splunkd, case)), splunkd.now()
    followed = actor_calls.follow(splunkd, finding, ActorCalls(_operations()), now)
    since = (finding.first_time or now) - actor_calls.BEFORE
    until = max(min(now, (finding.last_time or now) + AFTER), since + SLOTS)
    timeline = actor_timeline.read(splunkd, sorted(followed.names), since, until)
    cases, more_cases = _cases(splunkd, case, finding)
    steps = sorted(_steps(splunkd, [one.case for one in cases]), key=lambda one: one.at)
    made = list(_made(followed, finding))
    return ActorView(
        case=case,
        actor=one_line(finding.user or finding.user_arn),
        account=finding.vendor_account,
        names=sorted(followed.names),
        since=since,
        until=until,
        slots=_slots(timeline, since, until),
        is_cut=timeline.is_cut or not followed.is_whole,
        made=made[:MOST_MADE],
        steps=steps[-MOST_STEPS:],
        cases=cases,
        more_made=len(made) > MOST_MADE,
        more_steps=len(steps) > MOST_STEPS,
        more_cases=more_cases,
        why_not="" if followed.names else _NOBODY,
    )


_NOBODY = "The finding names neither an access key nor the ARN of a user or role, so nobody can be searched for."


def _operations() -> tuple[str, ...]:
    """What makes something that a playbook can take back."""
    found = (name for playbook in registry.every() for made in playbook.takes_back for name in made.operations)
    return tuple(sorted(set(found)))


def _slots(timeline: Timeline, since: float, until: float) -> list[CallSlot]:
    counts = [Counter[str]() for _ in range(SLOTS)]
    names = [Counter[str]() for _ in range(SLOTS)]
    for one in timeline.counted:
        counts[one.slot][one.kind] += one.count
        names[one.slot][one_line(one.name)[:100]] += one.count
    width = (until - since) / SLOTS
    return [
        CallSlot(
            since + number * width,
            since + (number + 1) * width,
            counts[number][READ],
            counts[number][CHANGE],
            counts[number][DENIED],
            [f"{name} ({count})" for name, count in names[number].most_common(MOST_NAMES)],
        )
        for number in range(SLOTS)
    ]


def _made(followed: Followed, finding: Finding) -> Iterator[MadeThing]:
    """What the calls made, by what each playbook says of those that it takes back; newest first, each once."""
    declared = [made for playbook in registry.every() for made in playbook.takes_back]
    seen = set()
    for record in followed.records:
        for found in (one for made in declared for one in made.findings(record, finding)):
            named = (record.event_id, found.object_category, found.object_id)
            if named in seen:
                continue
            seen.add(named)
            yield MadeThing(
                found.first_time,
                one_line(record.event_name)[:100],
                one_line(found.object_category)[:100],
                one_line(found.object_id)[:300],
                one_line(found.vendor_region)[:40],
            )


def _cases(splunkd: Splunkd, case: str, finding: Finding) -> tuple[list[QueuedCase], bool]:
    """Those of the same actor in the same account, with the case itself; and whether there are more."""
    actor, found = (finding.user or finding.user_arn)[:300], []
    if actor:
        wanted = {"actor": actor, "account": finding.vendor_account, "opened_at": {"$gt": 0}}
        found = splunkd.find(CASES, wanted, sort="opened_at:-1", limit=MOST_CASES + 1)
    listed = found[:MOST_CASES]
    if case not in [one["_key"] for one in listed]:
        own = splunkd.fetch(CASES, case)
        listed = [*([own] if own else []), *listed]
    return rows_of(splunkd, listed), len(found) > MOST_CASES


def _steps(splunkd: Splunkd, cases: Sequence[str]) -> Iterator[OurStep]:
    """Writes that AWS answered, or may have made: the evidence of the cases' remediations."""
    for query in any_of("case_id", cases):
        documents = splunkd.find(EVIDENCE, query, limit=4 * MOST_STEPS)
        taken_back = {str(one["_key"]).rpartition(":undone")[0] for one in documents if one.get("kind") == "undone"}
        ended = {key for one in documents for key in [_of(one)] if key}
        for one in documents:
            if one.get("kind") == "intended" and one["_key"] in ended:
                yield _step(one, str(one["_key"]) in taken_back)


def _of(document: dict[str, object]) -> str:
    """The intention that a document says is done, or may be; empty for others."""
    kind = str(document.get("kind"))
    return str(document["_key"]).rpartition(f":{kind}")[0] if kind in ("done", "unknown") else ""


def _step(document: dict[str, object], undone: bool) -> OurStep:
    try:
        body = json.loads(str(document["body"]))
        call = Call(**body["step"]["call"]).api_name
        resource = str(body["resource"]["id"])
    except (ValueError, KeyError, TypeError, AttributeError):
        # Damaged by hand: the task's page says so.
        resource, call = "", ""
    at = document.get("at")
    return OurStep(
        float(at) if isinstance(at, (int, float)) else 0.0,
        str(document.get("case_id")),
        str(document.get("task")),
        one_line(resource)[:300],
        one_line(call)[:100],
        undone,
    )
