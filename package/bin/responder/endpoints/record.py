"""``record``: an alert action hands findings over.

Post ``{"action", "parameters", "rows": [{"number", "row"}], "search_name", "app", "sid"}`` with at most 100 rows. Who
asks, in which run and when is what splunkd says; of the body only what the finding says and how the alert asks count.

With ``"run": <seconds>`` the tasks are run within that time once all of them are recorded, as ``execute`` does, and the
answer has ``"reports"``, too. Safe to repeat with it or without: what is recorded is recorded once, and in a lane that
is being worked on nothing else is begun.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..cases.recording import Recorder
from ..cases.task import Alert
from ..errors import Rejected, ResponderError, Unavailable
from ..handlers.action import action
from ..handlers.any_alert import Asked, asked_of
from ..parameters import bounded
from ..settings.reader import Configuration
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
    parameters = bounded(parameters, (parameter.name for parameter in chosen.parameters))
    seconds = seconds_to_run(request)
    config = Configuration(request.splunkd)
    app, sid = request.text("app", 100), request.text("sid", 500)
    link = results_link(request.splunkd, config.stanza("general").get("splunk_web_url", ""), app, sid)
    alert = Alert(request.text("search_name"), app, link)
    known = request.services.cases
    recorder = Recorder(request.splunkd, alert, request.caller.user, request.caller.session, known)
    numbered = [(_number(entry), entry.get("row")) for entry in rows]
    outcomes = _recorded(recorder, asked_of(chosen, parameters, alert.search_name, sid, numbered))
    if seconds is None:
        return {"rows": outcomes}
    tasks = [str(outcome["task"]) for outcome in outcomes if "task" in outcome]
    return {"rows": outcomes, "reports": run_recorded(request, tasks, seconds, recorder.cases, config)}


def _number(entry: Mapping[str, Any]) -> int:
    return entry["number"] if isinstance(entry.get("number"), int) else 0


def _recorded(recorder: Recorder, read: Sequence[tuple[int, Asked]]) -> list[Mapping[str, Any]]:
    try:
        recorded = iter(recorder.record_many([wanted for _, wanted in read if isinstance(wanted, tuple)]))
    except ResponderError as error:
        # Whatever keeps us from writing may pass: the action hands them over again, or spools them.
        raise Unavailable(f"The results cannot be recorded now: {error}") from error
    outcomes: list[Mapping[str, Any]] = []
    for number, wanted in read:
        became = next(recorded) if isinstance(wanted, tuple) else wanted
        if became is None:
            outcomes.append({"number": number, "nothing": True})
        elif isinstance(became, ResponderError):
            outcomes.append({"number": number, "error": str(became), "kind": type(became).__name__})
        else:
            outcomes.append({"number": number, "task": became.key, "recorded": became.is_new})
    return outcomes


ENDPOINT = Endpoint("record", "cloudtrail_responder_run", answer)
