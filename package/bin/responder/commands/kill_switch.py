"""``| respondkillswitch``: stop all changes in AWS, or see whether they are stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask

STATES = ("on", "off")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    state = options["state"]
    if state and state not in STATES:
        raise Rejected(f"state is '{state[:20]}'.", f"Use one of {', '.join(STATES)}; none shows how it is.")
    if state == "off":
        answer = ask(splunkd, "allow_changes", {}, "cloudtrail_responder_admin")
    else:
        answer = ask(splunkd, "kill_switch", {"state": state} if state else {}, "cloudtrail_responder_approve")
    return [{name: answer[name] for name in COMMAND.fields}]


COMMAND = Command(
    name="respondkillswitch",
    description="Stops every change that CloudTrail Responder makes in AWS. Only administrators can allow them again.",
    syntax="| respondkillswitch [state=(on|off)]",
    fields=("state", "by", "message"),
    options=("state",),
    generate=generate,
    examples=(
        ("| respondkillswitch state=on", "Stop every change in AWS."),
    ),
    is_risky=True,
)
