"""``| respondcases``: the queue of cases, as the page Cases shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Rejected
from ..splunk.client import Splunkd
from .base import Command, Row, ask

FILTERS = ("state", "severity", "account", "actor", "owner", "assignee", "detection", "find", "sort")
FIELDS = (
    "case", "severity", "signature", "state", "approvals", "attention", "open", "account", "actor", "resource",
    "ticket", "ticket_status", "opened_at", "updated_at", "detection", "alert", "owner", "assignee",
)  # fmt: skip
#: Rows of a request, and of an answer unless it says how many.
PAGE, COUNT, MOST = 100, 100, 1_000


def generate(splunkd: Splunkd, options: Mapping[str, str]) -> Iterable[Row]:
    wanted, rows = _count(options["count"]), list[Row]()
    asked = {name: options[name] for name in FILTERS if options[name]}
    for page in range((wanted + PAGE - 1) // PAGE):
        answer = ask(splunkd, "cases", {**asked, "page": page, "count": PAGE}, "cloudtrail_responder_view")
        rows += [_row(one) for one in answer["cases"]]
        if not answer["more"]:
            break
    return rows[:wanted]


def _count(text: str) -> int:
    """Raises Rejected."""
    if not text:
        return COUNT
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= MOST:
        raise Rejected(f"count is '{text[:20]}'.", f"Use a whole number from 1 to {MOST}.")
    return int(text)


def _row(case: Mapping[str, Any]) -> Row:
    state, ticket = case["state"], case["ticket"] or {}
    counts = {name: state[name] for name in ("approvals", "attention", "open")}
    known = {"state": state["text"], "ticket": ticket.get("key", ""), "ticket_status": ticket.get("status", "")}
    return {**case, **counts, **known}


COMMAND = Command(
    name="respondcases",
    description=(
        "Shows cases of CloudTrail Responder, 100 unless count says otherwise. state is approval, attention, working "
        "or excused. More: owner, assignee (@me), detection, sort. Times are in epoch seconds."
    ),
    syntax="| respondcases [state=<state>] [severity=<s>] [account=<id>] [actor=<name>] [find=<id>] [count=<n>]",
    fields=FIELDS,
    options=(*FILTERS, "count"),
    generate=generate,
    examples=(
        ("| respondcases state=approval severity=high", "Cases of high severity and above that wait for an approval."),
        ("| respondcases actor=mallory count=20", "The newest 20 cases of an actor."),
    ),
)
