"""Takes up what alert actions of this search head could not hand over."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..cases import spool
from ..cases.recording import Recorder, TaskRequest
from ..cases.spool import Spooled
from ..cases.task import Alert
from ..errors import InvalidPayload, Rejected, ResponderError, Unavailable
from ..findings.batches import batches
from ..findings.finding import Finding
from ..findings.results import Row, RowProblem, rows
from ..handlers.action import action
from ..handlers.any_alert import asked_of
from ..handlers.run_reports import subscribe
from ..parameters import bounded
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.users import capabilities
from ..splunk.web import results_link

log = logging.getLogger("cloudtrail_responder")

CAPABILITY = "cloudtrail_responder_run"
#: Seconds after which the rest is left to the next round: tens of thousands of results must not hold up the retries.
LONGEST_RUN = 20.0
#: Number of the result, what it says, what is asked for.
_Wanted = tuple[int, Finding, TaskRequest]


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
    if CAPABILITY not in capabilities(splunkd, spooled.owner):
        log.error(
            "spool=%s owner=%s results are not recorded without capability=%s",
            spooled.folder.name, spooled.owner, CAPABILITY,
        )  # fmt: skip
    elif not _record(splunkd, spooled, until):
        return False
    spooled.remove()
    return True


def _record(splunkd: Splunkd, spooled: Spooled, until: float) -> bool:
    """Whether all of it is recorded."""
    handover = spooled.handover
    app, sid = str(handover["app"]), str(handover["sid"])
    configured = Configuration(splunkd).stanza("general").get("splunk_web_url", "")
    alert = Alert(str(handover["search_name"]), app, results_link(splunkd, configured, app, sid))

    def record(batch: Sequence[_Wanted]) -> None:
        # A recorder remembers the cases it has seen: one for all would grow with the results.
        recorder = Recorder(splunkd, alert, spooled.owner, f"spool-{spooled.folder.name}")
        asked = [(finding, wanted) for _, finding, wanted in batch]
        outcomes = recorder.record_many(asked)
        subscribe(recorder, asked, outcomes)
        for (number, _, _), outcome in zip(batch, outcomes):
            if isinstance(outcome, Rejected):
                # Anything else that keeps us from writing may pass: then it stays.
                log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, number, outcome)

    try:
        for batch, following in batches(_results(spooled), spooled.first):
            record(_wanted(handover, batch, spooled.folder.name))
            if following:
                # Between batches only: see there.
                spooled.go_on_from(following)
                if time.monotonic() >= until:
                    return False
    except InvalidPayload as error:
        log.error("spool=%s %s", spooled.folder.name, error)
    return True


def _wanted(handover: Mapping[str, Any], batch: Sequence[tuple[int, Any]], spool_name: str) -> list[_Wanted]:
    """What some results ask for. One that cannot be read costs no other."""
    chosen = action(str(handover["action"]))
    given = {str(name): str(value) for name, value in dict(handover["parameters"]).items()}
    parameters = bounded(given, (parameter.name for parameter in chosen.parameters))
    found: list[_Wanted] = []
    for number, asked in asked_of(chosen, parameters, str(handover["search_name"]), str(handover["sid"]), batch):
        if isinstance(asked, ResponderError):
            log.error("spool=%s result=%s is not recorded: %s", spool_name, number, asked)
        elif asked is not None:
            found.append((number, *asked))
    return found


def _results(spooled: Spooled) -> Iterator[Row | RowProblem]:
    for row in rows(spooled.results):
        if isinstance(row, RowProblem) and row.number >= spooled.first:
            log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, row.number, row.message)
        yield row
