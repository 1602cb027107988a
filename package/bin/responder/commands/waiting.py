"""``| respondwaiting``: what waits for an approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..splunk.client import Splunkd
from .base import Command, Row, ask

FIELDS = (
    "case", "task", "severity", "signature", "account", "playbook", "mode", "summary", "blast_radius", "asked_at",
    "ends_at", "approved_by", "missing", "message", "plan",
)  # fmt: skip


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    body = {"case": options["case"]} if options["case"] else {}
    return [dict(one) for one in ask(splunkd, "waiting", body, "cloudtrail_responder_view")["waiting"]]


COMMAND = Command(
    name="respondwaiting",
    description="Shows the remediations of CloudTrail Responder that wait for an approval. Times are in epoch seconds.",
    syntax="| respondwaiting [case=<id>]",
    fields=FIELDS,
    options=("case",),
    generate=generate,
    examples=(
        ("| respondwaiting | convert ctime(ends_at)", "What waits for an approval, and until when."),
    ),
)
