"""``| respondundo``: take a remediation back, with the searcher's own rights; or only look at what that would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask

_CAPABILITY = "cloudtrail_responder_undo"
_YES, _NO = ("true", "t", "1", "yes"), ("", "false", "f", "0", "no")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    task, dry_run = options["task"], options["dry_run"].lower()
    if not task:
        raise Rejected("No remediation is named.", "Name task=, from the audit events.")
    if dry_run not in (*_YES, *_NO):
        raise Rejected("dry_run is neither true nor false.", "Write dry_run=true to see what would be done.")
    if dry_run in _YES:
        return list(_planned(task, ask(splunkd, "undo_plan", {"task": task}, _CAPABILITY)))
    reports = ask(splunkd, "undo", {"task": task}, _CAPABILITY)["reports"]
    return [{name: report[name] for name in COMMAND.fields} for report in reports]


def _planned(task: str, plan: Mapping[str, Any]) -> Iterator[Row]:
    """A row for each resource that is put back, then one for each thing that stands against it."""
    for change in plan["changes"]:
        said = f"{change['summary']} ({'; '.join(change['diff'])})"
        yield {"task": task, "state": "would undo", "message": said}
    if not (plan["changes"] or plan["left"] or plan["refused"]):
        yield {"task": task, "state": "nothing to undo", "message": "Everything is as it was before the remediation."}
    for sentence in plan["drift"]:
        yield {"task": task, "state": "changed since", "message": sentence}
    for name in ("refused", "left"):
        if plan[name]:
            yield {"task": task, "state": "refused" if name == "refused" else "stays", "message": plan[name]}


COMMAND = Command(
    name="respondundo",
    description="Takes back what a remediation of CloudTrail Responder has changed in AWS, or says what that would do.",
    syntax="| respondundo task=<key> dry_run=<bool>",
    fields=("task", "state", "message"),
    options=("task", "dry_run"),
    generate=generate,
    examples=(
        (
            "| respondundo task=6f1c0e2d4b5a69788796:remediate dry_run=true",
            "What an undo would put back, and what has changed since.",
        ),
        ("| respondundo task=6f1c0e2d4b5a69788796:remediate", "Put it back."),
    ),
    is_risky=True,
)
