"""``| respondundo``: take a remediation back, with the searcher's own rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    if not options["task"]:
        raise Rejected("No remediation is named.", "Name task=, from the audit events.")
    reports = ask(splunkd, "undo", {"task": options["task"]}, "cloudtrail_responder_undo")["reports"]
    return [{name: report[name] for name in COMMAND.fields} for report in reports]


COMMAND = Command(
    name="respondundo",
    description="Takes back what a remediation of CloudTrail Responder has changed in AWS.",
    syntax="| respondundo task=<key>",
    fields=("task", "state", "message"),
    options=("task",),
    generate=generate,
    is_risky=True,
)
