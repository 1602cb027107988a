"""Each search head's worker leaves a mark whenever it begins and ends: who is silent is not alive.

    responder_marks/heartbeat:<guid>   value: {"server", "version", "began", "ended", "interval", "error"}, at
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from ..errors import ResponderError
from ..json_limits import bounded_json
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

MARKS = "responder_marks"
PREFIX = "heartbeat:"


@dataclass
class Heartbeat:
    """Of one member's worker; times in epoch seconds by that member's splunkd."""

    guid: str
    server: str
    began: float
    #: 0 while it works.
    ended: float = 0.0
    interval: float = 60.0
    #: What kept the last round from its end.
    error: str = ""


@contextlib.contextmanager
def beating(splunkd: Splunkd, interval: float) -> Iterator[None]:
    """Marks the beginning and the end of a round. What is raised inside goes on; that marks fail keeps nothing."""
    beat = _begun(splunkd, interval)
    try:
        yield
    except Exception as error:
        if beat is not None:
            beat.error = str(error)[:300] if isinstance(error, ResponderError) else type(error).__name__
        raise
    finally:
        if beat is not None:
            beat.ended = splunkd.now()
            _write(splunkd, beat)


def _begun(splunkd: Splunkd, interval: float) -> Heartbeat | None:
    try:
        info = splunkd.get_json("/services/server/info", {"output_mode": "json"})["entry"][0]["content"]
        beat = Heartbeat(str(info["guid"]), str(info["serverName"]), splunkd.now(), interval=interval)
    except (ResponderError, KeyError, IndexError, TypeError) as error:
        log.error("the worker's mark cannot be written: %s", error)
        return None
    _write(splunkd, beat)
    return beat


def _write(splunkd: Splunkd, beat: Heartbeat) -> None:
    document = {"_key": f"{PREFIX}{beat.guid}", "value": json.dumps(asdict(beat)), "at": beat.ended or beat.began}
    try:
        # Nobody else writes this key.
        splunkd.save_many(MARKS, [document])
    except ResponderError as error:
        log.error("the worker's mark cannot be written: %s", error)


def read(splunkd: Splunkd) -> list[Heartbeat]:
    """Of every member, by name. Raises a ResponderError."""
    found = []
    for document in splunkd.find(MARKS, {"_key": {"$gte": PREFIX, "$lt": PREFIX[:-1] + ";"}}):
        try:
            found.append(Heartbeat(**bounded_json(str(document.get("value")))))
        except (ValueError, TypeError):
            log.error("mark=%s is damaged", document.get("_key"))
    return sorted(found, key=lambda beat: beat.server)
