"""Compares what a plan asks for with what the services show: nothing lost, nothing double, nothing wrong. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.chaos.observation import Message, Observation, Ticket

#: STUCK: a process that does not end by itself after all faults have ended.
LOST, DOUBLE, WRONG, STUCK = "LOST", "DOUBLE", "WRONG", "STUCK"


@dataclass(frozen=True)
class Expected:
    """What has to come of a case."""

    case: int
    #: Kind and name, for people.
    title: str
    #: What names the case in tickets and messages: event ids, the resource.
    tokens: frozenset[str]
    #: Event ids of findings for which a ticket, and a message, was asked, with the names of the plan (``e1``).
    ticket_events: dict[str, str]
    slack_events: dict[str, str]
    #: Sets of event ids of which an alert has notified Slack at a time.
    notified: frozenset[frozenset[str]]
    #: Changes to be made in AWS.
    changes: frozenset[str]
    #: Somebody closed its ticket in the round.
    closed: bool = False
    playbook: str = ""


@dataclass(frozen=True)
class Violation:
    #: LOST, DOUBLE, WRONG or STUCK.
    kind: str
    #: None where it belongs to no case.
    case: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


def judge(expected: Sequence[Expected], seen: Observation) -> list[Violation]:
    """Every violation, by case."""
    found = [violation for one in expected for violation in _case(one, seen)]
    return found + list(_strangers(expected, seen))


def _case(one: Expected, seen: Observation) -> Iterator[Violation]:
    tickets = [ticket for ticket in seen.tickets if _names(one, " ".join((ticket.summary, *ticket.texts)))]
    yield from _tickets(one, tickets)
    yield from _messages(one, _messages_of(one, seen.messages))
    for change in sorted(one.changes):
        made = seen.changes[change]
        if change not in seen.in_force:
            yield Violation(LOST, one.case, f"{one.title}: '{change}' is not in force ({made} calls succeeded)")
        elif made != 1:
            kind = DOUBLE if made else WRONG
            yield Violation(kind, one.case, f"{one.title}: {made} calls have made the change '{change}'")


# -- tickets ----------------------------------------------------------------------------------------------------------


def _tickets(one: Expected, tickets: Sequence[Ticket]) -> Iterator[Violation]:
    keys = ", ".join(ticket.key for ticket in tickets) or "none"
    still_open = [ticket.key for ticket in tickets if ticket.is_open]
    if not one.ticket_events:
        if tickets:
            yield Violation(WRONG, one.case, f"{one.title}: no ticket was asked for; tickets: {keys}")
        return
    if not tickets:
        yield Violation(LOST, one.case, f"{one.title}: it has no ticket")
    # A ticket that somebody has closed is followed by another one when there is more to report.
    elif len(still_open) > 1 or len(tickets) > (2 if one.closed else 1):
        yield Violation(DOUBLE, one.case, f"{one.title}: one open ticket is expected; tickets: {keys}")
    elif not one.closed and not still_open:
        yield Violation(WRONG, one.case, f"{one.title}: its ticket is closed, and nobody did it: {keys}")
    places = [
        (f"{ticket.key} " + (f"comment {number}" if number else "description"), text)
        for ticket in tickets
        for number, text in enumerate(ticket.texts)
    ]
    yield from _once(one, "tickets", one.ticket_events, places)
    yield from _marked_twice(one, "tickets", [mark for ticket in tickets for mark in ticket.marks])


def _once(one: Expected, where: str, events: dict[str, str], places: list[tuple[str, str]]) -> Iterator[Violation]:
    """Each event stands in exactly one text."""
    for event_id, name in events.items():
        found = [place for place, text in places if event_id in text]
        if not found:
            yield Violation(LOST, one.case, f"{one.title}: event {name} ({event_id}) is missing in {where}")
        elif len(found) > 1:
            text = f"{one.title}: event {name} ({event_id}) is {len(found)} times in {where}: {', '.join(found)}"
            yield Violation(DOUBLE, one.case, text)


def _marked_twice(one: Expected, where: str, marks: Sequence[str]) -> Iterator[Violation]:
    """The app marks what it sends, so that it can look it up; the same mark twice is the same thing sent twice."""
    for mark, count in Counter(filter(None, marks)).items():
        if count > 1:
            yield Violation(DOUBLE, one.case, f"{one.title}: {count} texts in {where} carry the mark {mark}")


# -- Slack ------------------------------------------------------------------------------------------------------------


def _messages_of(one: Expected, messages: Sequence[Message]) -> list[Message]:
    """Messages that name the case, and the replies to them."""
    threads = {message.ts for message in messages if _names(one, message.text)}
    return [message for message in messages if message.ts in threads or message.thread_ts in threads]


def _messages(one: Expected, messages: Sequence[Message]) -> Iterator[Violation]:
    threads = [message for message in messages if not message.thread_ts]
    if not one.slack_events:
        if messages:
            yield Violation(WRONG, one.case, f"{one.title}: no message was asked for; there are {len(messages)}")
        return
    if not threads:
        yield Violation(LOST, one.case, f"{one.title}: it has no message in Slack")
    if len(threads) > 1:
        yield Violation(DOUBLE, one.case, f"{one.title}: it has {len(threads)} threads in Slack")
    yield from _marked_twice(one, "Slack", [message.mark for message in messages])
    if any(event_id in message.text for event_id in one.slack_events for message in messages):
        places = [(f"message {message.ts}", message.text) for message in messages]
        yield from _once(one, "Slack", one.slack_events, places)
        return
    # Messages that show no event ids can only be counted.
    notices = [message for message in messages if one.playbook not in message.text]
    if len(notices) > len(one.notified):
        text = f"{one.title}: {len(notices)} messages report occurrences; alerts have found {len(one.notified)}"
        yield Violation(DOUBLE, one.case, text)


# -- what belongs to nobody -------------------------------------------------------------------------------------------


def _strangers(expected: Sequence[Expected], seen: Observation) -> Iterator[Violation]:
    wanted = {change for one in expected for change in one.changes}
    for change in sorted((set(seen.changes) | seen.in_force) - wanted):
        text = f"no finding asks for '{change}': {seen.changes[change]} calls succeeded"
        yield Violation(WRONG, _owner(expected, change), text + (", and it is in force" * (change in seen.in_force)))
    for ticket in seen.tickets:
        if not any(_names(one, " ".join((ticket.summary, *ticket.texts))) for one in expected):
            yield Violation(WRONG, None, f"ticket {ticket.key} belongs to no case: {ticket.summary}")
    known = {message.ts for one in expected for message in _messages_of(one, seen.messages)}
    for message in seen.messages:
        if message.ts not in known:
            yield Violation(WRONG, None, f"message {message.ts} belongs to no case: {message.text[:120]}")


def _names(one: Expected, text: str) -> bool:
    return any(token in text for token in one.tokens)


def _owner(expected: Sequence[Expected], change: str) -> int | None:
    return next((one.case for one in expected if _names(one, change)), None)
