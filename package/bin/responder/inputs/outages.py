"""Reports when a service does not answer, in the other channels, and once it is over what was caught up.

A service is away while its breaker is open (``engine/breaker.py``); AWS, which has none, while remediations wait for
it. After five minutes a mark is written (``cases/outages.py``), and from it follow a bulletin message in Splunk Web and
a message in Slack. When the service has answered for five minutes and nothing is late any more, or after a while, the
mark holds what was caught up, and from that follow the end of the bulletin and a second message. So whatever stops in
between, the next round of any search head does the rest; and each message has a key that follows from the mark, so it
is one.

A round that finds no breaker open and no outage sends no request: both were read with the breakers.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..cases import outages
from ..cases.outages import MARKS, Outage
from ..cases.states import WaitingFor
from ..cases.store import TaskStore
from ..documents.operations import late_sentence
from ..engine.backlog import AWS, Backlog, counted, display_name, late_tasks, tasks_of
from ..engine.report import TaskReport
from ..engine.services import Services
from ..errors import ConfigurationError, ResponderError
from ..handlers import operations
from ..settings.reader import Configuration
from ..splunk import bulletin
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

#: Seconds for which a service is away before people hear of it, and for which it answers before it counts as back.
LONG, SETTLED = 300.0, 300.0
#: Seconds after which the end is reported although something is late still: where some of it was done, and in any case.
CATCHING_UP, LONGEST = 1800.0, 7200.0
#: Seconds after the end of an outage in which a shorter one is not reported.
QUIET = 3600.0


def follow(
    splunkd: Splunkd, services: Services, config: Configuration, reports: Sequence[TaskReport], now: float
) -> list[str]:
    """Keys of messages that were recorded. ``reports``: of this round. Raises nothing: the worker has better to do."""
    try:
        return _Follow(splunkd, services, config, now).all(reports)
    except ResponderError as error:
        log.error("Which services do not answer was not looked at: %s", error)
        return []


class _Follow:
    def __init__(self, splunkd: Splunkd, services: Services, config: Configuration, now: float) -> None:
        self._splunkd = splunkd
        self._config = config
        self._now = now
        self._backlog = Backlog(splunkd, config)
        self._openings = services.paces.openings
        self._known = outages.read(services.paces.beside)
        self._recorded: list[str] = []

    def all(self, reports: Sequence[TaskReport]) -> list[str]:
        away = {service: opening.since or opening.at for service, opening in self._openings.items()}
        if AWS in self._known or any(map(_waits_for_aws, reports)):
            since = self._backlog.aws_away_since(self._now)
            away.update({AWS: since} if since else {})
        for service in sorted({*away, *self._known}):
            self._one(service, away.get(service), self._known.get(service))
        return self._recorded

    def _one(self, service: str, away_since: float | None, known: Outage | None) -> None:
        if known is not None and not known.is_announced:
            known = self._announce(known)
        if away_since is None:
            if known is not None and known.over_at:
                self._forget(known)
            elif known is not None:
                self._is_back(known)
        elif known is None or known.over_at:
            self._is_away(service, away_since, known)
        elif known.back:
            # It was back for a moment only.
            self._save(replace(known, back=0.0))

    def _is_away(self, service: str, since: float, before: Outage | None) -> None:
        lasts = self._now - since
        if lasts < LONG or before is not None and since - before.over_at < QUIET and lasts < QUIET:
            return
        late = self._backlog.late(service, self._now)
        if not late:
            return
        outage = Outage(service, since, late)
        if before is None and not self._splunkd.insert(MARKS, outage.document(self._now)):
            # Another search head announces it.
            return
        if before is not None:
            self._save(outage)
        log.warning("service=%s has not answered since %.0f: late=%s", service, since, late)
        self._announce(outage)

    def _is_back(self, outage: Outage) -> None:
        if not outage.back:
            self._save(replace(outage, back=self._now))
            return
        answers = self._now - outage.back
        if answers < SETTLED:
            return
        late = self._backlog.late(outage.service, outage.back)
        if late and answers < CATCHING_UP:
            return
        ended = self._backlog.caught_up(outage.service, outage.since, outage.back)
        if late and not ended.done and answers < LONGEST:
            return
        over = replace(outage, over_at=self._now, is_announced=False, **vars(ended))
        self._save(over)
        log.warning(
            "service=%s answers again since %.0f: done=%s waiting=%s failed=%s",
            outage.service, outage.back, ended.done, ended.waiting, ended.failed,
        )  # fmt: skip
        self._announce(over)

    def _forget(self, outage: Outage) -> None:
        if self._now - outage.over_at >= QUIET:
            self._splunkd.delete_where(MARKS, {"_key": outage.key})

    # -- what follows from a mark ------------------------------------------------------------------------------------

    def _announce(self, outage: Outage) -> Outage:
        """Done again after a stop, it does nothing twice: a bulletin has a name, a message a key."""
        name = display_name(outage.service)
        facts: dict[str, Any] = {"service": outage.service, "name": name, "since": outage.since}
        if outage.over_at:
            bulletin.remove(self._splunkd, name_of(outage.service))
            counts = [
                [counted(count), became]
                for count, became in ((outage.done, "done"), (outage.waiting, "still wait"), (outage.failed, "failed"))
                if count or became == "done"
            ]
            more = {"back": outage.back, "what": tasks_of(outage.service), "counts": counts}
            self._record(operations.BACK, outage, {**facts, **more})
        else:
            late = late_tasks(outage.service, outage.late)
            sentence = late_sentence(name, outage.since, late)
            bulletin.post(
                self._splunkd,
                name_of(outage.service),
                f"CloudTrail Responder: {sentence} They continue automatically when it answers. See | responderhealth.",
            )
            if outage.service != self._slack:
                self._record(operations.AWAY, outage, {**facts, "late": late})
        announced = replace(outage, is_announced=True)
        self._save(announced)
        return announced

    @property
    def _slack(self) -> str:
        """The workspace that would have to say it of itself."""
        try:
            return f"slack:{self._config.slack_workspace('').name}"
        except ConfigurationError:
            return ""

    def _record(self, about: str, outage: Outage, facts: Mapping[str, Any]) -> None:
        channel = operations.channel_of(self._config, is_outage=True)
        if channel is None:
            return
        message = operations.message(about, f"{outage.service}|{outage.since:.3f}", about, facts, channel)
        if TaskStore(self._splunkd, lambda: self._now).record(message):
            self._recorded.append(message.key)

    def _save(self, outage: Outage) -> None:
        self._splunkd.save_many(MARKS, [outage.document(self._now)])


def _waits_for_aws(report: TaskReport) -> bool:
    return report.kind.startswith("remediation.") and report.waiting_for == WaitingFor.SERVICE.value


def name_of(service: str) -> str:
    """Of the bulletin message: names of entries are nobody's path."""
    return f"cloudtrail_responder_outage_{hashlib.sha256(service.encode()).hexdigest()[:12]}"
