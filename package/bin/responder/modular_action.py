"""The lines by which Enterprise Security follows an alert action: what Splunk_SA_CIM asks of a modular action.

    <time in UTC> <level> sendmodaction - signature=".." action_name=".." sid=".." rid=".." ... action_status=".."

For every result there is a line that says that the action was invoked, and one that says how it ended: ``success`` or
``failure``, or ``pending`` at once where the work goes on in the worker, which writes the last line later. They are
grouped by action, sid, rid, user and mode, so none of those is ever empty and all lines of a result have the same.

Source: Splunk_SA_CIM, ``cim_actions.py`` (``ModularAction``): names, order and meaning of the fields. The standard
library alone: a cold process writes these.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from .errors import one_line
from .log_file import LogFile, stamp
from .log_values import in_quotes

INVOKED = "Invoking modular action"
SUCCESS, FAILURE, PENDING = STATUSES = ("success", "failure", "pending")
NOTHING_TO_DO = "There is nothing to do: no playbook is chosen, and none is recommended."
#: In the order in which CIM writes them.
FIELDS = (
    "signature", "action_name", "search_name", "sid", "orig_sid", "rid", "orig_rid", "app", "user", "digest_mode",
    "action_mode", "action_status",
)  # fmt: skip
#: What is the same for all results of a run, and what each has of its own.
OF_RUN = ("action_name", "search_name", "sid", "app", "user", "digest_mode", "action_mode")
OF_ROW = ("rid", "orig_sid", "orig_rid", "search_name")
#: Characters of a value: results and payloads may hold any text.
LONGEST, LONGEST_ID = 300, 400
#: What stands where Splunk has not said it: a line that lacks a value which lines are grouped by is not shown at all.
UNKNOWN = "unknown"
_PER_RESULT = re.compile(r"tmp_([0-9]{1,9})\.")

Ids = Mapping[str, str]


def of_run(action_name: str, payload: Mapping[str, Any]) -> dict[str, str]:
    """What a payload says of the run of an action; ``rid`` among it only where each result has a process of its own."""
    results = str(payload.get("results_file") or "")
    folder, name = os.path.split(results)
    result_id, of_file = payload.get("result_id"), _PER_RESULT.match(name)
    is_per_result = result_id not in (None, "") or os.path.basename(folder) == "per_result_alert"
    # The folder of a job is named by its id.
    dispatched = os.path.dirname(folder) if is_per_result else folder
    sid = _text(payload.get("sid"), LONGEST_ID) or _text(os.path.basename(dispatched), LONGEST_ID) or UNKNOWN
    found = {
        "action_name": action_name,
        "sid": sid,
        "user": _text(payload.get("user") or payload.get("owner")) or UNKNOWN,
        "app": _text(payload.get("app")),
        "search_name": _text(payload.get("search_name")),
        "digest_mode": "0" if is_per_result else "1",
        "action_mode": mode_of(sid),
    }
    if is_per_result:
        number = of_file[1] if of_file else "0"
        found["rid"] = _text(result_id, LONGEST_ID) if result_id not in (None, "") else number
    return found


def mode_of(sid: str) -> str:
    """The scheduler names itself in the ids of its jobs."""
    return "saved" if "scheduler" in sid else "adhoc"


def of_row(run: Ids, number: int, row: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What tells a result from the others. ``number`` counts from 1, over all results; ``row``: None if unreadable.

    Enterprise Security finds an action by the number that its finding had among the results of the search, so they are
    counted as the notable action does: from 0, none left out. A column ``rid`` of the results does not count, as it
    would for CIM's own library: it need not tell them apart, and lines with the same one are one result.

    ``orig_sid`` and ``orig_rid`` are what the row says, as they are there: whoever may run an action may have it shown
    on any finding, under his own name.
    """
    row = row or {}
    orig_sid, orig_rid = (_text(row.get(name), LONGEST_ID) for name in ("orig_sid", "orig_rid"))
    rid = run.get("rid") or str(number - 1)
    found = {"rid": rid, "orig_sid": orig_sid, "orig_rid": orig_rid}
    if not run.get("search_name"):
        # An ad hoc run has no name; the finding that it is about has.
        found["search_name"] = _text(row.get("search_name")) or (_text(row.get("source")) if orig_sid else "")
    return found


def line(run: Ids, row: Ids, signature: str, status: str = "") -> str:
    """One line, whatever stands in the values."""
    values = {**run, **{k: v for k, v in row.items() if v}, "signature": _text(signature), "action_status": status}
    pairs = " ".join(f"{name}={in_quotes(values[name])}" for name in FIELDS if values.get(name))
    return f"{stamp()} {'ERROR' if status == FAILURE else 'INFO'} sendmodaction - {pairs}\n"


def log_of(action_name: str) -> LogFile:
    """Where Splunk and CIM look for the lines of an action."""
    return LogFile(f"{action_name}_modalert")


def _text(value: Any, longest: int = LONGEST) -> str:
    if isinstance(value, (list, tuple)):
        value = " ".join(map(str, value[:20]))
    return "" if value is None else one_line(str(value)[: 2 * longest])[:longest]
