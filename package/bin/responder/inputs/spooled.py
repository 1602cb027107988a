"""Takes up what alert actions of this search head could not hand over."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..cases import invocations, spool
from ..cases.recording import Recorder, TaskRequest
from ..cases.spool import Spooled
from ..cases.task import Alert
from ..errors import InvalidPayload, Rejected, ResponderError, Unavailable
from ..findings.batches import batches
from ..findings.finding import Finding
from ..findings.results import Row, RowProblem, rows
from ..handlers.action import action
from ..handlers.gathering import Gathering
from ..handlers.handed_over import asked_by
from ..handlers.run_reports import subscriptions
from ..modular_action import FAILURE, NOTHING_TO_DO, SUCCESS, line, log_of, of_row
from ..parameters import bounded
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.users import NOBODY, SYSTEM, may
from ..splunk.web import results_link

log = logging.getLogger("cloudtrail_responder")

CAPABILITY = "cloudtrail_responder_run"
#: Seconds after which the rest is left to the next round: tens of thousands of results must not hold up the retries.
LONGEST_RUN = 20.0
#: Number of the result, what it says, what is asked for.
_Wanted = tuple[int, Finding, TaskRequest]
#: Numbers of results with what became of them: status, and what there is to say.
_Ends = dict[int, tuple[str, str]]


def hand_over(splunkd: Splunkd, longest: float = LONGEST_RUN) -> None:
    """Record what waits; what cannot be recorded now stays. Raises Unavailable when splunkd fails."""
    until = time.monotonic() + longest
    for name in spool.damaged():
        log.error("spool=%s cannot be read; look at the folder, then remove it", name)
    for spooled in spool.waiting():
        try:
            if not _hand_over(splunkd, spooled, until):
                return
        except Unavailable:
            raise
        except Exception as error:
            # One that cannot be recorded must not keep the worker from everything else.
            log.exception("spool=%s stays: %s", spooled.folder.name, error)


def _hand_over(splunkd: Splunkd, spooled: Spooled, until: float) -> bool:
    """Whether there may be time for the next one."""
    if not may(splunkd, _runs_as(spooled), CAPABILITY):
        log.error(
            "spool=%s owner=%s results are not recorded without capability=%s",
            spooled.folder.name, spooled.owner, CAPABILITY,
        )  # fmt: skip
        _refuse(spooled)
    elif not _record(splunkd, spooled, until):
        return False
    spooled.remove()
    return True


def _record(splunkd: Splunkd, spooled: Spooled, until: float) -> bool:
    """Whether all of it is recorded."""
    handover = spooled.handover
    app, sid = str(handover["app"]), str(handover["sid"])
    config = Configuration(splunkd)
    configured = config.stanza("general").get("splunk_web_url", "")
    rows_told = _RowsTold(spooled)
    link = results_link(splunkd, configured, app, sid)
    alert = Alert(str(handover["search_name"]), app, link, rows_told.name, rows_told.run.get("sid", sid))

    def record(batch: Sequence[tuple[int, Any]]) -> None:
        # A recorder remembers the cases it has seen: one for all would grow with the results.
        recorder = Recorder(splunkd, alert, _runs_as(spooled), f"spool-{spooled.folder.name}", follows=subscriptions)
        gathering = Gathering(splunkd, recorder, config, alert, sid, invocations.is_per_result(rows_told.run))
        wanted, ends = _wanted(gathering, spooled, batch)
        rids = rows_told.rids(batch)
        named = [rids.get(number, "") for number, _, _ in wanted]
        outcomes = recorder.record_many([(finding, request) for _, finding, request in wanted], named)
        tasks: dict[int, str] = {}
        for (number, _, _), outcome in zip(wanted, outcomes):
            if isinstance(outcome, Rejected):
                # Anything else that keeps us from writing may pass: then it stays.
                log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, number, outcome)
                ends[number] = FAILURE, str(outcome)
            else:
                tasks[number] = outcome.key
        rows_told.keep(splunkd, batch, tasks)
        rows_told.end(batch, ends)

    try:
        for batch, following in batches(_results(spooled, rows_told), spooled.first):
            record(batch)
            if following:
                # Between batches only: see there.
                spooled.go_on_from(following)
                if time.monotonic() >= until:
                    return False
    except InvalidPayload as error:
        log.error("spool=%s %s", spooled.folder.name, error)
    return True


def _refuse(spooled: Spooled) -> None:
    """The log of the action has an end for each of its results."""
    rows_told = _RowsTold(spooled)
    try:
        for batch, _ in batches(_results(spooled, rows_told), spooled.first):
            why = f"Its owner has no capability {CAPABILITY}."
            rows_told.end(batch, {number: (FAILURE, why) for number, _ in batch})
    except InvalidPayload as error:
        log.error("spool=%s %s", spooled.folder.name, error)


class _RowsTold:
    """What the log of the action says of the results: it said itself that they were invoked, and are pending."""

    def __init__(self, spooled: Spooled) -> None:
        handover = spooled.handover
        self.name = f"responder_{handover['action']}"
        given, sid = handover.get("invocation"), str(handover["sid"])
        self.run = invocations.checked_run(self.name, spooled.owner, given, sid)

    def rids(self, batch: Sequence[tuple[int, Any]]) -> Mapping[int, str]:
        return {number: of_row(self.run, number, row)["rid"] for number, row in batch} if self.run else {}

    def keep(self, splunkd: Splunkd, batch: Sequence[tuple[int, Any]], tasks: Mapping[int, str]) -> None:
        """Raises a ResponderError: then the batch is recorded once more."""
        owed = [invocations.Row(of_row(self.run, n, row), tasks[n]) for n, row in batch if n in tasks]
        if self.run and owed:
            invocations.keep(splunkd, invocations.Owed.of(self.run, owed, batch[0][0], splunkd.now()))

    def end(self, batch: Sequence[tuple[int, Any]], ends: _Ends) -> None:
        if self.run:
            lines = [line(self.run, of_row(self.run, n, row), *reversed(ends[n])) for n, row in batch if n in ends]
            log_of(self.name).append("".join(lines))


def _wanted(
    gathering: Gathering, spooled: Spooled, batch: Sequence[tuple[int, Any]]
) -> tuple[list[_Wanted], _Ends]:
    """What some results ask for, and how those have ended that ask for nothing. One costs no other."""
    chosen = action(str(spooled.handover["action"]))
    given = {str(name): str(value) for name, value in dict(spooled.handover["parameters"]).items()}
    parameters = bounded(given, (parameter.name for parameter in chosen.parameters))
    found: list[_Wanted] = []
    ends: _Ends = {}
    for number, asked in asked_by(gathering, chosen, parameters, batch):
        if isinstance(asked, ResponderError):
            log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, number, asked)
            ends[number] = FAILURE, str(asked)
        elif asked is not None:
            found.append((number, *asked))
        else:
            ends[number] = SUCCESS, NOTHING_TO_DO
    return found, ends


def _runs_as(spooled: Spooled) -> str:
    """As ``record`` is asked: an alert that belongs to nobody runs as the system. Splunkd names owner and session."""
    return SYSTEM if spooled.owner == NOBODY else spooled.owner


def _results(spooled: Spooled, rows_told: _RowsTold) -> Iterator[Row | RowProblem]:
    for row in rows(spooled.results):
        if isinstance(row, RowProblem) and row.number >= spooled.first:
            log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, row.number, row.message)
            rows_told.end([(row.number, None)], {row.number: (FAILURE, row.message)})
        yield row
