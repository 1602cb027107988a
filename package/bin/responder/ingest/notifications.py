"""Which S3 objects a queue's message names, in each of the forms in which they are announced.

S3 itself (directly, or through SNS with or without raw delivery), CloudTrail (through SNS), and EventBridge. The forms
are those of AWS's documentation: "Event message structure" (S3), "Receiving CloudTrail notifications", "EventBridge
event message structure" (S3). A body is read within limits: whoever may send to the queue wrote it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from ..errors import ResponderError
from ..json_limits import NotPlain, bounded_json

#: A message within a message within a message: EventBridge through SNS, whose body somebody has quoted once more.
MAX_LAYERS = 3
#: What SQS takes (1 MiB since 2025).
MAX_BODY = 1_048_576
#: What S3 takes as a key, in bytes of UTF-8.
MAX_KEY = 1024
#: CloudTrail sends this text when a topic is set up.
_VALIDATION = "CloudTrail validation message."


class NotOurs(ResponderError):
    """The message announces no S3 object in a form that is known. The message is one line with the reason."""


class NoticeKind(str, enum.Enum):
    """The form of a message."""

    S3_EVENT = "s3_event"
    S3_THROUGH_SNS = "s3_through_sns"
    CLOUDTRAIL_SNS = "cloudtrail_sns"
    EVENTBRIDGE = "eventbridge"
    #: S3 asks whether the queue takes its messages; sent once, when notifications are set up.
    TEST_EVENT = "test_event"
    #: CloudTrail asks the same of its topic.
    VALIDATION_MESSAGE = "validation_message"


@dataclass(frozen=True)
class S3Object:
    """An object that was written. ``None`` is what the form of the message does not tell."""

    bucket: str
    #: As S3 knows it: decoded where that form of message encodes it.
    key: str
    region: str | None = None
    size: int | None = None
    version_id: str | None = None
    etag: str | None = None
    #: The key as the message has it, where that is another text: where nothing has the decoded key, this may be it.
    undecoded_key: str | None = None
    #: When it was written, in epoch seconds.
    modified: float | None = None


@dataclass(frozen=True)
class Notice:
    """What a message announces. No objects: it is known, and there is nothing to fetch (a test event, a deletion)."""

    kind: NoticeKind
    objects: tuple[S3Object, ...] = ()


def objects(body: str) -> Notice:
    """The objects that a message's body names. Raises NotOurs."""
    if len(body) > MAX_BODY:
        raise NotOurs("The message is longer than SQS takes.")
    is_from_sns = False
    value: Any = body
    for _ in range(MAX_LAYERS):
        if isinstance(value, str):
            value = _parsed(value)
        if isinstance(value, Mapping) and "Type" in value and "TopicArn" in value:
            value = _sns_message(value)
            is_from_sns = True
        if not isinstance(value, str):
            break
    if value == _VALIDATION:
        return Notice(NoticeKind.VALIDATION_MESSAGE)
    if not isinstance(value, Mapping):
        raise NotOurs("The message is no JSON object.")
    return _notice(value, is_from_sns)


def _parsed(text: str) -> Any:
    if text.strip() == _VALIDATION:
        return _VALIDATION
    try:
        return bounded_json(text)
    except NotPlain as error:
        raise NotOurs(f"The message {error}.") from None


def _sns_message(envelope: Mapping[str, Any]) -> Any:
    if envelope["Type"] == "SubscriptionConfirmation":
        raise NotOurs(
            "SNS asks to confirm the subscription of the queue.",
            "Confirm it from the account that owns the queue, or subscribe from there.",
        )
    message = envelope.get("Message")
    if envelope["Type"] != "Notification" or not isinstance(message, str):
        raise NotOurs("The message of SNS is no notification.")
    return message


def _notice(message: Mapping[str, Any], is_from_sns: bool) -> Notice:
    if message.get("Event") == "s3:TestEvent":
        return Notice(NoticeKind.TEST_EVENT)
    if "Records" in message:
        kind = NoticeKind.S3_THROUGH_SNS if is_from_sns else NoticeKind.S3_EVENT
        return Notice(kind, _of_s3_event(message["Records"]))
    if "s3Bucket" in message and "s3ObjectKey" in message:
        return Notice(NoticeKind.CLOUDTRAIL_SNS, _of_cloudtrail(message))
    if "detail-type" in message:
        return Notice(NoticeKind.EVENTBRIDGE, _of_eventbridge(message))
    raise NotOurs("The message names no S3 object.")


def _of_s3_event(records: Any) -> tuple[S3Object, ...]:
    if not isinstance(records, list):
        raise NotOurs("The message names no S3 object: its Records are no list.")
    found = []
    for record in records:
        if not isinstance(record, Mapping) or record.get("eventSource") not in ("aws:s3", "aws:s3:"):
            raise NotOurs("A record of the message is no S3 event.")
        name = record.get("eventName")
        if not isinstance(name, str):
            raise NotOurs("A record of the message has no eventName.")
        if not name.removeprefix("s3:").startswith("ObjectCreated:"):
            continue
        s3 = _mapping(record, "s3")
        item = _mapping(s3, "object")
        encoded = _text(item, "key")
        key = unquote_plus(encoded)
        found.append(
            S3Object(
                bucket=_bucket(_mapping(s3, "bucket").get("name")),
                key=_key(key),
                region=_optional(record.get("awsRegion")),
                size=_size(item.get("size")),
                version_id=_optional(item.get("versionId")),
                etag=_optional(item.get("eTag")),
                undecoded_key=encoded if encoded != key else None,
            )
        )
    return tuple(found)


def _of_cloudtrail(message: Mapping[str, Any]) -> tuple[S3Object, ...]:
    keys = message["s3ObjectKey"]
    if isinstance(keys, str):
        keys = [keys]
    if not isinstance(keys, list) or not keys:
        raise NotOurs("CloudTrail's message names no object.")
    bucket = _bucket(message["s3Bucket"])
    return tuple(S3Object(bucket=bucket, key=_key(key)) for key in keys)


def _of_eventbridge(message: Mapping[str, Any]) -> tuple[S3Object, ...]:
    kind = message["detail-type"]
    if isinstance(kind, str) and kind.endswith(" via CloudTrail"):
        raise NotOurs(
            "The message of EventBridge holds a CloudTrail record, not the name of a file.",
            'Have the rule match "detail-type": ["Object Created"] of "source": ["aws.s3"].',
        )
    if message.get("source") != "aws.s3":
        raise NotOurs("The message of EventBridge is not from S3.")
    if kind != "Object Created":
        return ()
    detail = _mapping(message, "detail")
    item = _mapping(detail, "object")
    return (
        S3Object(
            bucket=_bucket(_mapping(detail, "bucket").get("name")),
            key=_key(item.get("key")),
            region=_optional(message.get("region")),
            size=_size(item.get("size")),
            version_id=_optional(item.get("version-id")),
            etag=_optional(item.get("etag") or item.get("eTag")),
        ),
    )


def _mapping(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parent.get(name)
    if not isinstance(value, Mapping):
        raise NotOurs(f'The message has no "{name}" where its form has one.')
    return value


def _text(parent: Mapping[str, Any], name: str) -> str:
    value = parent.get(name)
    if not isinstance(value, str):
        raise NotOurs(f'The message has no "{name}" where its form has one.')
    return value


def _bucket(value: Any) -> str:
    # Its name goes into URLs and log lines; buckets of 2018 and earlier may have capitals, underscores and 255 letters.
    if not isinstance(value, str) or not 3 <= len(value) <= 255 or not value.isascii():
        raise NotOurs("The message names no bucket.")
    if not all(letter.isalnum() or letter in "-._" for letter in value) or ".." in value or not value[0].isalnum():
        raise NotOurs("The message names a bucket with characters that no bucket has.")
    return value


def _key(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value.encode("utf-8", "surrogatepass")) <= MAX_KEY:
        raise NotOurs("The message names no object, or one whose key is longer than 1,024 bytes.")
    return value


def _optional(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
