"""One run of an alert action: read the payload, stream the results, hand them over, have them run, report.

Up to 100 results are one request: recorded, and run within a time. Of more, every batch is recorded before any is run:
a process that is ended meanwhile must not leave results in a file that nobody reads again.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from ..errors import ConfigurationError, InvalidFinding, InvalidPayload, NotPermitted, ResponderError, one_line
from ..findings.batches import batches
from ..findings.results import Row, RowProblem, rows
from ..modular_action import FAILURE, PENDING, log_of
from ..parameters import bounded
from .endpoint import Answer, Endpoints, Refused, Unanswered, are_objects
from .progress import BAD_INPUT, LATER, NEEDS_A_PERSON, NOT_RECORDED, Progress
from .row_log import RowLog, told

#: Tasks run at a time.
BATCH_TASKS = 100
#: Seconds after which it stops: Splunk ends the process after ``maxtime`` (5 minutes).
LONGEST_RUN, LONGEST_RECORDING = 240.0, 270.0
#: Tasks whose keys are kept to be run: more than can be run in that time. The rest is the worker's.
MOST_TASKS = 2_000

#: Results as they are handed over: ``number`` and ``row`` of each.
Batch = list[dict[str, Any]]

def main(name: str, argv: Sequence[str] = (), stdin: TextIO | None = None) -> int:
    """Run the alert action ``responder_<name>`` as splunkd starts it; returns the exit code."""
    file = log_of(f"responder_{name}")
    row_log: RowLog | None = None
    failed = ""

    def log(level: str, text: str) -> None:
        print(f"{level} {text}", file=sys.stderr, flush=True)
        file.fields(level, action=f"responder_{name}", reason=text)

    progress = Progress(log)
    if "--execute" not in (argv or sys.argv):
        progress.problem(BAD_INPUT, "This script is an alert action: Splunk starts it with --execute and a payload.")
        return progress.exit_code
    try:
        payload = _payload(stdin or sys.stdin)
        row_log = RowLog(f"responder_{name}", payload)
        _Run(name, payload, progress, row_log).process()
    except ResponderError as error:
        failed = str(error)
        progress.problem(_code(error), failed)
    except Exception as error:
        file.traceback(action=f"responder_{name}", reason="internal error")
        failed = f"Internal error ({type(error).__name__}); see responder_{name}_modalert.log."
        progress.problem(NOT_RECORDED, failed)
    if row_log is not None:
        row_log.close(failed)
    counts = " ".join(f"{what}={n}" for what, n in sorted(progress.counts.items())) or "results=0"
    print(f"INFO {counts}", file=sys.stderr, flush=True)
    file.write("INFO", f"action=responder_{name} {counts}")
    return progress.exit_code


def _payload(stdin: TextIO) -> Mapping[str, Any]:
    try:
        payload = json.load(stdin)
        for name in ("server_uri", "session_key", "results_file"):
            if not isinstance(payload[name], str) or not payload[name]:
                raise KeyError(name)
        if not isinstance(payload.get("configuration") or {}, dict):
            raise TypeError("configuration")
    except KeyError as error:
        raise InvalidPayload(
            f"The payload has no {error.args[0]}.", "Start this script from a Splunk alert."
        ) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidPayload(
            "The payload on standard input is not the JSON object that Splunk sends.",
            "Start this script from a Splunk alert.",
        ) from error
    found: Mapping[str, Any] = payload
    return found


def handover(name: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What is handed over with the rows: how the alert asks, and which run it was. Raises ConfigurationError."""
    parameters = {k: str(v).strip() for k, v in (payload.get("configuration") or {}).items() if v is not None}
    texts = {field: str(payload.get(field) or "")[:400] for field in ("search_name", "app", "sid")}
    return {"action": name, "parameters": bounded(parameters), **texts}


class _Run:
    def __init__(self, name: str, payload: Mapping[str, Any], progress: Progress, row_log: RowLog) -> None:
        self._payload, self._progress, self._row_log = payload, progress, row_log
        self._common = {**handover(name, payload), "invocation": dict(row_log.run)}
        self._endpoints = Endpoints(payload["server_uri"], payload["session_key"])
        self._started = time.monotonic()
        #: Recorded and not run yet.
        self._tasks: dict[str, None] = {}
        self._not_kept = 0

    def process(self) -> None:
        try:
            self._hand_over()
        finally:
            # Whatever ended it: a file that breaks off in the middle must not keep what came before from being done.
            self._execute()

    def _left(self, of: float) -> float:
        return of - (time.monotonic() - self._started)

    # -- handing over --------------------------------------------------------------------------------------------

    def _hand_over(self) -> None:
        batches = self._batches()
        for batch, is_all in batches:
            try:
                kept = self._hand_over_batch(batch, is_all)
            except Exception as error:
                # The results behind it are not handed over either.
                self._end_all(batches, FAILURE, str(error))
                raise
            if kept:
                self._end_all(batches, PENDING, kept)
                return

    def _hand_over_batch(self, batch: Batch, is_all: bool) -> str:
        """Why this batch and all behind it are spooled; empty when they are not."""
        first = batch[0]["number"]
        if self._left(LONGEST_RECORDING) <= 0:
            return self._spool(first, "time is up")
        try:
            answer = self._record({**self._common, "rows": batch}, is_all)
        except Refused as error:
            if error.code in (401, 404):
                # The session has ended, or the app is being reloaded: what was found is kept all the same.
                return self._spool(first, str(error))
            if error.code == 403:
                raise NotPermitted(
                    f"Splunk does not permit handing findings over: {error}",
                    "Give the alert's owner the role cloudtrail_responder; check that the app is enabled.",
                ) from error
            self._progress.problem(NOT_RECORDED, f"Results {first} and after it were not accepted: {error}")
            self._row_log.end_all(FAILURE, f"Not accepted: {error}")
        except Unanswered as error:
            return self._spool(first, str(error), error.for_a_person)
        else:
            self._row_log.end(map(told, answer["rows"]))
            self._row_log.end_all(FAILURE, "The app's endpoint said nothing of it.")
            self._recorded(answer)
        return ""

    def _end_all(self, batches: Iterator[tuple[Batch, bool]], status: str, why: str) -> None:
        """The log has an end for each result, also for those that nobody looks at any more."""
        self._row_log.end_all(status, why)
        try:
            for _ in batches:
                self._row_log.end_all(status, why)
        except InvalidPayload:
            # Whatever ended the run is what people must know.
            return

    def _record(self, body: Mapping[str, Any], and_run: bool) -> Answer:
        if and_run and self._left(LONGEST_RUN) > 0:
            try:
                return self._endpoints.record_and_run(body, self._left(LONGEST_RUN))
            except Unanswered as error:
                # Perhaps it is recorded, perhaps it is being run. To record it (again) does no harm, and says which
                # tasks there are; to run them (again) neither: a lane that somebody works on is busy.
                self._progress.log("WARN", f"The app's endpoint is asked again: {one_line(str(error))}")
        return self._endpoints.record(body, self._left(LONGEST_RECORDING))

    def _recorded(self, answer: Answer) -> None:
        tasks = [key for key in map(self._progress.row, answer["rows"]) if key]
        if are_objects(answer.get("reports")):
            for report in answer["reports"]:
                self._progress.report(report)
            return
        for key in tasks:
            if len(self._tasks) < MOST_TASKS:
                self._tasks[key] = None
            elif key not in self._tasks:
                self._not_kept += 1

    def _batches(self) -> Iterator[tuple[Batch, bool]]:
        """The rows in batches; with each, whether it is all there is."""
        is_first = True
        for batch, following in batches(self._results()):
            yield self._invoked([{"number": number, "row": row} for number, row in batch]), is_first and not following
            is_first = False

    def _results(self) -> Iterator[Row | RowProblem]:
        for row in rows(self._payload["results_file"]):
            self._progress.count("results")
            if isinstance(row, RowProblem):
                self._unreadable(row)
            yield row

    def _invoked(self, batch: Batch) -> Batch:
        self._row_log.invoke((one["number"], one["row"]) for one in batch)
        return batch

    def _unreadable(self, row: RowProblem) -> None:
        self._progress.problem(BAD_INPUT, f"Result {row.number}: {row.message}")
        self._row_log.invoke([(row.number, None)])
        self._row_log.end([(row.number, FAILURE, row.message)])

    def _spool(self, first: int, reason: str, for_a_person: bool = False) -> str:
        """Keep what could not be handed over; the worker of this search head takes it up."""
        # Loaded only when it is needed, which is hardly ever.
        from ..cases import spool

        spool.keep(self._common, str(self._payload.get("owner") or ""), self._payload["results_file"], first)
        self._progress.count("spooled")
        self._progress.problem(
            NEEDS_A_PERSON if for_a_person else LATER,
            f"The app's endpoint did not answer ({reason}). Results from {first} on are kept on this search head, and "
            "the worker input (responder_worker) goes on with them.",
        )
        return f"Kept on this search head for the worker: {reason}"

    # -- running -------------------------------------------------------------------------------------------------

    def _execute(self) -> None:
        """Have tasks run now. Whatever happens here, they are recorded and the worker finishes them."""
        tasks = list(self._tasks)
        for first in range(0, len(tasks), BATCH_TASKS):
            left, reason = self._left(LONGEST_RUN), "time is up"
            if left > 0:
                try:
                    answer = self._endpoints.execute(tasks[first : first + BATCH_TASKS], left)
                    for report in answer["reports"]:
                        self._progress.report(report)
                    continue
                except (Unanswered, Refused) as error:
                    reason = str(error)
            self._leave(len(tasks) - first + self._not_kept, f"The executor did not answer ({reason})")
            return
        if self._not_kept:
            self._leave(self._not_kept, f"More than {MOST_TASKS:,} tasks")

    def _leave(self, tasks: int, why: str) -> None:
        self._progress.problem(LATER, f"{why}; {tasks} recorded tasks are left to the worker input (responder_worker).")


def _code(error: ResponderError) -> int:
    if isinstance(error, (InvalidPayload, InvalidFinding)):
        return BAD_INPUT
    return NEEDS_A_PERSON if isinstance(error, (ConfigurationError, NotPermitted)) else NOT_RECORDED
