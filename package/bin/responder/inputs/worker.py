"""The worker: finishes what the executor did not (restarts, time-outs, retries), by the same engine."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Callable, TypeVar

from ..cases import owed
from ..cases.states import State
from ..engine import decisions, excusing, slack_answering, slack_reactions
from ..engine.breaker import Marks
from ..engine.due import DueTasks, Share
from ..engine.engine import Engine, lease_seconds
from ..engine.report import TaskReport
from ..engine.services import Services
from ..engine.share_claims import ShareClaims
from ..errors import ResponderError
from ..remediation import change_announcements
from ..remediation.verdicts import Decision
from ..settings import routes
from ..settings.reader import KINDS, Configuration
from ..splunk.client import Splunkd
from . import attention, invocation_ends, outages, spooled
from .jira_answers import JiraAnswers
from .round import Job, Round

log = logging.getLogger("cloudtrail_responder")
T = TypeVar("T")

#: The part of the interval in which tasks are begun; what is under way then needs the rest.
ROUND = 0.75
#: Seconds that one request waits for its turn, at most: meanwhile its lane has to wait, too.
LONGEST_WAIT = 20.0
#: What was saved last on the setup page, so that a change of it is seen.
MARKS = "responder_marks"
#: Seconds for which a task that failed may still be cured by a setting, and how many are tried then in a round.
CURABLE_FOR, MAX_CURED = 7 * 86_400.0, 1000
#: Mark of a setting that was found saved and has not been tried on all tasks; seconds by which clocks may differ.
NEW_SETTINGS, SKEW = "settings:new", 5.0


def run_once(splunkd: Splunkd, clock: Callable[[], float] | None = None, interval: float = 60.0) -> list[TaskReport]:
    """Run what is due, each service at its pace. Raises a ResponderError when splunkd cannot be read."""
    ends_at = time.monotonic() + ROUND * interval
    services = Services()
    services.be_patient(lambda: min(LONGEST_WAIT, ends_at - time.monotonic()))
    now = clock or splunkd.now
    spooled.hand_over(splunkd)
    config = Configuration(splunkd)
    due = DueTasks(splunkd, config, now)
    settings = _SavedSettings(splunkd, config, now)
    if settings.are_new:
        # Whatever kept a service from answering may be cured, too.
        Marks(splunkd).close_all()
    try:
        services.begin(splunkd)
    except ResponderError as error:
        # Then it is found out by asking them.
        log.warning("which services are left alone is not known: %s", error)
    engine = Engine(splunkd, services, clock, config)
    answers = JiraAnswers(splunkd, services, config, ends_at)
    if settings.are_new:
        _listed("sites without answers", answers.forget)
    _listed("answers from Jira", answers.begin)
    cured = _listed("curable", lambda: _cured(due, splunkd, settings))
    decided = _listed("decided", lambda: _decided(due, splunkd, config.audit_index))
    _listed("limits reached", lambda: change_announcements.announce(splunkd, config.audit_index))
    _listed("owed events", lambda: owed.send_all(splunkd, config.audit_index))
    claims = ShareClaims(splunkd, splunkd.now, lease_seconds(config))
    work = Round(engine, services, due, claims, ends_at)
    first = [Job(share) for share in (decided.shares if decided else ())]
    work.work([*first, *(Job(share, frozenset((State.FAILED,))) for share in (cured or ()))])
    if decided is not None:
        _settle(splunkd, decided, config, work.reports)
    if cured is not None and (settings.is_first or settings.are_new):
        settings.remember({key for share in cured for key in share.keys}, work.reports)
    _listed("excuses", lambda: excusing.see_through(splunkd, services))
    _listed("answers from Slack", lambda: slack_answering.see_through(splunkd, services))
    _listed("reactions in Slack", lambda: slack_reactions.poll(splunkd, services, config))
    invocation_ends.write_when_due(splunkd, now(), claims)
    recorded = outages.follow(splunkd, services, config, work.reports, now())
    recorded += attention.look_when_due(splunkd, services, config, work.reports, now())
    if recorded:
        _listed("messages about the app", lambda: engine.run(recorded))
    answers.end()
    return work.reports


def _listed(what: str, read: Callable[[], T]) -> T | None:
    """None when it cannot be read now: that costs nothing else, and the next round reads it again."""
    try:
        return read()
    except ResponderError as error:
        log.error("listing=%s could not be read: %s", what, error)
        return None


def _cured(due: DueTasks, splunkd: Splunkd, settings: _SavedSettings) -> list[Share]:
    """What a saved setting may have cured and was not tried with it yet."""
    if not settings.are_new:
        return []
    return due.for_a_person(splunkd.now() - CURABLE_FOR, settings.seen_at() + SKEW, MAX_CURED)


@dataclass(frozen=True)
class _Decided:
    """Decisions that are not settled, and the tasks that they are about."""

    decisions: Sequence[Decision]
    shares: Sequence[Share]


def _decided(due: DueTasks, splunkd: Splunkd, index: str) -> _Decided:
    open_ones = decisions.unsettled(splunkd, index)
    return _Decided(open_ones, due.of_tasks({decision.task for decision in open_ones}))


def _settle(
    splunkd: Splunkd, decided: _Decided, config: Configuration, reports: Collection[TaskReport]
) -> None:
    """Decisions whose tasks were run with them, or are gone."""
    found = {key for share in decided.shares for key in share.keys}
    run = {report.task for report in reports}
    gone = {one.task for one in decided.decisions if one.task not in found}
    mine = [one for one in decided.decisions if one.task in run or one.task in gone]
    try:
        decisions.settle(splunkd, mine, config, reports, gone)
    except ResponderError as error:
        # They stay open, and the next round comes back to them.
        log.error("decisions could not be settled: %s", error)


class _SavedSettings:
    """What waits for a person, or has failed, is tried again once a setting was saved: that may have been the cure."""

    def __init__(self, splunkd: Splunkd, config: Configuration, now: Callable[[], float]) -> None:
        self._splunkd = splunkd
        self._now = now
        # A corrected route is as good a cure.
        self._fingerprint = config.fingerprint(*KINDS) + routes.digest(splunkd)
        self._mark = splunkd.fetch(MARKS, "settings")

    @property
    def is_first(self) -> bool:
        return self._mark is None

    @property
    def are_new(self) -> bool:
        return self._mark is not None and self._mark.get("value") != self._fingerprint

    def seen_at(self) -> float:
        """When these settings were found saved: a task that was tried since has been tried with them."""
        mark = self._splunkd.fetch(MARKS, NEW_SETTINGS)
        if mark is None or mark.get("value") != self._fingerprint:
            mark = {"_key": NEW_SETTINGS, "value": self._fingerprint, "at": self._now()}
            self._splunkd.save_many(MARKS, [mark])
        return float(mark.get("at") or 0)

    def remember(self, cured: Collection[str], reports: Collection[TaskReport]) -> None:
        """Last: a worker that is stopped before it does all of it again, which harms nobody."""
        tried = {report.task for report in reports if report.is_seen}
        if len(cured) >= MAX_CURED or any(key not in tried for key in cured):
            # There may be more; and what has failed has no other occasion.
            return
        mark = {"_key": "settings", "value": self._fingerprint, "at": self._splunkd.now()}
        if self.is_first:
            self._splunkd.insert(MARKS, mark)
        else:
            self._splunkd.replace(MARKS, "settings", mark)
