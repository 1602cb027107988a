"""``| respondbacktest``: what would have been changed, and what people did about the same within a day.

It searches with the searcher's own rights and changes nothing; what it needs besides is in this process already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..backtest import bill, in_splunk
from ..splunk.client import Splunkd
from .base import Command, Row

FIELDS = (*bill.COLUMNS, "means")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    """A row for each change, oldest first."""
    now = splunkd.now()
    earliest = in_splunk.earliest_of(options["earliest"] or "-30d", now)
    plans = in_splunk.backtest(splunkd, earliest, now, options["detection"])
    return [{**row, "means": bill.MEANS[str(row["fate"])]} for row in bill.rows(plans.made)]


COMMAND = Command(
    name="respondbacktest",
    description="Shows what CloudTrail Responder would have changed in past CloudTrail events, a row for each change, "
    "and what people did about the same within a day. Changes nothing.",
    syntax="| respondbacktest [earliest=<time>] [detection=<id>]",
    fields=FIELDS,
    options=("earliest", "detection"),
    generate=generate,
    examples=(
        (
            "| respondbacktest earliest=-30d detection=security_group_opened_to_world",
            "What one detection would have had changed within 30 days.",
        ),
        ("| respondbacktest earliest=-7d | stats count BY playbook", "Changes of a week by playbook."),
    ),
)
