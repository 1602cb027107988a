"""A queue's message, layer by layer, with names for people. It decides nothing: ``ingest`` says what is read.

Facts: Amazon S3 User Guide, "Event message structure"; SNS Developer Guide, "Raw message delivery"; CloudTrail User
Guide, "Configuring Amazon SNS notifications for CloudTrail"; EventBridge User Guide, "Events from Amazon S3" and
"AWS service events delivered via CloudTrail".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from ..json_limits import NotPlain, bounded_json

#: SNS within SNS within a text: nobody's queue has more.
DEEPEST = 4
#: Stands in a layer's content for what the next layer is.
BELOW = "(unfolded below)"


@dataclass(frozen=True)
class ObjectNamed:
    """An object of S3 as a message names it."""

    bucket: str
    key: str
    #: Bytes; None where the message does not say.
    size: int | None = None
    version: str = ""


@dataclass(frozen=True)
class Layer:
    #: What it is, as in ``SNS message``.
    label: str
    #: Why it is there, and what to look at: one or two sentences.
    why: str
    #: A JSON value; ``BELOW`` stands for the layer within. A text where it is no JSON.
    content: Any
    objects: tuple[ObjectNamed, ...] = ()
    #: A CloudTrail record, where the layer itself is one.
    record: Mapping[str, Any] | None = None


def unfold(body: str) -> list[Layer]:
    """The layers within a message's body, the outermost first. Never raises: what nobody knows is a layer, too."""
    layers: list[Layer] = []
    text: Any = body
    while len(layers) < DEEPEST:
        layer, text = _layer(text)
        layers.append(layer)
        if text is None:
            break
    return layers


def _layer(value: Any) -> tuple[Layer, Any]:
    """A layer, and what is within it; None where it is the innermost."""
    if isinstance(value, str):
        try:
            value = bounded_json(value)
        except NotPlain as reason:
            return _text(value, str(reason)), None
    if isinstance(value, str):
        return Layer("JSON text", "A JSON text within the text: somebody has encoded the message twice.", BELOW), value
    if isinstance(value, Mapping):
        for known in (_sns, _test_event, _s3_event, _cloudtrail_notification, _eventbridge):
            found = known(value)
            if found is not None:
                return found
    why = "No form that CloudTrail, S3, SNS or EventBridge writes. Find out who else may send to this queue."
    return Layer("Unknown JSON", why, value), None


def _text(text: str, reason: str) -> Layer:
    if text.strip().startswith("CloudTrail validation message"):
        why = "CloudTrail sends it when its topic is set, to see whether it may publish. It names no file."
        return Layer("CloudTrail validation message", why, text)
    why = f"This {reason}. No part of the pipeline writes that: find out who else may send to this queue."
    return Layer("Text", why, text)


def _sns(value: Mapping[str, Any]) -> tuple[Layer, Any] | None:
    if "Type" not in value or not isinstance(value.get("Message"), str):
        return None
    why = (
        "SNS wraps what was published in an envelope of its own, with the message as a text, so quotes are escaped. "
        "Raw message delivery on the subscription would leave the envelope out."
    )
    return Layer("SNS message", why, {**value, "Message": BELOW}), value["Message"]


def _test_event(value: Mapping[str, Any]) -> tuple[Layer, Any] | None:
    if value.get("Event") != "s3:TestEvent":
        return None
    why = "S3 sends it when a bucket's notifications are set, to see whether it may. It names no file."
    return Layer("S3 test event", why, value), None


def _s3_event(value: Mapping[str, Any]) -> tuple[Layer, Any] | None:
    entries = [one for one in _list(value.get("Records")) if isinstance(one, Mapping)]
    if not any("s3" in one for one in entries):
        return None
    objects = []
    for one in entries:
        s3 = _mapping(one.get("s3"))
        found = _object(_mapping(s3.get("bucket")).get("name"), _mapping(s3.get("object")), "versionId")
        if found is not None:
            # S3 encodes keys in its notifications as in a form: a blank is a plus.
            objects.append(ObjectNamed(found.bucket, unquote_plus(found.key), found.size, found.version))
    why = (
        "S3 says that objects were written, one entry each; keys are URL-encoded. Where it is the outermost layer, S3 "
        "sends to the queue itself, or the subscription has raw message delivery."
    )
    return Layer("S3 event notification", why, value, tuple(objects)), None


def _cloudtrail_notification(value: Mapping[str, Any]) -> tuple[Layer, Any] | None:
    if "s3Bucket" not in value or "s3ObjectKey" not in value:
        return None
    keys = value["s3ObjectKey"]
    named = [_object(value["s3Bucket"], {"key": key}) for key in (keys if isinstance(keys, list) else [keys])]
    why = "CloudTrail itself says which log files it has delivered: the trail has a topic. Keys are as they are."
    return Layer("CloudTrail notification", why, value, tuple(one for one in named if one)), None


def _eventbridge(value: Mapping[str, Any]) -> tuple[Layer, Any] | None:
    kind, detail = value.get("detail-type"), value.get("detail")
    if not isinstance(kind, str) or not isinstance(detail, Mapping):
        return None
    if kind.endswith(" via CloudTrail"):
        why = "EventBridge hands over the record itself, within seconds: there is no file. The record is in 'detail'."
        return Layer(f"EventBridge event: {kind}", why, value, record=detail), None
    found = _object(_mapping(detail.get("bucket")).get("name"), _mapping(detail.get("object")), "version-id")
    if value.get("source") == "aws.s3" and found is not None:
        why = "A rule of EventBridge passes on what S3 reports. Unlike in S3's own notifications, the key is as it is."
        return Layer(f"EventBridge event: {kind}", why, value, (found,)), None
    why = "An event that names no file of CloudTrail and is no record of it: the rule lets too much through."
    return Layer(f"EventBridge event: {kind}", why, value), None


def _object(bucket: Any, value: Mapping[str, Any], version: str = "") -> ObjectNamed | None:
    key, size = value.get("key"), value.get("size")
    if not isinstance(bucket, str) or not isinstance(key, str) or not bucket or not key:
        return None
    named = value.get(version)
    return ObjectNamed(bucket, key, size if isinstance(size, int) else None, named if isinstance(named, str) else "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
