"""``record``: an alert action hands findings over.

Post ``{"action", "parameters", "rows": [{"number", "row"}], "search_name", "app", "sid"}`` with at most 100 rows. Who
asks, in which run and when is what splunkd says; of the body only what the finding says and how the alert asks count.

With ``"run": <seconds>`` the tasks are run within that time once all of them are recorded, as ``execute`` does, and the
answer has ``"reports"``, too. Safe to repeat with it or without: what is recorded is recorded once, and in a lane that
is being worked on nothing else is begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.recording import Recorder
from ..cases.task import Alert
from ..errors import Rejected, ResponderError, Unavailable
from ..findings.finding import Finding
from ..handlers.action import Action, action
from ..splunk.web import results_link
from .base import Endpoint, Request
from .execute import run_recorded, seconds_to_run

MAX_ROWS = 100


def answer(request: Request) -> Mapping[str, Any]:
    """``{"rows": [{"number", "task", "recorded"} or {"number", "error", "kind"} or {"number", "nothing": true}]}``.

    And ``"reports": [TaskReport, ...]``, where they were to be run.
    """
    chosen = action(request.text("action", 100))
    rows = request.body.get("rows")
    if not isinstance(rows, list) or len(rows) > MAX_ROWS or not all(isinstance(row, dict) for row in rows):
        raise Rejected(f"rows is not a list of at most {MAX_ROWS} objects.", "Hand them over in batches.")
    parameters = request.body.get("parameters")
    if not isinstance(parameters, dict) or not all(isinstance(value, str) for value in parameters.values()):
        raise Rejected("parameters is not an object of texts.")
    seconds = seconds_to_run(request)
    alert = Alert(
        request.text("search_name"),
        request.text("app", 100),
        results_link(request.splunkd, request.text("app", 100), request.text("sid", 500)),
    )
    recorder = Recorder(request.splunkd, alert, request.caller.user, request.caller.session)
    outcomes = [_one(recorder, chosen, parameters, row) for row in rows]
    if seconds is None:
        return {"rows": outcomes}
    tasks = [str(outcome["task"]) for outcome in outcomes if "task" in outcome]
    return {"rows": outcomes, "reports": run_recorded(request, tasks, seconds)}


def _one(
    recorder: Recorder, chosen: Action, parameters: Mapping[str, str], entry: Mapping[str, Any]
) -> Mapping[str, Any]:
    number = entry.get("number") if isinstance(entry.get("number"), int) else 0
    try:
        row = entry.get("row")
        if not isinstance(row, dict):
            raise Rejected("The row is not an object.")
        finding = Finding.from_row(row)
        wanted = chosen.request(finding, parameters)
    except ResponderError as error:
        return {"number": number, "error": str(error), "kind": type(error).__name__}
    if wanted is None:
        return {"number": number, "nothing": True}
    try:
        key, new = recorder.record(finding, wanted)
    except Rejected as error:
        return {"number": number, "error": str(error), "kind": type(error).__name__}
    except ResponderError as error:
        # Whatever keeps us from writing may pass: the action hands it over again, or spools it.
        raise Unavailable(f"Result {number} cannot be recorded now: {error}") from error
    return {"number": number, "task": key, "recorded": new}


ENDPOINT = Endpoint("record", "cloudtrail_responder_run", answer)
