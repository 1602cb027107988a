"""One run of an alert action: read the payload, stream the results, hand them over, have them run, report."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, TextIO

from ..cases import spool
from ..errors import ConfigurationError, InvalidFinding, InvalidPayload, NotPermitted, ResponderError, one_line
from ..findings.results import RowProblem, rows
from ..logs import to_file
from .endpoint import Endpoints, Refused, Unanswered

DONE, BAD_INPUT, NEEDS_A_PERSON, LATER, NOT_RECORDED = 0, 2, 3, 4, 5
#: Rows handed over at a time, and about how many characters of them.
BATCH_ROWS, BATCH_CHARS = 100, 4_000_000
#: Tasks run at a time: enough to keep the executor's threads busy, few enough to answer soon.
BATCH_TASKS = 25
#: Seconds after which it stops: Splunk ends the process after ``maxtime`` (5 minutes).
LONGEST_RUN, LONGEST_RECORDING = 240.0, 270.0
#: How many lines of one run go to standard error: splunkd.log is no place for ten thousand.
MAX_LINES = 20

Log = Callable[[str, str], None]


@dataclass
class Run:
    """What one run has come to so far."""

    name: str
    log: Log
    exit_code: int = DONE
    counts: dict[str, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)

    def problem(self, exit_code: int, text: str) -> None:
        """Report a problem once, however many rows have it. The gravest exit code wins."""
        text = one_line(text)
        self.problems[text] = self.problems.get(text, 0) + 1
        if self.problems[text] == 1 and len(self.problems) <= MAX_LINES:
            self.log("ERROR", text)
        order = (DONE, LATER, NEEDS_A_PERSON, BAD_INPUT, NOT_RECORDED)
        self.exit_code = max(self.exit_code, exit_code, key=order.index)

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number


def main(name: str, argv: Sequence[str] = (), stdin: TextIO | None = None) -> int:
    """Run the alert action ``responder_<name>`` as splunkd starts it; returns the exit code."""
    file_log = to_file(f"responder_{name}_modalert")

    def log(level: str, text: str) -> None:
        print(f"{level} {text}", file=sys.stderr, flush=True)
        file_log.log(40 if level == "ERROR" else 20, "action=responder_%s %s", name, text)

    run = Run(name, log)
    if "--execute" not in (argv or sys.argv):
        run.problem(BAD_INPUT, "This script is an alert action: Splunk starts it with --execute and a payload.")
        return run.exit_code
    try:
        _process(run, _payload(stdin or sys.stdin))
    except ResponderError as error:
        run.problem(_code(error), str(error))
    except Exception as error:
        file_log.exception("action=responder_%s internal error", name)
        run.problem(NOT_RECORDED, f"Internal error ({type(error).__name__}); see responder_{name}_modalert.log.")
    summary = " ".join(f"{what}={n}" for what, n in sorted(run.counts.items())) or "results=0"
    repeated = sum(run.problems.values()) - min(len(run.problems), MAX_LINES)
    log("INFO", f"{summary}" + (f" further_problems={repeated}" if repeated else ""))
    # Enterprise Security reads the state of an adaptive response from this line.
    file_log.info(
        'sendmodaction - signature="%s" action_name="responder_%s" action_status="%s"',
        "finished", name, "success" if run.exit_code == DONE else "failure",
    )  # fmt: skip
    return run.exit_code


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
    """What is handed over with the rows: how the alert asks, and which run it was."""
    parameters = {k: str(v).strip() for k, v in (payload.get("configuration") or {}).items() if v is not None}
    texts = {field: str(payload.get(field) or "")[:400] for field in ("search_name", "app", "sid")}
    return {"action": name, "parameters": parameters, **texts}


def _process(run: Run, payload: Mapping[str, Any]) -> None:
    started = time.monotonic()
    endpoints = Endpoints(payload["server_uri"], payload["session_key"])
    tasks: list[str] = []
    try:
        tasks = _hand_over(run, endpoints, payload, started)
    finally:
        # After everything is recorded, since it takes time; a file that breaks off in the middle must not keep what
        # came before it from being done.
        _execute(run, endpoints, list(dict.fromkeys(tasks)), started)


def _hand_over(run: Run, endpoints: Endpoints, payload: Mapping[str, Any], started: float) -> list[str]:
    tasks: list[str] = []
    common = handover(run.name, payload)
    for batch in _batches(run, payload["results_file"]):
        first = batch[0]["number"]
        if time.monotonic() - started > LONGEST_RECORDING:
            _spool(run, payload, first, "time is up")
            break
        try:
            answer = endpoints.record({**common, "rows": batch})
            for outcome in answer["rows"]:
                _outcome(run, outcome, tasks)
        except Refused as error:
            if error.code in (401, 404):
                # The session has ended, or the app is being reloaded: what was found is kept all the same.
                _spool(run, payload, first, str(error))
                break
            if error.code == 403:
                raise NotPermitted(
                    f"Splunk does not permit handing findings over: {error}",
                    "Give the alert's owner the role cloudtrail_responder; check that the app is enabled.",
                ) from error
            run.problem(NOT_RECORDED, f"Results {first} and after it were not accepted: {error}")
        except (Unanswered, KeyError, TypeError) as error:
            _spool(run, payload, first, str(error), getattr(error, "for_a_person", False))
            break
    return tasks


def _batches(run: Run, path: str) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    try:
        for number, row in enumerate(rows(path), 1):
            run.count("results")
            if isinstance(row, RowProblem):
                run.problem(BAD_INPUT, f"Result {row.number}: {row.message}")
                continue
            filled = {name: value for name, value in row.items() if value != "" and value != []}
            batch.append({"number": number, "row": filled})
            size += sum(len(str(value)) for value in filled.values())
            if len(batch) >= BATCH_ROWS or size > BATCH_CHARS:
                yield batch
                batch, size = [], 0
    except InvalidPayload:
        # What was read until here counts.
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _outcome(run: Run, outcome: Mapping[str, Any], tasks: list[str]) -> None:
    if outcome.get("task"):
        tasks.append(str(outcome["task"]))
        run.count("recorded" if outcome.get("recorded") else "known")
    elif outcome.get("nothing"):
        run.count("nothing_to_do")
    elif outcome.get("kind") == "InvalidFinding":
        run.problem(BAD_INPUT, f"Result {outcome['number']}: {outcome['error']}")
    elif outcome.get("kind") == "ConfigurationError":
        run.problem(NEEDS_A_PERSON, str(outcome["error"]))
    else:
        run.problem(NOT_RECORDED, f"Result {outcome.get('number')} is not recorded: {outcome.get('error')}")


def _spool(
    run: Run, payload: Mapping[str, Any], first: int, reason: str, for_a_person: bool = False
) -> None:
    """Keep what could not be handed over; the worker of this search head takes it up."""
    spool.keep(handover(run.name, payload), str(payload.get("owner") or ""), payload["results_file"], first)
    run.count("spooled")
    run.problem(
        NEEDS_A_PERSON if for_a_person else LATER,
        f"The app's endpoint did not answer ({reason}). Results from {first} on are kept on this search head, and the "
        "worker input (responder_worker) goes on with them.",
    )


def _execute(run: Run, endpoints: Endpoints, tasks: Sequence[str], started: float) -> None:
    """Have tasks run now. Whatever happens here, they are recorded and the worker finishes them."""
    for first in range(0, len(tasks), BATCH_TASKS):
        left = LONGEST_RUN - (time.monotonic() - started)
        reason = "time is up"
        if left > 0:
            try:
                answer = endpoints.execute(tasks[first : first + BATCH_TASKS], left)
                for report in answer["reports"]:
                    _report(run, report)
                continue
            except (Unanswered, Refused, KeyError, TypeError) as error:
                reason = str(error) or type(error).__name__
        owed = f"{len(tasks) - first} recorded tasks are left to the worker input (responder_worker)."
        run.problem(LATER, f"The executor did not answer ({reason}); {owed}")
        return


def _report(run: Run, report: Mapping[str, str]) -> None:
    state, waiting_for, message = str(report["state"]), str(report["waiting_for"]), str(report["message"])
    run.count(state)
    if state == "failed":
        run.problem(NEEDS_A_PERSON, message)
    elif state == "refused":
        run.log("WARN", one_line(message))
    elif state == "done":
        return
    elif waiting_for == "person":
        run.problem(NEEDS_A_PERSON, f"{message} It is recorded and tried again by the worker input.")
    elif waiting_for == "approval":
        run.problem(LATER, message)
    elif state == "waiting" and waiting_for == "time":
        # Put off on purpose: the throttle of the detection.
        run.log("INFO", one_line(message))
    else:
        run.problem(LATER, f"{message} It is recorded and tried again by the worker input.")


def _code(error: ResponderError) -> int:
    if isinstance(error, (InvalidPayload, InvalidFinding)):
        return BAD_INPUT
    return NEEDS_A_PERSON if isinstance(error, (ConfigurationError, NotPermitted)) else NOT_RECORDED
