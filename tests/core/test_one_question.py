"""Several events of one case that come to the same plan are one question: what is decided counts for all of them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from core_findings import ACCOUNT, finding
from dispatch_targets import Out
from responder.cases.task import Task


class OneCase:
    """Two events about one access key, in mode approve."""

    def __init__(self, out: Out) -> None:
        self.core, self.iam = out.core, out.aws.client("iam")
        self.user = f"u-{uuid.uuid4().hex[:12]}"
        self.iam.create_user(UserName=self.user)
        self.key = str(self.iam.create_access_key(UserName=self.user)["AccessKey"]["AccessKeyId"])
        self.core.save("settings", "safety", default_mode="approve", require_proof="0")

    def record(self, event: str, run: str = "run-1") -> str:
        about = {
            "user": self.user,
            "user_type": "IAMUser",
            "user_arn": f"arn:aws:iam::{ACCOUNT}:user/{self.user}",
            "access_key_id": self.key,
            "vendor_region": "us-east-1",
        }
        recorded = self.core.record(finding(1, event, **about), "remediate", run, playbook="deactivate_access_key")
        return str(recorded)

    def waiting(self) -> list[dict[str, Any]]:
        return list(self.core.post("waiting", {})[1]["waiting"])

    def decide(self, decision: str, **named: str) -> None:
        (one,) = self.waiting()
        body = {"task": one["task"], "plan": one["plan"], "decision": decision, **named}
        assert self.core.post("approve", body, user="ana")[0] == 200

    def status(self, key: str) -> str:
        outcome = self.task(key).outcome
        return str(getattr(outcome, "status", ""))

    def task(self, key: str) -> Task:
        found: Task = self.core.task(key)
        return found

    @property
    def is_active(self) -> bool:
        (key,) = self.iam.list_access_keys(UserName=self.user)["AccessKeyMetadata"]
        return bool(key["Status"] == "Active")


@pytest.fixture
def case(out: Out) -> OneCase:
    return OneCase(out)


@pytest.fixture
def asked(case: OneCase) -> tuple[str, str]:
    first, second = case.record("event-1"), case.record("event-2")
    case.core.run(first, second)
    return first, second


def test_people_are_asked_once(case: OneCase, asked: tuple[str, str]) -> None:
    first, second = asked
    assert [one["task"] for one in case.waiting()] == [first]
    assert "asks about the same plan" in case.task(second).message and first in case.task(second).message
    assert case.core.steps().count("planned") == 1


def test_one_approval_is_enough(case: OneCase, asked: tuple[str, str]) -> None:
    case.decide("approve")
    assert [case.status(key) for key in asked] == ["done", "already"] and not case.is_active
    assert case.waiting() == []


def test_one_no_is_enough(case: OneCase, asked: tuple[str, str]) -> None:
    case.decide("reject")
    assert [case.status(key) for key in asked] == ["rejected", "rejected"] and case.is_active
    assert "rejected by ana" in case.task(asked[1]).message


def test_what_nobody_answers_is_not_asked_about_once_more(case: OneCase, asked: tuple[str, str]) -> None:
    for hours in (2, 4.1, 4.4, 9):
        case.core.later = hours * 3600
        case.core.work()
    assert [case.status(key) for key in asked] == ["expired", "expired"] and case.is_active


def test_what_is_found_after_an_answer_is_asked_about(case: OneCase) -> None:
    first = case.record("event-1")
    case.core.run(first)
    case.decide("reject")
    case.core.later = 60
    second = case.record("event-2", "run-2")
    case.core.run(second)
    assert [one["task"] for one in case.waiting()] == [second]
    assert [case.status(key) for key in (first, second)] == ["rejected", "waiting"]


def test_a_retry_of_the_one_that_was_not_asked_about_asks(case: OneCase, asked: tuple[str, str]) -> None:
    case.decide("reject")
    case.core.later = 60
    assert case.core.post("retry", {"task": asked[1]})[0] == 200
    assert [one["task"] for one in case.waiting()] == [asked[1]]


def test_who_waits_for_an_answer_that_is_never_read_asks_in_the_end(case: OneCase, asked: tuple[str, str]) -> None:
    """As where somebody has deleted the task that was asked about."""
    case.core.client().delete_where("responder_tasks", {"_key": asked[0]})
    case.core.later = 900
    case.core.work()
    assert [one["task"] for one in case.waiting()] == [asked[1]]


def test_where_the_plan_that_was_asked_about_is_damaged_the_next_asks(case: OneCase) -> None:
    first, second = case.record("event-1"), case.record("event-2")
    case.core.run(first)
    client = case.core.client()
    (plan,) = client.find("responder_evidence", {"task": first, "kind": "planned"})
    client.replace("responder_evidence", plan["_key"], {**plan, "body": "{broken"})
    case.core.run(second)
    asked = {one["task"]: one for one in case.waiting()}
    assert asked[second]["plan"] and case.status(second) == "waiting"
    assert "damaged" in asked[first]["message"]
