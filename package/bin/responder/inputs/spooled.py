"""Takes up what alert actions of this search head could not hand over."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

from ..cases import spool
from ..cases.recording import Recorder, TaskRequest
from ..cases.spool import Spooled
from ..cases.task import Alert
from ..errors import InvalidPayload, Rejected, ResponderError, Unavailable
from ..findings.finding import Finding
from ..findings.results import RowProblem, rows
from ..handlers.action import action
from ..handlers.any_alert import asked_of
from ..parameters import bounded
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.users import capabilities
from ..splunk.web import results_link

log = logging.getLogger("cloudtrail_responder")

CAPABILITY = "cloudtrail_responder_run"
#: Results recorded at a time; after each it is written down how far they are, and asked whether there is time for more.
STEP = 100
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
        outcomes = recorder.record_many([(finding, wanted) for _, finding, wanted in batch])
        for (number, _, _), outcome in zip(batch, outcomes):
            if isinstance(outcome, Rejected):
                # Anything else that keeps us from writing may pass: then it stays.
                log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, number, outcome)

    batch: list[_Wanted] = []
    try:
        for one in _wanted(spooled):
            batch.append(one)
            if len(batch) >= STEP:
                record(batch)
                spooled.go_on_from(one[0] + 1)
                batch = []
                if time.monotonic() >= until:
                    return False
    except InvalidPayload as error:
        log.error("spool=%s %s", spooled.folder.name, error)
    if batch:
        record(batch)
    return True


def _wanted(spooled: Spooled) -> Iterator[_Wanted]:
    """What the results that are left ask for. One that cannot be read costs no other."""
    handover = spooled.handover
    chosen = action(str(handover["action"]))
    given = {str(name): str(value) for name, value in dict(handover["parameters"]).items()}
    parameters = bounded(given, (parameter.name for parameter in chosen.parameters))
    name, sid = str(handover["search_name"]), str(handover["sid"])
    for batch in _batches(spooled):
        for number, asked in asked_of(chosen, parameters, name, sid, batch):
            if isinstance(asked, ResponderError):
                log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, number, asked)
            elif asked is not None:
                yield (number, *asked)


def _batches(spooled: Spooled) -> Iterator[list[tuple[int, Any]]]:
    """The rows that are left by their numbers, as many at a time as an action hands over: of one run they are one."""
    batch: list[tuple[int, Any]] = []
    try:
        for number, row in enumerate(rows(spooled.results), 1):
            if number < spooled.first:
                continue
            if isinstance(row, RowProblem):
                log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, number, row.message)
            else:
                batch.append((number, {name: value for name, value in row.items() if value not in ("", [])}))
            if len(batch) == STEP:
                yield batch
                batch = []
    except InvalidPayload:
        # What was read until here counts.
        if batch:
            yield batch
        raise
    if batch:
        yield batch
