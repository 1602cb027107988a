"""The verdict: what counts as lost, double and wrong, by what the services show."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.chaos.observation import Message, Observation, Ticket
from tests.chaos.verdict import DOUBLE, LOST, WRONG, Expected, judge

E1, E2, E3 = "id-of-event-1", "id-of-event-2", "id-of-event-3"
CASE = Expected(
    case=0,
    title="case 0",
    tokens=frozenset({"sg-1", E1, E2, E3}),
    ticket_events={E1: "e1", E2: "e2"},
    slack_events={E1: "e1", E2: "e2", E3: "e3"},
    notified=frozenset({frozenset({E1, E2}), frozenset({E2, E3})}),
    changes=frozenset({"revoke sg-1 22"}),
    playbook="revoke_open_ingress",
)
TICKET = Ticket("SEC-1", True, (f"sg-1 was opened: {E1}", f"Again: {E2}", "Done: sg-1"), ("m1", "m2", "m3"))
MESSAGES = (
    Message("1", "", f"sg-1 was opened: {E1} {E2}", "a"),
    Message("2", "1", f"Again: {E3}", "b"),
    Message("3", "1", "revoke_open_ingress is done", "c"),
)
RIGHT = Observation((TICKET,), MESSAGES, Counter({"revoke sg-1 22": 1}), frozenset({"revoke sg-1 22"}))


def verdict(seen: Observation, *cases: Expected) -> list[tuple[str, str]]:
    return [(violation.kind, violation.text) for violation in judge(cases or (CASE,), seen)]


def only(found: list[tuple[str, str]]) -> tuple[str, str]:
    (violation,) = found
    return violation


def test_what_is_right_gives_no_violation():
    assert verdict(RIGHT) == []


def test_an_event_that_no_ticket_names_is_lost():
    ticket = replace(TICKET, texts=(f"sg-1 was opened: {E1}",), marks=("m1",))
    kind, text = only(verdict(replace(RIGHT, tickets=(ticket,))))
    assert kind == LOST and "event e2" in text and "tickets" in text


@pytest.mark.parametrize(
    "ticket",
    [
        replace(TICKET, texts=(*TICKET.texts, f"Again: {E2}"), marks=(*TICKET.marks, "m4")),
        replace(TICKET, texts=(f"sg-1 was opened: {E1} {E2}", f"Again: {E2}"), marks=("m1", "m2")),
    ],
    ids=["two comments", "description and comment"],
)
def test_an_event_in_two_texts_is_double(ticket):
    kind, text = only(verdict(replace(RIGHT, tickets=(ticket,))))
    assert kind == DOUBLE and "event e2" in text and "SEC-1" in text


def test_an_event_twice_in_one_text_is_reported_once():
    ticket = replace(TICKET, texts=(f"sg-1: {E1}, that is {E1}", f"Again: {E2}", "Done: sg-1"))
    assert verdict(replace(RIGHT, tickets=(ticket,))) == []


def test_a_second_open_ticket_of_a_case_is_double():
    other = Ticket("SEC-2", True, ("sg-1 was opened",), ("m9",))
    assert only(verdict(replace(RIGHT, tickets=(TICKET, other)))) == (
        DOUBLE,
        "case 0: one open ticket is expected; tickets: SEC-1, SEC-2",
    )


def test_a_ticket_that_somebody_closed_may_be_followed_by_one_and_no_more():
    closed = replace(TICKET, is_open=False, texts=(f"sg-1: {E1}",), marks=("m1",))
    second = Ticket("SEC-2", True, (f"sg-1: {E2}",), ("m2",))
    case = replace(CASE, closed=True)
    assert verdict(replace(RIGHT, tickets=(closed, second)), case) == []
    third = Ticket("SEC-3", True, ("sg-1",), ("m3",))
    assert only(verdict(replace(RIGHT, tickets=(closed, second, third)), case))[0] == DOUBLE


def test_a_ticket_that_nobody_closed_has_to_be_open():
    assert only(verdict(replace(RIGHT, tickets=(replace(TICKET, is_open=False),))))[0] == WRONG


@pytest.mark.parametrize("seen", [replace(RIGHT, tickets=()), replace(RIGHT, messages=())], ids=["ticket", "message"])
def test_a_case_without_ticket_or_message_is_lost(seen):
    assert {kind for kind, _ in verdict(seen)} == {LOST}


def test_a_ticket_and_a_message_that_nobody_asked_for_are_wrong():
    case = replace(CASE, ticket_events={}, slack_events={})
    assert [kind for kind, _ in verdict(RIGHT, case)] == [WRONG, WRONG]


def test_an_event_in_two_messages_is_double():
    messages = (*MESSAGES, Message("4", "1", f"Again: {E3}", "d"))
    kind, text = only(verdict(replace(RIGHT, messages=messages)))
    assert kind == DOUBLE and "event e3" in text and "Slack" in text


def test_an_event_in_no_message_is_lost():
    kind, text = only(verdict(replace(RIGHT, messages=MESSAGES[:1] + MESSAGES[2:])))
    assert kind == LOST and "event e3" in text


def test_a_second_thread_is_double():
    assert only(verdict(replace(RIGHT, messages=(*MESSAGES, Message("4", "", "sg-1 was opened", "d")))))[0] == DOUBLE


def test_the_same_mark_twice_is_double_even_where_no_event_is_named():
    notices = (*MESSAGES, Message("4", "1", "revoke_open_ingress is done", "c"))
    assert only(verdict(replace(RIGHT, messages=notices)))[0] == DOUBLE
    ticket = replace(TICKET, texts=(*TICKET.texts, "Done: sg-1"), marks=(*TICKET.marks, "m3"))
    assert only(verdict(replace(RIGHT, tickets=(ticket,))))[0] == DOUBLE


def test_messages_that_name_no_events_are_counted():
    messages = tuple(
        Message(str(number), "1" if number > 1 else "", text, f"m{number}")
        for number, text in enumerate(("sg-1 was opened", "2 new events", "revoke_open_ingress is done"), 1)
    )
    assert verdict(replace(RIGHT, messages=messages)) == []
    more = (*messages, Message("4", "1", "1 new event", "m4"))
    assert only(verdict(replace(RIGHT, messages=more)))[0] == DOUBLE


def test_a_change_that_is_not_in_force_is_lost():
    kind, text = only(verdict(replace(RIGHT, changes=Counter(), in_force=frozenset())))
    assert kind == LOST and "revoke sg-1 22" in text


def test_a_change_made_by_two_calls_is_double():
    kind, text = only(verdict(replace(RIGHT, changes=Counter({"revoke sg-1 22": 2}))))
    assert kind == DOUBLE and "2 calls" in text


@pytest.mark.parametrize(
    "wrong",
    [
        replace(RIGHT, in_force=frozenset({"revoke sg-1 22", "revoke sg-1 443"})),
        replace(RIGHT, changes=Counter({"revoke sg-1 22": 1, "iam:DeleteUser UserName=alice": 1})),
    ],
    ids=["in force", "called"],
)
def test_a_change_that_no_finding_asks_for_is_wrong(wrong):
    assert only(verdict(wrong))[0] == WRONG


def test_a_ticket_and_a_message_of_no_case_are_wrong():
    strangers = replace(
        RIGHT,
        tickets=(TICKET, Ticket("SEC-9", True, ("something",), ("x",))),
        messages=(*MESSAGES, Message("9", "", "something", "y")),
    )
    assert [kind for kind, _ in verdict(strangers)] == [WRONG, WRONG]


def test_the_event_of_another_case_is_no_excuse():
    other = replace(CASE, case=1, title="case 1", tokens=frozenset({"sg-2", "x1"}), ticket_events={"x1": "e1"})
    other = replace(other, slack_events={}, notified=frozenset(), changes=frozenset())
    found = [violation for violation in judge((CASE, other), RIGHT) if violation.case == 1]
    assert {violation.kind for violation in found} == {LOST}
