"""Whether a remediation holds, by CloudTrail: our own calls' records arrive, and those who are contained stop.

The state that was read back is the first proof, and says what AWS holds to be so; this is the second, and says what
happened. Facts: CloudTrail User Guide, "How CloudTrail works" (delivery within about 5 minutes of a call on average,
which is not guaranteed); IAM User Guide, "Changes that I make are not always immediately visible".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import NotYet, one_line
from ..findings.arrivals import Arrival
from ..findings.successes import Success
from .evidence import Entry
from .model import Resource, utc

#: Seconds: until the first look, and between two looks at most.
FIRST_LOOK, LONGEST_PAUSE = 60.0, 300.0
#: Seconds after the change for which those who are contained are watched.
WATCHED = 900.0
#: Seconds in which a call may still succeed, while AWS makes the change known to all of its parts.
SPREADS = 120.0
#: Seconds by which this host's clock may be wrong, where only it says when the change was made: AWS refuses requests
#: that are signed further off (Signature Version 4: five minutes).
SKEW = 300.0
#: Seconds after the change in which our own records have to arrive.
GIVES_UP = 1800.0
MINUTE = 60.0


@dataclass(frozen=True)
class Pace:
    """When is looked; seconds."""

    first: float = FIRST_LOOK
    watched: float = WATCHED
    gives_up: float = GIVES_UP

    @classmethod
    def of(cls, developer: Mapping[str, str]) -> Pace:
        """``containment_seconds`` of the developer's settings is the first pause, and hastens all: for the sandbox."""
        seconds = float(developer.get("containment_seconds") or 0)
        return cls(seconds, seconds, seconds * GIVES_UP / FIRST_LOOK) if seconds > 0 else cls()

    def next_look(self, changed_at: float, now: float) -> float:
        """Seconds until the next: as long again as it has taken so far, within bounds."""
        return min(max(now - changed_at, self.first), LONGEST_PAUSE)


@dataclass(frozen=True)
class GivenBack:
    """The call by which somebody else has taken back in AWS what contained someone."""

    #: Epoch seconds.
    at: float
    #: ARN or name of the caller.
    by: str
    #: As CloudTrail names it.
    call: str
    event_id: str
    #: One sentence: how it is now.
    state: str


@dataclass(frozen=True)
class Watched:
    """Who was contained, and which of their calls succeeded since the change; None where that cannot be looked up."""

    who: str
    successes: Sequence[Success] | None
    #: When what contains them was made: of many changes each has its own time.
    since: float
    #: Where somebody has changed in AWS what contains them.
    given_back: GivenBack | None = None

    def late(self, spread: float) -> Sequence[Success]:
        """Calls that succeeded after AWS had that many seconds to make the change known; oldest first."""
        return [one for one in self.successes or () if one.at > self.since + spread]


@dataclass(frozen=True)
class Judgment:
    """What the index says of a remediation."""

    #: ``proved``, ``unproved``, ``still_active`` or ``given_back``.
    status: str
    #: One line for people.
    message: str
    #: Seconds from our call to its record in the index; 0 while it is not there.
    latency: float = 0.0
    #: When our last call was made by AWS's clock and when its record was indexed; 0 while it is not there.
    changed_at: float = 0.0
    indexed_at: float = 0.0


@dataclass(frozen=True)
class Records:
    """Our own calls of one remediation, and their records."""

    #: What was made, as evidence has it.
    made: Sequence[Entry]
    arrived: Mapping[str, Arrival]

    @classmethod
    def of(cls, made: Sequence[Entry], found: Iterable[Arrival]) -> Records:
        """Only records of calls that succeeded count, each in the account that made it."""
        made_in = {request_id(entry): account_of(entry) for entry in made if request_id(entry)}
        counted = (one for one in found if not one.error and made_in.get(one.request_id) == one.account)
        return cls(made, {one.request_id: one for one in counted})

    def about(self, resource: Resource) -> Records:
        """Those that have changed one resource, of a composed playbook for one part."""
        made = [one for one in self.made if one.intended.resource.target == resource.target]
        return Records(made, self.arrived)

    @property
    def own(self) -> list[Arrival]:
        return [self.arrived[name] for name in map(request_id, self.made) if name in self.arrived]

    @property
    def missing(self) -> list[Entry]:
        return [entry for entry in self.made if request_id(entry) not in self.arrived]

    @property
    def changed_at(self) -> float:
        """When the last write was made: by AWS's clock, where all of them are there, else by ours."""
        if not self.missing:
            return max(one.at for one in self.own)
        return made_at(self.made)


def request_id(entry: Entry) -> str:
    return entry.done.request_id if entry.done is not None else ""


def account_of(entry: Entry) -> str:
    """The account that made a call, as AWS said; or the resource's own."""
    return (entry.done.account if entry.done is not None else "") or entry.intended.resource.account


def made_at(made: Sequence[Entry]) -> float:
    """By our clock."""
    return max(entry.done.at if entry.done is not None else entry.intended.at for entry in made)


def judge(records: Records, watched: Sequence[Watched], pace: Pace, now: float, failure: str = "") -> Judgment:
    """What the index says. Raises NotYet while it may still say more. ``failure``: why it cannot be searched."""
    began, changed_at = made_at(records.made), records.changed_at
    spread = SPREADS + (SKEW if records.missing else 0.0)
    given_back = ""
    for whom in watched:
        late = whom.late(spread)
        back = whom.given_back
        if late and (back is None or late[0].at < back.at):
            return Judgment("still_active", _still(whom, late, spread), changed_at=changed_at)
        if late and back is not None:
            given_back = given_back or _given_back(whom, back, late)
    if given_back:
        return Judgment("given_back", given_back, changed_at=changed_at)
    if records.missing:
        # Where an answer was lost, there is no record to wait for; who was stopped is watched all the same.
        known = [entry for entry in records.missing if request_id(entry)]
        if now < began + pace.gives_up and (known or watched):
            missing = f"CloudTrail's record of {_calls(known)} has not arrived yet." if known else ""
            who = ", ".join(one.who for one in watched)
            raise NotYet(
                f"Done, and read back. {missing or f'It is watched whether {who} still succeeds.'}",
                "It is looked for again.",
                retry_after=min(pace.next_look(began, now), began + pace.gives_up - now),
            )
        return Judgment("unproved", _unproved(records, watched, pace, failure))
    latency = max(one.latency for one in records.own)
    until = changed_at + pace.watched
    if watched and now < until + latency:
        raise NotYet(
            f"Done, and read back; CloudTrail has it. Until {utc(until)} is watched whether "
            f"{', '.join(one.who for one in watched)} still succeeds.",
            retry_after=min(until + latency - now, LONGEST_PAUSE),
        )
    indexed_at = max(one.indexed_at for one in records.own)
    return Judgment("proved", _proved(records, watched, latency, until), latency, changed_at, indexed_at)


def _proved(records: Records, watched: Sequence[Watched], latency: float, until: float) -> str:
    events = ", ".join(dict.fromkeys(one.event_id for one in records.own[:3]))
    said = [f"The record of {_calls(records.made)} was in the index {latency:.0f} s after the call (event {events})."]
    for whom in watched:
        if whom.successes is None:
            said.append(f"Whether {whom.who} still succeeds cannot be looked up.")
            continue
        span = f"between {utc(whom.since)} and {utc(until)}"
        if whom.successes:
            last = whom.successes[-1]
            said.append(
                f"The last call by {whom.who} that succeeded was {_call(last)}, {last.at - whom.since:.0f} s "
                f"after the change, while AWS was still applying it; none after that until {utc(until)}."
            )
        else:
            said.append(f"No call by {whom.who} succeeded {span}.")
    return " ".join(said)


def _unproved(records: Records, watched: Sequence[Watched], pace: Pace, failure: str) -> str:
    known = [entry for entry in records.missing if request_id(entry)]
    if known:
        entry = known[0]
        within = f"within {_long(pace.gives_up)}"
        said = f"No record of {_calls(known)} (request {request_id(entry)}) was in the CloudTrail index {within}."
        region = entry.intended.resource.region or "global services"
        said += f" Check that a trail logs {region}, and that the macro cloudtrail_index names its index."
    else:
        said = f"AWS gave no request id for {_calls(records.missing)}, so its record cannot be looked up."
    if failure:
        said += f" The index could not be searched: {failure}"
    silent = [one.who for one in watched if one.successes is not None and not one.successes]
    return f"{said} No call by {', '.join(silent)} was seen to succeed." if silent and not failure else said


def _long(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} minutes"


def _still(whom: Watched, late: Sequence[Success], spread: float) -> str:
    return (
        f"{_count(late)} by {whom.who} succeeded more than {spread:.0f} s after the change ({utc(whom.since)}); "
        f"{_last(late)}. Contain it by other means now, unless somebody has given it back in AWS."
    )


def _given_back(whom: Watched, back: GivenBack, late: Sequence[Success]) -> str:
    return (
        f"What contained {whom.who} was taken back in AWS by {one_line(back.by)[:200]} at {utc(back.at)} "
        f"({_short(back.call)}, event {_short(back.event_id)}). {back.state} {_count(late)} succeeded since then; "
        f"{_last(late)}. If this was not planned, contain it again now."
    )


def _count(late: Sequence[Success]) -> str:
    return "1 call" if len(late) == 1 else f"{len(late)} calls"


def _last(late: Sequence[Success]) -> str:
    last = late[-1]
    return f"the last was {_call(last)} at {utc(last.at)}, event {_short(last.event_id)}"


def _call(one: Success) -> str:
    return f"{_short(one.name)} ({_short(one.source)}) from {_short(one.src_ip) or 'an unknown address'}"


def _short(text: str) -> str:
    """What a record says is what its caller could choose in part."""
    return one_line(text)[:80]


def _calls(entries: Sequence[Entry]) -> str:
    """Operations as the API has them: ``UpdateAccessKey``."""
    words = list(dict.fromkeys(entry.intended.step.call.api_name for entry in entries))
    return ", ".join(words[:5]) + (f" and {len(words) - 5} more" if len(words) > 5 else "")
