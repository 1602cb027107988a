"""``| respondexcuse``: excuse a case for a time, with the searcher's own rights; ``days=0`` lifts that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    named = {name: options[name] for name in ("case", "task") if options[name]}
    if len(named) != 1:
        raise Rejected("Enter either case= or task=.", "Take it from the ticket or the audit events.")
    if not options["reason"].strip():
        raise Rejected("No reason is given.", 'Say why: reason="...".')
    days = options["days"]
    if days and not re.fullmatch(r"[0-9]{1,4}", days):
        raise Rejected(f"days is '{days[:20]}', not a whole number.", "Enter days=30, or days=0 to lift an excuse.")
    body: dict[str, Any] = {**named, "reason": options["reason"], **({"days": int(days)} if days else {})}
    answer = ask(splunkd, "excuse", body, "cloudtrail_responder_approve")
    return [{name: answer[name] for name in COMMAND.fields}]


COMMAND = Command(
    name="respondexcuse",
    description="Excuses a case for some days: its findings are neither reported nor remediated. Also lifts an excuse.",
    syntax='| respondexcuse (case=<id>|task=<key>) [days=<number>] reason="<text>"',
    fields=("case", "state", "until", "by", "reason", "message", "made"),
    options=("case", "task", "days", "reason"),
    generate=generate,
    examples=(
        (
            '| respondexcuse case=6f1c0e2d4b5a69788796 days=30 reason="Penetration test, CHG-7"',
            "Excuse a case for 30 days.",
        ),
        ('| respondexcuse case=6f1c0e2d4b5a69788796 days=0 reason="The test is over"', "Lift the excuse."),
    ),
    is_risky=True,
)
