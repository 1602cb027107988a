"""A round of the sweep in this process: whom it tells by dispatch, and the mark that it leaves for the health check."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from dispatch_targets import Out
from responder.errors import ConfigurationError
from responder.health import sweep_rounds
from responder.inputs.sweep import run

GROUPS = {"look_for": "revoke_open_ingress", "regions": "us-east-1"}


def open_group(out: Out) -> str:
    ec2 = out.aws.client("ec2")
    group = str(ec2.create_security_group(GroupName=f"g-{uuid.uuid4().hex[:12]}", Description="x")["GroupId"])
    world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[world])
    return group


def sweep(out: Out, **fields: str) -> Any:
    return run.run_once(out.core.client(), "main", {**GROUPS, **fields}, services=out.core.services)


def mark(out: Out) -> sweep_rounds.Round:
    found = sweep_rounds.read(out.core.client(), "main")
    assert found is not None
    return found


def test_what_it_sees_is_dispatched_once_to_the_target_that_its_stanza_names(out: Out) -> None:
    group = open_group(out)
    topic, subscriber = out.topic()
    out.target("soc", "sns", topic)
    for _ in range(2):
        swept = sweep(out, actions="dispatch", target="soc")
    told = [json.loads(body["Body"]) for body in out.received(subscriber)]
    assert [one["data"]["finding"]["object_id"] for one in told].count(group) == 1
    assert swept.places == 1 and not [task for task in out.core.tasks() if task["kind"] != "dispatch.finding"]


def test_a_round_leaves_a_mark_that_says_how_it_went(out: Out) -> None:
    open_group(out)
    swept = sweep(out, actions="create_ticket", calls="50")
    left = mark(out)
    assert (left.places, left.calls, left.most_calls, left.left, left.left_since) == (1, swept.calls, 50, 0, 0.0)
    assert left.wrong == swept.wrong >= 1 and left.recorded == swept.recorded >= 1 and not left.error


@pytest.mark.extended
def test_since_when_places_are_left_is_kept_from_round_to_round(out: Out) -> None:
    every = {"look_for": "", "regions": "us-east-1,us-east-2,us-west-1,us-west-2,eu-west-1,eu-west-2", "calls": "10"}
    sweep(out, actions="create_ticket", **every)
    first = mark(out)
    sweep(out, actions="create_ticket", **every)
    assert first.left > 0 and first.left_since == first.began
    assert mark(out).left_since == first.left_since and mark(out).began > first.began


def test_a_round_that_could_not_begin_says_why(out: Out) -> None:
    with pytest.raises(ConfigurationError):
        sweep(out, mode="always")
    assert "not one of simulate, approve, enforce" in mark(out).error
