"""One run of an alert action: read the payload, stream the results, record, poke the executor, say how it went."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, TextIO, Union

from ..cases.case import Alert, Wish, record
from ..cases.tasks import TaskStore
from ..errors import (
    ConfigurationError,
    InvalidFinding,
    InvalidPayload,
    NotPermitted,
    Rejected,
    ResponderError,
    Unavailable,
    one_line,
)
from ..findings.finding import Finding
from ..findings.results import Row, RowProblem, rows
from ..logs import to_file
from ..splunk.client import APP, Splunkd, message_of

DONE, BAD_INPUT, NEEDS_A_PERSON, LATER, NOT_RECORDED = 0, 2, 3, 4, 5
#: Tasks poked at a time: enough to keep the executor's threads busy, few enough to answer soon.
BATCH = 25
#: Seconds the action waits for the executor; Splunk ends the process after ``maxtime`` (5 minutes).
PATIENCE, LONGEST_RUN = 90.0, 240.0
#: Seconds after which it records no more, and how many results in a row splunkd may fail to take before it gives up.
LONGEST_RECORDING, LOST_IN_A_ROW = 270.0, 3
#: How many lines of one run go to standard error: splunkd.log is no place for ten thousand.
MAX_LINES = 20

Wisher = Callable[[Finding, Mapping[str, str]], Optional[Wish]]


@dataclass
class Run:
    """What one run has come to so far."""

    name: str
    say: Callable[[str, str], None]
    exit_code: int = DONE
    counts: Dict[str, int] = field(default_factory=dict)
    said: Dict[str, int] = field(default_factory=dict)
    lost_in_a_row: int = 0

    def problem(self, exit_code: int, text: str) -> None:
        """Say a problem once, however many rows have it. The gravest exit code wins."""
        text = one_line(text)
        self.said[text] = self.said.get(text, 0) + 1
        if self.said[text] == 1 and len(self.said) <= MAX_LINES:
            self.say("ERROR", text)
        order = (DONE, LATER, NEEDS_A_PERSON, BAD_INPUT, NOT_RECORDED)
        self.exit_code = max(self.exit_code, exit_code, key=order.index)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


def main(name: str, argv: Sequence[str] = (), stdin: Optional[TextIO] = None) -> int:
    """Run the alert action ``responder_<name>`` as splunkd starts it; returns the exit code."""
    log = to_file(f"responder_{name}_modalert")

    def say(level: str, text: str) -> None:
        print(f"{level} {text}", file=sys.stderr, flush=True)
        log.log(40 if level == "ERROR" else 20, "action=responder_%s %s", name, text)

    run = Run(name, say)
    if "--execute" not in (argv or sys.argv):
        run.problem(BAD_INPUT, "This script is an alert action: Splunk starts it with --execute and a payload.")
        return run.exit_code
    try:
        payload = _payload(stdin or sys.stdin)
        wisher: Wisher = import_module(f"responder.actions.{name}").wish
        _process(run, payload, wisher)
    except ResponderError as error:
        run.problem(_code(error), str(error))
    except Exception as error:
        log.exception("action=responder_%s internal error", name)
        run.problem(NOT_RECORDED, f"Internal error ({type(error).__name__}); see responder_{name}_modalert.log.")
    summary = " ".join(f"{what}={n}" for what, n in sorted(run.counts.items())) or "results=0"
    repeated = sum(run.said.values()) - min(len(run.said), MAX_LINES)
    say("INFO", f"{summary}" + (f" further_problems={repeated}" if repeated else ""))
    _for_enterprise_security(log, run)
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
    except (ValueError, TypeError) as error:
        raise InvalidPayload(
            "The payload on standard input is not the JSON object that Splunk sends.",
            "Start this script from a Splunk alert.",
        ) from error
    found: Mapping[str, Any] = payload
    return found


def _process(run: Run, payload: Mapping[str, Any], wisher: Wisher) -> None:
    started = time.time()
    splunkd = Splunkd(payload["server_uri"], payload["session_key"])
    store = TaskStore(splunkd, time.time)
    texts = ("search_name", "sid", "results_link", "owner")
    alert = Alert(*(str(payload.get(name) or "") for name in texts))
    parameters = {k: str(v).strip() for k, v in (payload.get("configuration") or {}).items() if v is not None}
    waiting: List[str] = []
    try:
        for number, row in enumerate(rows(payload["results_file"]), 1):
            if time.time() - started > LONGEST_RECORDING:
                hint = "Let the search give fewer results, or run it again: it goes on where this one ended."
                run.problem(NOT_RECORDED, f"Time is up: Result {number} and all after it are not recorded. {hint}")
                break
            waiting += _record(run, splunkd, store, wisher, alert, parameters, number, row)
    finally:
        # After everything is recorded, since it takes time; a file that breaks off in the middle must not keep what
        # came before it from being done.
        _poke_all(run, splunkd, list(dict.fromkeys(waiting)), started)


def _record(
    run: Run,
    splunkd: Splunkd,
    store: TaskStore,
    wisher: Wisher,
    alert: Alert,
    parameters: Mapping[str, str],
    number: int,
    row: Union[Row, RowProblem],
) -> List[str]:
    run.count("results")
    if isinstance(row, RowProblem):
        run.problem(BAD_INPUT, str(row))
        return []
    try:
        finding = Finding.from_row(row)
    except InvalidFinding as error:
        run.problem(BAD_INPUT, f"Result {number}: {error}")
        return []
    wish = wisher(finding, parameters)
    if wish is None:
        run.count("nothing_to_do")
        return []
    try:
        keys, new = record(splunkd, store, finding, wish, alert, time.time())
    except (Rejected, Unavailable) as error:
        # This one is lost to this run; the others need not be.
        run.lost_in_a_row += 1
        run.problem(NOT_RECORDED, f"Result {number} is not recorded: {error}")
        if run.lost_in_a_row >= LOST_IN_A_ROW:
            raise
        return []
    run.lost_in_a_row = 0
    run.count("recorded" if new else "known")
    return keys


def _poke_all(run: Run, splunkd: Splunkd, keys: Sequence[str], started: float) -> None:
    """Have the executor run tasks now. Whatever happens here, the tasks are recorded and the worker finishes them."""
    for first in range(0, len(keys), BATCH):
        left = LONGEST_RUN - (time.time() - started)
        reason = _poke(run, splunkd, keys[first : first + BATCH], left) if left > 0 else "time is up"
        if reason:
            owed = f"{len(keys) - first} recorded tasks are left to the worker input (responder_worker)."
            run.problem(LATER, f"The executor did not answer ({reason}); {owed}")
            return


def _poke(run: Run, splunkd: Splunkd, keys: Sequence[str], left: float) -> str:
    """Run some tasks and tell of them; gives the reason why there was no answer, if so."""
    impatient = Splunkd(splunkd.uri, splunkd.session_key, timeout=min(PATIENCE, left), pauses=())
    try:
        status, data = impatient.request(
            "POST", f"{APP}/execute", {"output_mode": "json"}, json.dumps({"tasks": list(keys)}).encode()
        )
        answer = json.loads(data)
        if status != 200:
            return str(answer.get("error") or message_of(data))[:300]
        for report in answer["reports"]:
            _tell(run, report)
    except (ResponderError, ValueError, KeyError, TypeError, AttributeError) as error:
        return str(error) or type(error).__name__
    return ""


def _tell(run: Run, report: Mapping[str, str]) -> None:
    run.count(str(report["state"]))
    message = str(report["message"])
    if report["needs"] == "person":
        kept = "" if report["state"] == "failed" else " It is recorded and tried again by the worker input."
        run.problem(NEEDS_A_PERSON, message + kept)
    elif report["needs"] == "later":
        run.problem(LATER, f"{message} It is recorded and tried again by the worker input.")
    elif report["state"] == "refused":
        run.say("WARN", one_line(message))


def _code(error: ResponderError) -> int:
    if isinstance(error, (InvalidPayload, InvalidFinding)):
        return BAD_INPUT
    return NEEDS_A_PERSON if isinstance(error, (ConfigurationError, NotPermitted)) else NOT_RECORDED


def _for_enterprise_security(log: Any, run: Run) -> None:
    """The line that Enterprise Security reads the state of an adaptive response from."""
    status = "success" if run.exit_code == DONE else "failure"
    log.info(
        'sendmodaction - signature="%s" action_name="responder_%s" action_status="%s"', "finished", run.name, status
    )
