"""Takes up what alert actions of this search head could not hand over."""

from __future__ import annotations

import logging
import time

from ..cases import spool
from ..cases.recording import Recorder
from ..cases.spool import Spooled
from ..cases.task import Alert
from ..errors import InvalidPayload, Rejected, ResponderError, Unavailable
from ..findings.finding import Finding
from ..findings.results import RowProblem, rows
from ..handlers.action import action
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.users import capabilities
from ..splunk.web import results_link

log = logging.getLogger("cloudtrail_responder")

CAPABILITY = "cloudtrail_responder_run"


#: Results after which it is written down how far they are recorded, and asked whether there is time for more.
STEP = 500
#: Seconds after which the rest is left to the next round: tens of thousands of results must not hold up the retries.
LONGEST_RUN = 60.0


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
            "spool=%s owner=%s lacks the capability %s; the results are not recorded",
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
    recorder = Recorder(splunkd, alert, spooled.owner, f"spool-{spooled.folder.name}")
    chosen, parameters = action(str(handover["action"])), dict(handover["parameters"])
    try:
        for number, row in enumerate(rows(spooled.results), 1):
            if number < spooled.first:
                continue
            if number > spooled.first and (number - spooled.first) % STEP == 0:
                spooled.go_on_from(number)
                if time.monotonic() >= until:
                    return False
            try:
                if isinstance(row, RowProblem):
                    raise Rejected(row.message)
                finding = Finding.from_row(row)
                wanted = chosen.request(finding, parameters)
            except ResponderError as error:
                log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, number, error)
                continue
            if wanted is None:
                continue
            try:
                recorder.record(finding, wanted)
            except Rejected as error:
                # Anything else that keeps us from writing may pass: then it stays.
                log.error("spool=%s result=%s is not recorded: %s", spooled.folder.name, number, error)
    except InvalidPayload as error:
        log.error("spool=%s %s", spooled.folder.name, error)
    return True
