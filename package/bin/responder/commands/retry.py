"""``| respondretry``: try again what has failed, was given up or waits for a person, with the searcher's own rights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    """A row for each task; of several, one more that says how many there were and are."""
    answer = ask(splunkd, "retry", _body(options), "cloudtrail_responder_approve")
    rows: list[Row] = [{name: report[name] for name in COMMAND.fields} for report in answer["reports"]]
    return rows if options["task"] else [*rows, {"message": _counted(answer)}]


def _body(options: Mapping[str, str]) -> Mapping[str, Any]:
    several = {name: options[name] for name in ("service", "state") if options[name]}
    if options["task"]:
        if several or options["limit"]:
            raise Rejected(
                "task= cannot be combined with service= or state=.", "Enter task= alone, or service= and state=."
            )
        return {"task": options["task"]}
    if not several:
        raise Rejected("Enter what to try again.", "Enter task=, service= or state=, from | respondfailures.")
    if not options["limit"]:
        return several
    if not options["limit"].isascii() or not options["limit"].isdigit():
        raise Rejected(f"limit is '{options['limit'][:20]}'.", "Enter a whole number.")
    return {**several, "limit": int(options["limit"])}


def _counted(answer: Mapping[str, Any]) -> str:
    states = Counter(str(report["state"]) for report in answer["reports"])
    became = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    left = f" {answer['left']} more are left: run the search again to continue." if answer["left"] else ""
    return f"Tried again: {len(answer['reports'])}{f' ({became})' if became else ''}.{left}"


COMMAND = Command(
    name="respondretry",
    description="Tries again what CloudTrail Responder could not do: one task, or what respondfailures shows.",
    syntax="| respondretry (task=<key>|service=<name>|state=(failed|waiting)) [limit=<number>]",
    fields=("task", "state", "message"),
    options=("task", "service", "state", "limit"),
    generate=generate,
    examples=(
        ("| respondretry service=jira state=waiting", "Try again what Jira did not take."),
    ),
    is_risky=True,
)
