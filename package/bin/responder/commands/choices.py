"""``| respondchoices``: what can be chosen in an alert action. The drop-downs of the alert form search for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..splunk.client import Splunkd
from .base import Command, Row, ask


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    """What could not be asked is a row without a value: it says why it is missing, and choosing it chooses nothing."""
    answer = ask(splunkd, "choices", {"of": options["of"]}, "cloudtrail_responder_run")
    rows = [{"value": "", "label": f"{problem} Type the name."} for problem in answer["problems"]]
    return [*rows, *(entry["content"] for entry in answer["entry"])]


COMMAND = Command(
    name="respondchoices",
    description="Lists what can be chosen in an alert action of CloudTrail Responder, as Jira, Slack and the settings "
    "say now. The drop-downs of the alert form use it.",
    syntax="| respondchoices of=<list>",
    fields=("value", "label"),
    options=("of",),
    generate=generate,
    examples=(("| respondchoices of=jira_projects", "Projects in which an alert may open tickets."),),
)
