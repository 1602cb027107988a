"""``| respondpreflight``: which playbooks could do their work in each account, and which actions are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..splunk.client import Splunkd
from .base import Command, Row, ask, names_in

FIELDS = ("account", "entry", "playbook", "mode", "status", "missing", "note")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    """``accounts`` and ``playbooks``: IDs, separated by commas; all of them where none is named."""
    body = {name: names_in(options[name]) for name in ("accounts", "playbooks")}
    return [dict(cell) for cell in ask(splunkd, "preflight", body, "cloudtrail_responder_view")["cells"]]


COMMAND = Command(
    name="respondpreflight",
    description="Shows for each AWS account which playbooks of CloudTrail Responder are ready, and what is missing.",
    syntax="| respondpreflight [accounts=<ids>] [playbooks=<ids>]",
    fields=FIELDS,
    options=("accounts", "playbooks"),
    generate=generate,
    examples=(
        (
            "| respondpreflight accounts=111122223333 | search status!=ready",
            "What an account does not let the playbooks do.",
        ),
    ),
)
