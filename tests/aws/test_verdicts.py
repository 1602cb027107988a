"""Answers of people: each is the next number of what was asked, so all agree on what they come to."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responder.errors import Curable, Rejected
from responder.findings.finding import Finding
from responder.remediation.approvals import close, record, verdict
from responder.remediation.verdicts import APPROVALS, APPROVE, REJECT, Decision, Policy, person, tally
from responder.settings.model import Safety
from responder.splunk.client import Splunkd

ONE, TWO = Policy(1), Policy(2)


@pytest.fixture
def task() -> str:
    return f"{uuid.uuid4().hex[:20]}.remediate.some"


def says(task: str, decision: str, by: str, ask: str = "ask") -> Decision:
    return Decision(task, "plan", ask, decision, by, 1.0)


def test_what_is_decided_stays_decided(kv_store: Splunkd, task: str) -> None:
    assert record(kv_store, says(task, APPROVE, "alex"), ONE).by == "alex"
    later = record(kv_store, says(task, REJECT, "pat"), ONE)
    assert later.approved and later.by == "alex" and verdict(kv_store, task, "ask", ONE) == later
    assert not verdict(kv_store, task, "another", ONE).decision


def test_of_many_at_once_all_agree(kv_store: Splunkd, task: str) -> None:
    words = [APPROVE, REJECT] * 8
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: record(kv_store, says(task, words[n], f"user-{n}"), ONE), range(16)))
    stands = verdict(kv_store, task, "ask", ONE)
    assert {(one.decision, one.by) for one in said} == {(stands.decision, stands.by)}


def test_of_two_at_once_both_count(kv_store: Splunkd, task: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda by: record(kv_store, says(task, APPROVE, by), TWO), ("kim", "pat")))
    assert sorted(verdict(kv_store, task, "ask", TWO).by.split(" and ")) == ["kim", "pat"]


def test_whoever_has_approved_may_still_reject_while_it_is_open(kv_store: Splunkd, task: str) -> None:
    record(kv_store, says(task, APPROVE, "kim"), TWO)
    assert record(kv_store, says(task, REJECT, "kim"), TWO).rejected


def test_what_is_no_answer_is_not_written(kv_store: Splunkd, task: str) -> None:
    with pytest.raises(Rejected, match="neither approve nor reject"):
        record(kv_store, says(task, "yes", "alex"), ONE)
    assert verdict(kv_store, task, "ask", ONE).answers == ()


@pytest.mark.parametrize(
    "damage",
    [
        {"decision": "Approve"},
        {"decision": ""},
        {"at": None},
        {"by": None},
        {"ask": "other"},
        {"number": 7},
        {"way": None},
    ],
    ids=str,
)
def test_a_damaged_answer_decides_nothing(kv_store: Splunkd, task: str, damage: dict[str, Any]) -> None:
    document = {**replace(says(task, APPROVE, "alex"), number=1).to_document(), **damage}
    kv_store.insert(APPROVALS, {name: value for name, value in document.items() if value is not None})
    with pytest.raises(Curable, match="is damaged"):
        verdict(kv_store, task, "ask", ONE)


def test_an_answer_without_those_before_it_does_not_count(kv_store: Splunkd, task: str) -> None:
    """A copy of the store that lags behind may show them in any order."""
    kv_store.insert(APPROVALS, replace(says(task, APPROVE, "alex"), number=2).to_document())
    assert verdict(kv_store, task, "ask", ONE).answers == ()


ANSWERS = st.lists(st.tuples(st.sampled_from((APPROVE, REJECT)), st.sampled_from(("kim", "Kim@x", "pat", "owner"))))


@given(ANSWERS, st.sampled_from((1, 2)), st.booleans())
def test_the_order_decides_and_nobody_counts_twice(given_answers: Any, needed: int, four_eyes: bool) -> None:
    excluded = frozenset({"owner"}) if four_eyes else frozenset[str]()
    policy = Policy(needed, excluded=excluded)
    answers = [replace(says("t", word, by), number=n) for n, (word, by) in enumerate(given_answers, 1)]
    stands = tally(answers, policy)
    before = tally(answers[:-1], policy)
    assert not before.decision or (stands.decision, stands.by) == (before.decision, before.by)
    if stands.approved:
        approvers = {person(one.by) for one in stands.answers}
        assert len(approvers - excluded) == needed and all(one.approved for one in stands.answers)
    elif stands.rejected:
        assert not stands.answers[-1].approved
    else:
        assert stands.missing >= 1 and not any(not one.approved for one in answers)


def test_four_eyes_know_the_actor_by_every_name_that_the_finding_has() -> None:
    arn = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_x/ana.lopez@example.com"
    about = Finding("any", "Any", "high", "key", user="ana.lopez@example.com", user_arn=arn)
    policy = Policy.of(Safety(four_eyes=True), about, "owner", "asker")
    for by in ("ana.lopez", "Ana.Lopez@example.com", "owner", "ASKER"):
        assert not policy.counts(says("t", APPROVE, by))
    assert policy.counts(says("t", APPROVE, "kim"))
    assert Policy.of(Safety(), about, "owner").counts(says("t", APPROVE, "owner"))


@pytest.mark.parametrize(
    "name",
    ["CORP\\alice", "corp/alice", "ALICE@example.com", "alice+1@example.com", "a\u200blice", "\uff41lice", " alice. "],
)
def test_a_person_is_the_same_by_whatever_name(name: str) -> None:
    """Of a domain, an address, in look-alike letters, with letters that cannot be seen."""
    policy = Policy.of(Safety(four_eyes=True), Finding("any", "Any", "high", "key", user="alice"))
    assert not policy.counts(says("t", APPROVE, name))
    answers = [says("t", APPROVE, "alice"), says("t", APPROVE, name)]
    assert tally(answers, TWO).missing == 1, "and no second person"


def test_nobody_shuts_an_approver_out_by_the_name_of_a_session() -> None:
    """Whoever assumes a role names the session as he likes."""
    arn = "arn:aws:sts::111122223333:assumed-role/deploy/kim"
    about = Finding("any", "Any", "high", "key", user="deploy", user_arn=arn)
    policy = Policy.of(Safety(four_eyes=True), about, "owner")
    assert policy.counts(says("t", APPROVE, "kim")) and not policy.counts(says("t", APPROVE, "deploy"))


def test_after_the_end_no_answer_is_taken(kv_store: Splunkd, task: str) -> None:
    record(kv_store, says(task, APPROVE, "kim"), TWO)
    assert close(kv_store, task, "ask", "plan", TWO, 1.0).closed
    assert record(kv_store, says(task, APPROVE, "pat"), TWO).closed
    assert verdict(kv_store, task, "ask", TWO).missing == 1
    assert close(kv_store, task, "ask", "plan", TWO, 2.0).closed and not verdict(kv_store, task, "other", TWO).decision


def test_what_was_decided_is_not_ended(kv_store: Splunkd, task: str) -> None:
    record(kv_store, says(task, REJECT, "kim"), ONE)
    assert close(kv_store, task, "ask", "plan", ONE, 1.0).rejected
    assert len(kv_store.find(APPROVALS, {"task": task})) == 1


def test_either_an_answer_or_the_end_comes_first(kv_store: Splunkd, task: str) -> None:
    """Of many that answer while it ends, all are told the same."""
    with ThreadPoolExecutor(8) as pool:
        ends = pool.submit(close, kv_store, task, "ask", "plan", ONE, 1.0)
        said = list(pool.map(lambda n: record(kv_store, says(task, REJECT, f"user-{n}"), ONE), range(8)))
    assert {one.decision for one in said} == {ends.result().decision}
