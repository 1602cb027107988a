"""``... | respond action=remediate``: hand the rows of a search over, as the alert action of that name does.

With the searcher's own session, so to the endpoint it is an alert of theirs: the same capability, Safety tab and proof,
and the same tasks, so what was handed over once is known the second time. Nothing is spooled where it does not answer:
only splunkd may write there (docs/architecture.md). Then the row says so, and the search can be run again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..errors import Rejected, ResponderError, Unavailable
from ..findings.batches import Batch, batches
from ..modular_action import NOTHING_TO_DO
from ..splunk.client import Splunkd
from .base import PATIENCE, Actions, Command, Options, Row, Search, ask

#: What becomes of a row without a task, and of one whose request was not answered.
NOT_RECORDED, UNKNOWN, NOTHING = "not recorded", "unknown", "nothing to do"
#: Rows of a search: as many as reach an alert action (``maxresults``).
MOST = 10_000
#: Seconds of one request in which tasks may be begun, and of a whole search: the worker does what is left.
TO_BEGIN, LONGEST = PATIENCE * 2 / 3, 240.0
AGAIN = "Run the search again: what was recorded is recorded once."
_TASK = re.compile(r"([0-9a-f]{20})\.[a-z0-9_]+\.[0-9a-f]{16}")


def hand_over(
    splunkd: Splunkd, search: Search, options: Options, rows: Sequence[Row], actions: Actions
) -> Iterable[Row]:
    """Each row with what became of it. ``actions``: the parameters of each alert action."""
    body = {**_asked(options, actions), "app": search.app, "sid": search.sid}
    handing = _HandingOver(splunkd, body)
    for batch, _ in batches(_without_answer(row) for row in rows):
        handing.batch(batch)
    empty = {"state": NOTHING, "message": "The row is empty."}
    return [{**row, **_NO_TASK, **handing.became.get(number, empty)} for number, row in enumerate(rows, 1)]


def _asked(options: Options, actions: Actions) -> Mapping[str, Any]:
    name = options["action"].removeprefix("responder_")
    if name not in actions:
        said = f"action is '{name[:40]}'." if name else "No action is named."
        raise Rejected(said, f"Write action= with one of {', '.join(sorted(actions))}.")
    given = {option: value for option, value in options.items() if value and option != "action"}
    for option in given:
        if option not in actions[name]:
            raise Rejected(f"{name} has no parameter {option}.", f"It has {', '.join(actions[name])}.")
    return {"action": name, "parameters": given}


class _HandingOver:
    """The batches of one search, one after the other; what became of each row, by its number."""

    def __init__(self, splunkd: Splunkd, body: Mapping[str, Any]) -> None:
        self._splunkd, self._body = splunkd, body
        self._until = time.monotonic() + LONGEST
        self._lost: ResponderError | None = None
        self.became: dict[int, Row] = {}

    def batch(self, batch: Batch) -> None:
        """Raises a ResponderError only while no row has been taken: then the search as a whole has failed."""
        if self._lost:
            return self._all(batch, NOT_RECORDED, f"It was not handed over: {self._lost}")
        body = {**self._body, "rows": [{"number": number, "row": row} for number, row in batch]}
        try:
            answer = self._record(body)
        except Unavailable as error:
            self._lost = error
            self._all(batch, UNKNOWN, f"{error} {AGAIN}")
        except Rejected as error:
            self._raise_if_first(error)
            self._all(batch, NOT_RECORDED, str(error))
        except ResponderError as error:
            self._raise_if_first(error)
            self._lost = error
            self._all(batch, NOT_RECORDED, str(error))
        else:
            self._take(answer)

    def _record(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        left = self._until - time.monotonic()
        if left <= 0:
            return self._ask(body)
        try:
            return self._ask({**body, "run": min(TO_BEGIN, left)})
        except Unavailable:
            # Perhaps it is recorded, and running. To record it (again) does no harm and says which tasks there are.
            return self._ask(body)

    def _ask(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return ask(self._splunkd, "record", body, "cloudtrail_responder_run")

    def _raise_if_first(self, error: ResponderError) -> None:
        if not self.became:
            raise error

    def _all(self, batch: Batch, state: str, message: str) -> None:
        self.became.update({number: {"state": state, "message": message} for number, _ in batch})

    def _take(self, answer: Mapping[str, Any]) -> None:
        reports = {report["task"]: report for report in answer.get("reports") or ()}
        for row in answer["rows"]:
            self.became[row["number"]] = _became(row, reports)


def _became(row: Mapping[str, Any], reports: Mapping[str, Mapping[str, Any]]) -> Row:
    task = str(row.get("task") or "")
    if task:
        report = reports.get(task) or {"state": "recorded", "message": "Recorded. The worker input goes on with it."}
        return {"case": task.partition(".")[0], "task": task, "state": report["state"], "message": report["message"]}
    if row.get("nothing"):
        return {"state": NOTHING, "message": NOTHING_TO_DO}
    return {"state": NOT_RECORDED, "message": str(row.get("error"))}


def _without_answer(row: Row) -> dict[str, Any]:
    """Of one that a ``respond`` before this one has answered: its answer is no part of what was found."""
    match = _TASK.fullmatch(str(row.get("task") or ""))
    is_answered = match[1] == row.get("case") if match else row.get("state") in (NOT_RECORDED, UNKNOWN, NOTHING)
    left_out = COMMAND.fields if is_answered and all(name in row for name in COMMAND.fields) else ()
    return {name: value for name, value in row.items() if name not in left_out}


_NO_TASK = {"case": "", "task": ""}

COMMAND = Command(
    name="respond",
    description=(
        "Hands the rows of a search over to an alert action of CloudTrail Responder. action is create_ticket, "
        "remediate, notify_slack, notify or dispatch, with the parameters of that alert action. Each row says what "
        "became of it."
    ),
    syntax="| respond action=<action> [playbook=<id>] [mode=(simulate|approve|enforce)] [<parameter>=<value>]",
    fields=("case", "task", "state", "message"),
    options=("action",),
    hand_over=hand_over,
    most_rows=MOST,
    examples=(
        (
            "sourcetype=aws:cloudtrail eventName=CreateAccessKey | respond action=create_ticket project=SEC",
            "A ticket for each key that was made.",
        ),
        (
            "sourcetype=aws:cloudtrail eventName=CreateAccessKey | respond action=remediate "
            "playbook=deactivate_access_key mode=simulate",
            "What deactivating these keys would change.",
        ),
    ),
    is_risky=True,
    may_be_scheduled=True,
)
