"""``| trailpeek``: the queues of an account, one message of a queue layer by layer, and the file that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask

FIELDS = ("part", "label", "detail", "why")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    """``account``: an entry of the AWS accounts tab, or an account ID; ``queue``, ``region``: others than its own."""
    if not options["account"]:
        raise Rejected("No account is named.", "Name account=, an entry of the AWS accounts tab or an account ID.")
    body = {name: options[name] for name in ("account", "queue", "region") if options[name]}
    return [dict(row) for row in ask(splunkd, "peek", body, "cloudtrail_responder_admin")["rows"]]


COMMAND = Command(
    name="trailpeek",
    description="Shows the queues that bring CloudTrail to Splunk, and one message, which stays in its queue.",
    syntax="| trailpeek account=<entry> [queue=<name>] [region=<region>]",
    fields=FIELDS,
    options=("account", "queue", "region"),
    generate=generate,
    examples=(
        (
            "| trailpeek account=production",
            "The queues that bring CloudTrail to Splunk, of an entry of the AWS accounts tab.",
        ),
    ),
    # A message that is looked at again and again becomes a dead letter: no schedule and no link may do that.
    is_risky=True,
)
