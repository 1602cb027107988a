"""What was found in a queue, in the order in which people see it: the same parts at a terminal and in a search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from .file_names import DIGESTS, KINDS
from .log_file import LogFile
from .peek import Message, Peeked, receives_left
from .queues import Feed, Queue


def rows(found: Peeked) -> list[dict[str, str]]:
    """Of each part: ``part`` (``queue``, ``message``, ``layer``, ``file``, ``record``, ``digest``,
    ``note``), ``label``, ``detail``
    (JSON), ``why``; all texts.
    """
    return [
        {"part": part, "label": label, "detail": json.dumps(detail, ensure_ascii=False, default=str), "why": why}
        for part, label, detail, why in _parts(found)
    ]


def as_json(found: Peeked) -> dict[str, Any]:
    """The same as one JSON object: ``{"parts": [{"part", "label", "detail", "why"}]}``."""
    parts = [dict(zip(("part", "label", "detail", "why"), one)) for one in _parts(found)]
    return {"queue": found.queue.name if found.queue else None, "parts": parts}


def _parts(found: Peeked) -> Iterator[tuple[str, str, Any, str]]:
    for queue in found.queues:
        yield "queue", queue.name, queue_facts(queue), about_queue(queue)
    for note in found.notes:
        yield "note", "Not seen", {}, note
    if found.queue is None:
        yield "note", "No queue is chosen", {}, no_queue(found)
    elif found.message is None:
        yield "note", f"{found.queue.name} is empty", {}, nothing_there(found.queue)
    else:
        yield from _message_parts(found, found.queue, found.message)


def _message_parts(found: Peeked, queue: Queue, message: Message) -> Iterator[tuple[str, str, Any, str]]:
    yield "message", "SQS message", message_facts(message), about_message(queue, message)
    for layer in found.layers:
        yield "layer", layer.label, layer.content, layer.why
    for file, signature in zip(found.files, found.signatures):
        yield "file", f"s3://{file.named.bucket}/{file.named.key}", file_facts(file), about_file(file)
        for number, record in enumerate(file.first, 1):
            yield "record", f"Record {number} of {file.records}", record, ""
        if signature is not None:
            yield "digest", f"Signature: {signature.state}", {"digest": signature.digest}, signature.detail
    if found.more_files:
        yield "note", "More files", {}, f"The message names {found.more_files} more files."


# Queues


def queue_facts(queue: Queue) -> dict[str, Any]:
    return {
        "messages": queue.messages,
        "in_flight": queue.in_flight,
        "delayed": queue.delayed,
        "oldest_message_seconds": queue.oldest_age,
        "visibility_timeout_seconds": queue.visibility_timeout,
        "retention_seconds": queue.retention,
        "dead_letter_queue": queue.dead_letters.rpartition(":")[2],
        "max_receive_count": queue.max_receives or None,
        "dead_letters_of": list(queue.dead_letters_of),
        "fed_by": [feed_text(feed) for feed in queue.feeds],
        "url": queue.url,
    }


def feed_text(feed: Feed) -> str:
    form = {None: "", True: ", raw message delivery", False: ", in SNS's envelope"}[feed.is_raw]
    return f"{feed.kind} {feed.source}{form}".replace("  ", " ").strip()


def about_queue(queue: Queue) -> str:
    if queue.dead_letters_of:
        what = f"The dead-letter queue of {', '.join(queue.dead_letters_of)}: whatever nobody could process ends here."
        return what + (" Find out why, mend it, then redrive." if queue.messages else "")
    if not queue.dead_letters:
        return "It has no dead-letter queue: a message that nobody can process is received again until it expires."
    if queue.max_receives >= 100:
        return f"A broken message is received {queue.max_receives} times before it is set aside: 5 is usual."
    return ""


def no_queue(found: Peeked) -> str:
    if not found.queues:
        return "There is no queue in this region. Name the region that the trail's bucket reports to."
    return "Several queues, or none, are filled by S3, SNS or EventBridge. Name the one to look into."


def nothing_there(queue: Queue) -> str:
    busy = f" {queue.in_flight} are with somebody who has received them." if queue.in_flight else ""
    return f"No message can be received now.{busy} CloudTrail delivers about every five minutes: look again later."


# The message


def message_facts(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "sent": message.sent_at,
        "age_seconds": max(0, int((datetime.now(timezone.utc) - message.sent_at).total_seconds())),
        "receive_count": message.receive_count,
        "bytes": len(message.body.encode("utf-8", "surrogatepass")),
        "given_back": message.is_given_back,
    }


def about_message(queue: Queue, message: Message) -> str:
    if message.is_given_back:
        back = "It was given back at once: whoever reads the queue can receive it now."
    else:
        back = f"It could not be given back: {message.why_not}"
    left = receives_left(queue, message)
    if left is None:
        return f"{back} The look counts as one receive."
    dead = queue.dead_letters.rpartition(":")[2]
    if left == 0:
        return (
            f"{back} This was receive {message.receive_count} of {queue.max_receives}: the next moves it to {dead}. "
            "Redrive it from there."
        )
    return (
        f"{back} The look counts as one receive: this was number {message.receive_count} of {queue.max_receives}. A "
        f"message that is received more often moves to {dead}, so do not look again and again."
    )


# The file


def file_facts(file: LogFile) -> dict[str, Any]:
    name = file.name
    return {
        "bucket": file.named.bucket,
        "key": file.named.key,
        "exists": file.exists,
        "bytes": file.size,
        "bytes_uncompressed": file.content_size,
        "modified": file.modified,
        "encryption": file.encryption,
        "storage_class": file.storage_class,
        "version": file.version,
        "files_in_the_folder": file.beside,
        "account": name.account if name else "",
        "region": name.region if name else "",
        "kind": kind_of(file),
        "records": file.records,
    }


def kind_of(file: LogFile) -> str:
    if file.name is None:
        return "no file of CloudTrail, by its key"
    return KINDS.get(file.name.kind, "a file of CloudTrail of a kind that this version does not know")


def about_file(file: LogFile) -> str:
    if file.problem:
        return file.problem
    if file.name is not None and file.name.kind == DIGESTS:
        return "The hashes of an hour's log files, signed by CloudTrail. A digest has no records; validate reads it."
    if file.name is None:
        return "CloudTrail does not write such keys. Narrow the notification down to AWSLogs/."
    if file.records == 0:
        return "The file has no records."
    return "One file has all records of one account and region of some minutes, gzip-compressed, in no order."
