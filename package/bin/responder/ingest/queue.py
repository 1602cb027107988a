"""One SQS queue: messages in batches, and what becomes of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..aws.client import Aws
from ..errors import ResponderError, Unavailable, one_line

log = logging.getLogger("cloudtrail_responder")

#: Entries of one batch request, and seconds that a receive waits for the first message (SQS API reference).
BATCH, LONG_POLL = 10, 10
#: Seconds of visibility at most, counted from the receive.
LONGEST_VISIBILITY = 43_200
#: Characters of a reason in a message's attribute.
REASON = 900


@dataclass(frozen=True)
class Message:
    id: str
    receipt: str
    body: str
    #: How often it has been received, this time included; a look at it counts, too.
    receives: int
    #: Epoch seconds.
    sent_at: float

    @classmethod
    def of(cls, answered: Mapping[str, Any]) -> Message:
        attributes = answered.get("Attributes") or {}
        return cls(
            str(answered["MessageId"]),
            str(answered["ReceiptHandle"]),
            str(answered.get("Body") or ""),
            int(attributes.get("ApproximateReceiveCount") or 1),
            int(attributes.get("SentTimestamp") or 0) / 1000,
        )


@dataclass(frozen=True)
class QueueFacts:
    """What SQS says of a queue."""

    #: ARN of its own dead-letter queue; empty for none.
    dead_letters: str
    #: After so many receives SQS moves a message there.
    most_receives: int
    #: Messages that wait, about.
    waiting: int


class Queue:
    """``visibility``: seconds, of a message that was received."""

    def __init__(self, aws: Aws, url: str, region: str, visibility: int) -> None:
        self.url = url
        self._aws = aws
        self._region = region
        self._visibility = visibility

    def facts(self) -> QueueFacts:
        """Raises a ResponderError, of a queue that cannot be read from, too."""
        names = ["RedrivePolicy", "ApproximateNumberOfMessages"]
        found = self._aws.read("sqs", "get_queue_attributes", self._region, QueueUrl=self.url, AttributeNames=names)
        attributes = found.get("Attributes") or {}
        policy = json.loads(attributes.get("RedrivePolicy") or "{}")
        return QueueFacts(
            str(policy.get("deadLetterTargetArn") or ""),
            int(policy.get("maxReceiveCount") or 0),
            int(attributes.get("ApproximateNumberOfMessages") or 0),
        )

    def receive(self, most: int, wait: int = LONG_POLL, attributes: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Messages as SQS answers. Raises a ResponderError."""
        answered = self._aws.read(
            "sqs",
            "receive_message",
            self._region,
            QueueUrl=self.url,
            MaxNumberOfMessages=min(most, BATCH),
            WaitTimeSeconds=wait,
            VisibilityTimeout=self._visibility,
            AttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            **({"MessageAttributeNames": list(attributes)} if attributes else {}),
        )
        found: list[dict[str, Any]] = answered.get("Messages") or []
        return found

    def delete(self, messages: Iterable[Message]) -> list[Message]:
        """Those that could not be deleted: they come again, and are known then."""
        return self._each("delete_message_batch", messages, {})

    def keep(self, messages: Iterable[Message]) -> list[Message]:
        """For as long as the visibility timeout from now on; returns those that may have come to others meanwhile."""
        return self._each("change_message_visibility_batch", messages, {"VisibilityTimeout": self._visibility})

    def release(self, messages: Iterable[Message], seconds: float = 0) -> None:
        """Have them come again after so many seconds."""
        given = {"VisibilityTimeout": int(min(max(seconds, 0), LONGEST_VISIBILITY))}
        for message in self._each("change_message_visibility_batch", messages, given):
            log.info("message=%s is not released; it comes again after its visibility timeout", message.id)

    def send(self, body: str, attributes: Mapping[str, str]) -> None:
        """Raises a ResponderError; after UnknownOutcome it may be there."""
        named = {
            name: {"DataType": "String", "StringValue": one_line(value)[:REASON]}
            for name, value in attributes.items()
            if one_line(value)
        }
        self._aws.write(
            "sqs", "send_message", self._region, QueueUrl=self.url, MessageBody=body, MessageAttributes=named
        )

    def _each(self, operation: str, messages: Iterable[Message], more: Mapping[str, Any]) -> list[Message]:
        """Apply a batch operation, which may be repeated; returns those that it failed for."""
        failed: list[Message] = []
        for batch in _batches(messages):
            entries = [
                {"Id": str(number), "ReceiptHandle": message.receipt, **more} for number, message in enumerate(batch)
            ]
            try:
                answered = self._aws.write("sqs", operation, self._region, QueueUrl=self.url, Entries=entries)
            except ResponderError as error:
                if not error.transient:
                    raise
                log.warning("queue=%s %s", self.url, error)
                failed += batch
                continue
            for entry in answered["Failed"] if answered and answered.get("Failed") else ():
                failed.append(batch[int(entry["Id"])])
        return failed


def received(answered: Mapping[str, Any]) -> Message:
    """A message of ``receive``. Raises Unavailable for an answer that is none of SQS's."""
    try:
        return Message.of(answered)
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable("The answer of the queue is not SQS's.", "Check network and proxy.") from error


def _batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Of different messages: SQS refuses a batch with the same one twice."""
    unique = list({message.receipt: message for message in messages}.values())
    for first in range(0, len(unique), BATCH):
        yield unique[first : first + BATCH]
