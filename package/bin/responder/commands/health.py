"""``| responderhealth``: does it work here? Asks the endpoint ``health`` with the searcher's own session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask

#: From the best to the worst.
LEVELS = ("green", "amber", "red")
FIELDS = ("level", "check", "what", "to_do")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    """``level``: the best that is shown; empty for all."""
    level = options["level"]
    if level and level not in LEVELS:
        raise Rejected(f"level is '{level[:20]}'.", f"Use one of {', '.join(LEVELS)}.")
    lines = ask(splunkd, "health", {}, "cloudtrail_responder_view")["lines"]
    return [line for line in lines if LEVELS.index(line["level"]) >= LEVELS.index(level or LEVELS[0])]


COMMAND = Command(
    name="responderhealth",
    description="Shows whether CloudTrail Responder works here: data, detections, rights, worker and services.",
    syntax="| responderhealth [level=(green|amber|red)]",
    fields=FIELDS,
    options=("level",),
    generate=generate,
    examples=(
        ("| responderhealth level=red", "Only what does not work."),
    ),
)
