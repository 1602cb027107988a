"""``| respondchangelimits``: how many changes were made within the hour, and which limits were reached; resets one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..splunk.client import Splunkd
from .base import Command, Row, ask


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    scope = options["reset"]
    if scope:
        answer = ask(splunkd, "reset_change_limit", {"scope": scope}, "cloudtrail_responder_admin")
    else:
        answer = ask(splunkd, "change_limits", {}, "cloudtrail_responder_view")
    return [{name: row[name] for name in COMMAND.fields} for row in answer["limits"]]


COMMAND = Command(
    name="respondchangelimits",
    description="Shows how many changes CloudTrail Responder made within the hour, and resets a limit that was hit.",
    syntax="| respondchangelimits [reset=<scope>]",
    fields=("scope", "what", "used", "limit", "state", "since", "reason", "task"),
    options=("reset",),
    generate=generate,
    examples=(
        ("| respondchangelimits", "How the limits stand."),
    ),
    is_risky=True,
)
