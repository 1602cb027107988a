"""One message of a queue, looked at without consuming it, and the files that it names.

To look at a message is to receive it: SQS has no other way. So it is received with a visibility timeout of a few
seconds and given back at once; if the process ends in between, it is back after these seconds. What stays is that its
receive count is one higher, by which the queue decides when it becomes a dead letter.

Facts: SQS Developer Guide, "Amazon SQS visibility timeout" and "Using dead-letter queues in Amazon SQS".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..aws.client import Aws
from ..errors import NotFound, Rejected, ResponderError, Unavailable, UnknownOutcome
from . import queues
from .file_signature import FileSignature, signature_of
from .layers import Layer, unfold
from .log_file import LogFile, look
from .queues import Queue

#: Seconds for which the message is away where it cannot be given back, and for which SQS looks for one.
AWAY, WAIT = 10, 2
#: Files of one message that are looked at.
FILES = 3


@dataclass(frozen=True)
class Message:
    id: str
    body: str
    #: How often it was received, this time included.
    receive_count: int
    sent_at: datetime
    #: As they came, by name.
    attributes: Mapping[str, str]
    #: Whether anybody can receive it again at once; if not, why.
    is_given_back: bool
    why_not: str = ""


@dataclass(frozen=True)
class Peeked:
    queues: tuple[Queue, ...]
    #: The one that was looked into; None where there are several and none was named.
    queue: Queue | None = None
    #: None where the queue had none.
    message: Message | None = None
    layers: tuple[Layer, ...] = ()
    files: tuple[LogFile, ...] = ()
    #: Whether each of the files is as CloudTrail wrote it; None for what no digest lists.
    signatures: tuple[FileSignature | None, ...] = ()
    #: Files of the message that were not looked at.
    more_files: int = 0
    #: What could not be done, or what to know: one line each.
    notes: tuple[str, ...] = ()


def peek(aws: Aws, region: str, name: str = "", *, force: bool = False) -> Peeked:
    """``name``: a queue's name, URL or ARN; empty for the only one that something fills.

    ``force``: also where to receive a message once is to lose it. Raises a ResponderError.
    """
    found = queues.every(aws, region)
    queue = _chosen(found.found, name, region)
    if queue is None:
        return Peeked(found.found, notes=found.notes)
    if queue.max_receives == 1 and not force:
        raise Rejected(
            f"Queue {queue.name} has a maxReceiveCount of 1: a message that is looked at can be received by nobody "
            "after that, and becomes a dead letter.",
            "Raise maxReceiveCount (5 is usual), or look with --force into a queue whose messages may be lost.",
        )
    message = _received(aws, region, queue)
    if message is None:
        return Peeked(found.found, queue, notes=found.notes)
    layers = tuple(unfold(message.body))
    named = [one for layer in layers for one in layer.objects]
    files, notes = [], list(found.notes)
    for one in named[:FILES]:
        try:
            files.append(look(aws, one))
        except ResponderError as error:
            files.append(LogFile(one, problem=str(error)))
    signatures = tuple(signature_of(aws, file, datetime.now(timezone.utc)) for file in files)
    more = max(0, len(named) - FILES)
    return Peeked(found.found, queue, message, layers, tuple(files), signatures, more, tuple(notes))


def _chosen(found: tuple[Queue, ...], name: str, region: str) -> Queue | None:
    if name:
        for queue in found:
            if name in (queue.name, queue.url, queue.arn):
                return queue
        raise NotFound(
            f"There is no queue '{name}' in {region}, or it may not be looked at.",
            "Name one of the queues that are listed without a name, or another region.",
        )
    candidates = [queue for queue in found if queue.feeds and not queue.dead_letters_of]
    return candidates[0] if len(candidates) == 1 else None


def _received(aws: Aws, region: str, queue: Queue) -> Message | None:
    """A message, which is given back before anything is done with it. Raises a ResponderError."""
    try:
        answer = aws.read_once(
            "sqs",
            "receive_message",
            region,
            QueueUrl=queue.url,
            MaxNumberOfMessages=1,
            VisibilityTimeout=AWAY,
            WaitTimeSeconds=WAIT,
            AttributeNames=["All"],
        )
    except UnknownOutcome as error:
        raise Unavailable(
            f"{error.message} If a message of {queue.name} was received by it, it is back after {AWAY} seconds.",
            "Look again.",
        ) from error
    given: list[dict[str, Any]] = answer.get("Messages") or []
    if not given:
        return None
    why_not = _given_back(aws, region, queue, given[0]["ReceiptHandle"])
    attributes = {str(name): str(value) for name, value in (given[0].get("Attributes") or {}).items()}
    return Message(
        str(given[0]["MessageId"]),
        str(given[0]["Body"]),
        int(attributes.get("ApproximateReceiveCount", 1)),
        datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000, timezone.utc),
        attributes,
        not why_not,
        why_not,
    )


def _given_back(aws: Aws, region: str, queue: Queue, handle: str) -> str:
    """Why it could not be; empty where it was."""
    try:
        aws.read(
            "sqs", "change_message_visibility", region, QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=0
        )
    except ResponderError as error:
        return f"{error} It is back by itself after {AWAY} seconds."
    return ""


def receives_left(queue: Queue, message: Message) -> int | None:
    """How often the message can still be received; None where the queue has no dead-letter queue."""
    return max(0, queue.max_receives - message.receive_count) if queue.max_receives else None
