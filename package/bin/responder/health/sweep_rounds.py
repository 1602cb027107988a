"""How the last round of each sweep went: written by the sweep at its end, read by the health check.

    responder_marks/sweep_round:<sweep>   value: a ``Round`` as JSON, at
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass

from ..errors import ResponderError
from ..json_limits import bounded_json
from ..splunk.client import Splunkd
from .heartbeats import MARKS

log = logging.getLogger("cloudtrail_responder")

PREFIX = "sweep_round:"


@dataclass(frozen=True)
class Round:
    """Times in epoch seconds, by splunkd's clock."""

    began: float
    ended: float
    interval: float
    places: int = 0
    #: Places that the calls of the round did not reach, and since when there have been any in each round; 0 for none.
    left: int = 0
    left_since: float = 0.0
    calls: int = 0
    #: The most calls of a round.
    most_calls: int = 0
    wrong: int = 0
    recorded: int = 0
    #: How many, and the first in words.
    problems: int = 0
    problem: str = ""
    #: Why it could not begin.
    error: str = ""


def write(splunkd: Splunkd, sweep: str, ended: Round) -> None:
    """That the mark cannot be written keeps nothing."""
    try:
        splunkd.save_many(
            MARKS, [{"_key": f"{PREFIX}{sweep}", "value": json.dumps(asdict(ended)), "at": ended.ended}]
        )
    except ResponderError as error:
        log.error("sweep=%s: the mark of its round was not written: %s", sweep, error)


def read(splunkd: Splunkd, sweep: str) -> Round | None:
    """None where it has never ended a round. Raises a ResponderError."""
    document = splunkd.fetch(MARKS, f"{PREFIX}{sweep}")
    if document is None:
        return None
    try:
        return Round(**bounded_json(str(document.get("value"))))
    except (ValueError, TypeError):
        log.error("mark=%s%s is damaged", PREFIX, sweep)
        return None
