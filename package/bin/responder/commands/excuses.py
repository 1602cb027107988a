"""``| respondexcuses``: the cases that are excused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..splunk.client import Splunkd
from .base import Command, Row, ask

FIELDS = ("case", "detection", "severity", "until", "by", "way", "reason", "owner", "at", "task")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    body = {"case": options["case"]} if options["case"] else {}
    return [dict(one) for one in ask(splunkd, "excuses", body, "cloudtrail_responder_view")["excuses"]]


COMMAND = Command(
    name="respondexcuses",
    description="Shows the cases that are excused from CloudTrail Responder. Times are in epoch seconds.",
    syntax="| respondexcuses [case=<id>]",
    fields=FIELDS,
    options=("case",),
    generate=generate,
    examples=(
        ("| respondexcuses | convert ctime(until)", "What is excused, and until when."),
    ),
)
