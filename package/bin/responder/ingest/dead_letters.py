"""Messages whose files cannot be read: to the dead-letter queue with the reason, and back again.

Sent first, deleted after: a stop in between leaves the message twice, and it is read once all the same. Where the queue
has a redrive policy of its own, and the input no dead-letter queue, SQS moves them by itself, without a reason.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from .queue import Message, Queue, received

log = logging.getLogger("cloudtrail_responder")

#: Names of the attributes of a dead letter.
REASON, OBJECT, RECEIVES, INPUT = "reason", "object", "receives", "input"
#: What a message has that was sent back: its files may have been read before.
REDRIVEN = "redriven"


def bury(queue: Queue, dead_letters: Queue, message: Message, reason: str, what: str, name: str) -> None:
    """Raises a ResponderError; then it may be there, and is still in its queue."""
    attributes = {REASON: reason, OBJECT: what, RECEIVES: str(message.receives), INPUT: name}
    dead_letters.send(message.body, attributes)
    log.error("message=%s object=%s is a dead letter after %d receives: %s", message.id, what, message.receives, reason)
    queue.delete([message])


@dataclass(frozen=True)
class Redriven:
    messages: int
    #: Of the last of them, one line each.
    reasons: tuple[str, ...] = ()


def redrive(
    dead_letters: Queue, queue: Queue, most: int = 100_000, stopped: Callable[[], bool] = lambda: False
) -> Redriven:
    """Send what is there now back to its queue. Raises a ResponderError; what was sent by then is sent.

    Each message is sent first and deleted after. So one that was sent twice is read once: its files are known. One that
    is dead again meanwhile stays: it would come back for as long as this takes.
    """
    moved, known, reasons = 0, set[bytes](), dict[str, None]()
    back: dict[str, Message] = {}
    while moved < most and not stopped():
        done, before = [], len(back)
        for one in dead_letters.receive(10, wait=1, attributes=[REASON]):
            message = received(one)
            digest = _digest(message.body)
            if digest in known:
                back[message.id] = message
                continue
            known.add(digest)
            queue.send(message.body, {REDRIVEN: "1"})
            reason = (one.get("MessageAttributes") or {}).get(REASON, {}).get("StringValue")
            if reason:
                reasons[str(reason)] = None
            done.append(message)
        if not done and len(back) == before:
            break
        dead_letters.delete(done)
        moved += len(done)
    dead_letters.release(back.values())
    return Redriven(moved, tuple(reasons)[-10:])


def _digest(body: str) -> bytes:
    return hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=16).digest()
