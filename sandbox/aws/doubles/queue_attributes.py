"""Attributes of queues: moto never gives ``RedriveAllowPolicy`` back, and forgets a policy when another is set.

Source: SQS API Reference, SetQueueAttributes (only what is named changes), GetQueueAttributes. The queues are moto's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.sqs.models import sqs_backends

from sandbox.aws.double import Answer, Refused, World


def _queue(given: Mapping[str, Any], world: World) -> Any:
    backend = sqs_backends[world.account][world.region]
    queue = backend.queues.get(given["QueueUrl"].rpartition("/")[2])
    if queue is None:
        raise Refused("QueueDoesNotExist", "The specified queue does not exist.")
    return queue


def get(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    queue, names = _queue(given, world), given.get("AttributeNames") or ()
    found = sqs_backends[world.account][world.region].get_queue_attributes(
        queue.name, [name for name in names if name != "RedriveAllowPolicy"]
    )
    allowed = getattr(queue, "redrive_allow_policy", None)
    if allowed and {"All", "RedriveAllowPolicy"} & set(names):
        found = {**found, "RedriveAllowPolicy": allowed}
    return {"Attributes": {name: _text(value) for name, value in found.items() if value not in (None, "")}}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def set_(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    queue, attributes = _queue(given, world), given["Attributes"]
    policy = attributes.get("Policy", queue.policy)
    sqs_backends[world.account][world.region].set_queue_attributes(queue.name, attributes)
    queue.policy = policy
    return {}


DOUBLES: Mapping[tuple[str, str], Answer] = {("sqs", "GetQueueAttributes"): get, ("sqs", "SetQueueAttributes"): set_}
