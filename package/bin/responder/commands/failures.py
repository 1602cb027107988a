"""``| respondfailures``: what waits for a person, was given up, or has failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..splunk.client import Splunkd
from .base import Command, Row, ask

FIELDS = ("service", "reason", "message", "requested_at", "tried_at", "attempts", "kind", "case", "task", "state")


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    body = {name: options[name] for name in ("service", "state") if options[name]}
    answer = ask(splunkd, "failures", body, "cloudtrail_responder_view")
    rows = [dict(one) for one in answer["failures"]]
    return [*rows, {"message": f"{answer['more']} more are not shown."}] if answer["more"] else rows


COMMAND = Command(
    name="respondfailures",
    description=(
        "Shows what CloudTrail Responder could not do: tasks that wait for a person, were given up, or have failed in "
        "the last seven days. Times are in epoch seconds."
    ),
    syntax="| respondfailures [service=<name>] [state=(failed|waiting)]",
    fields=FIELDS,
    options=("service", "state"),
    generate=generate,
    examples=(
        ("| respondfailures state=waiting", "What waits for a person."),
        ("| respondfailures service=jira", "What Jira did not take."),
    ),
)
