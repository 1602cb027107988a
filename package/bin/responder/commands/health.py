"""``| responderhealth``: does it work here? Asks the endpoint ``health`` with the searcher's own session."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import NotPermitted, Rejected, Unavailable
from ..splunk.client import Splunkd, message_of, parsed
from .base import Command, Row

PATH = "cloudtrail_responder/health"
#: Seconds: all checks together take no longer than 25.
PATIENCE = 60.0
#: From the best to the worst.
LEVELS = ("green", "amber", "red")
FIELDS = ("level", "check", "what", "to_do")


def generate(splunkd: Splunkd, level: str) -> Iterable[Row]:
    """``level``: the best that is shown; empty for all."""
    if level and level not in LEVELS:
        raise Rejected(f"level is '{level[:20]}'.", f"Use one of {', '.join(LEVELS)}.")
    status, data = splunkd.request("POST", PATH, {"output_mode": "json"}, b"{}", timeout=PATIENCE)
    if status in (401, 403):
        raise NotPermitted(
            "You may not ask for the health of CloudTrail Responder.",
            "It needs the capability cloudtrail_responder_view, which the role cloudtrail_responder_analyst has.",
        )
    if status != 200:
        raise Unavailable(
            f"The endpoint health does not answer (HTTP {status}): {message_of(data)}",
            "Look into cloudtrail_responder_executor.log and splunkd.log.",
        )
    lines = parsed(data, PATH)["lines"]
    return [line for line in lines if LEVELS.index(line["level"]) >= LEVELS.index(level or LEVELS[0])]


COMMAND = Command(
    name="responderhealth",
    description="Shows whether CloudTrail Responder works here: data, detections, rights, worker and services.",
    syntax="| responderhealth [level=(green|amber|red)]",
    fields=FIELDS,
    option="level",
    generate=generate,
)
