"""``record``: an alert action hands findings over.

Post ``{"action", "parameters", "rows": [{"number", "row"}], "search_name", "app", "sid", "invocation"}`` with at most
100 rows. Who asks, in which run and when is what splunkd says; of the body only what the finding says and how the alert
asks count, and for the action's log what it says of its run (``modular_action.py``).

With ``"run": <seconds>`` the tasks are run within that time once all of them are recorded, as ``execute`` does, and the
answer has ``"reports"``, too. Safe to repeat with it or without: what is recorded is recorded once, and in a lane that
is being worked on nothing else is begun.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ..cases import invocations
from ..cases.recording import Recorded, Recorder
from ..cases.task import Alert
from ..cases.turns import LEASE_SECONDS
from ..errors import Rejected, ResponderError, Unavailable
from ..handlers.action import action
from ..handlers.any_alert import Asked
from ..handlers.gathering import Gathering
from ..handlers.handed_over import asked_by
from ..handlers.run_reports import subscriptions
from ..modular_action import FAILURE, NOTHING_TO_DO, PENDING, SUCCESS, of_row
from ..parameters import bounded
from ..settings.reader import Configuration
from ..splunk.users import SYSTEM
from ..splunk.web import results_link
from .base import Endpoint, Request
from .execute import run_recorded, seconds_to_run

MAX_ROWS = 100


def answer(request: Request) -> Mapping[str, Any]:
    """``{"rows": [{"number", "task", "recorded"} or {"number", "error", "kind"} or {"number", "nothing": true}]}``.

    Each with ``"status"`` and ``"said"``, for the action's log (``modular_action.py``); what is pending there is ended
    by the worker. And ``"reports": [TaskReport, ...]``, where they were to be run.
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
    name = f"responder_{chosen.name}"
    run = invocations.checked_run(name, _user(request), request.body.get("invocation"), sid)
    alert = Alert(request.text("search_name"), app, link, name, run.get("sid", sid))
    known = request.services.cases
    recorder = Recorder(request.splunkd, alert, request.caller.user, request.caller.session, known, subscriptions)
    numbered = [(_number(entry), entry.get("row")) for entry in rows]
    batch = invocations.Batch(
        request.splunkd, run, {_number(entry): of_row(run, _number(entry), _row(entry)) for entry in rows}
    )
    gathering = Gathering(request.splunkd, recorder, config, alert, sid, invocations.is_per_result(run))
    outcomes = _recorded(recorder, lambda: asked_by(gathering, chosen, parameters, numbered), batch)
    if seconds is None:
        return {"rows": _told(batch, outcomes, {})}
    tasks = {outcome["number"]: str(outcome["task"]) for outcome in outcomes if "task" in outcome}
    batch.begin(tasks, seconds + LEASE_SECONDS)
    reports = run_recorded(request, list(tasks.values()), seconds, recorder.cases, config, batch.in_task)
    by_task = {str(report["task"]): report for report in reports if isinstance(report, dict)}
    return {"rows": _told(batch, outcomes, by_task), "reports": reports}


def _user(request: Request) -> str:
    """Whose run it is. Alerts that belong to nobody run as the system, and only of those the action says it."""
    given = request.body.get("invocation")
    named = given.get("user") if isinstance(given, dict) else None
    return str(named) if request.caller.user == SYSTEM and isinstance(named, str) else request.caller.user


def _told(
    batch: invocations.Batch,
    outcomes: Sequence[Mapping[str, Any]],
    reports: Mapping[str, Mapping[str, Any]],
) -> list[Mapping[str, Any]]:
    """The outcomes with what the action's log says of each. Whatever is pending is written down for the worker.

    Raises a ResponderError when that cannot be done: the action hands them over again, or spools them.
    """
    told: list[Mapping[str, Any]] = [{**outcome, **_status(outcome, reports)} for outcome in outcomes]
    batch.answer({one["number"]: str(one["task"]) for one in told if one["status"] == PENDING})
    return told


def _row(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    row = entry.get("row")
    return row if isinstance(row, Mapping) else {}


def _status(outcome: Mapping[str, Any], reports: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
    if "task" in outcome:
        report = reports.get(str(outcome["task"]))
        if report is None:
            return {"status": PENDING, "said": "Recorded."}
        return {"status": invocations.status_of(str(report["state"])), "said": str(report["message"] or "Done.")}
    if outcome.get("nothing"):
        return {"status": SUCCESS, "said": NOTHING_TO_DO}
    return {"status": FAILURE, "said": str(outcome["error"])}


def _number(entry: Mapping[str, Any]) -> int:
    return entry["number"] if isinstance(entry.get("number"), int) else 0


def _recorded(
    recorder: Recorder, asked_for: Callable[[], list[tuple[int, Asked]]], batch: invocations.Batch
) -> list[Mapping[str, Any]]:
    try:
        read = asked_for()
        asked = [(number, wanted) for number, wanted in read if isinstance(wanted, tuple)]
        named, wanted_of = [batch.rid(number) for number, _ in asked], [wanted for _, wanted in asked]
        became_of = recorder.record_many(wanted_of, named, batch.embedded)
        batch.is_recorded(any(isinstance(became, Recorded) and became.is_new for became in became_of))
    except ResponderError as error:
        # Whatever keeps us from writing may pass: the action hands them over again, or spools them.
        raise Unavailable(f"The results cannot be recorded now: {error}") from error
    recorded = iter(became_of)
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
