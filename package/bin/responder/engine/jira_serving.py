"""One round for one Jira site: read what was answered, carry it out, say what it came to.

On one search head at a time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from ..errors import PutOff, ResponderError, Unavailable
from ..remediation.verdicts import JIRA
from ..settings.model import JiraSite
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import answer_records, jira_answering, jira_polling, jira_replies
from .answer_records import Recorded
from .jira_polling import PAUSE
from .services import Services
from .share_claims import ShareClaims

log = logging.getLogger("cloudtrail_responder")

#: Seconds after which the claim of a search head that died is free.
LEASE = 60.0


def claim_of(site: str) -> str:
    """What the search head claims that reads a site's tickets (``share_claims.py``)."""
    return f"jira-answers:{site}"


class Serving:
    """One site, in one process. ``until``: monotonic seconds after which no answer is begun."""

    def __init__(
        self, splunkd: Splunkd, services: Services, config: Configuration, site: JiraSite, until: float
    ) -> None:
        self._splunkd = splunkd
        self._services = services
        self._site = site
        self._until = until
        self._tickets: Any = services.tickets(site, config.http)
        self._claims = ShareClaims(splunkd, splunkd.now, LEASE)
        self._pause = float(config.stanza("developer").get("jira_poll_seconds") or PAUSE)

    def poll(self) -> None:
        """Read what has changed, where that is due, and carry it out. Raises nothing."""
        self._in_turn(lambda: jira_polling.poll(self._splunkd, self._site, self._tickets.changes, self._pause))

    def read(self, case: str, number: str) -> bool:
        """Read one ticket of a case now, and carry it out. False where another search head works on the site."""
        changes = self._tickets.changes
        return self._in_turn(lambda: jira_polling.read_one(self._splunkd, self._site, changes, case, number))

    def _in_turn(self, read: Callable[[], object]) -> bool:
        name = claim_of(self._site.name)
        if not self._claims.take(name):
            return False
        try:
            self._services.gate(f"jira:{self._site.name}")
            read()
        except PutOff as error:
            log.info("site=%s: %s", self._site.name, error)
        except ResponderError as error:
            log.warning("site=%s: answers were not read: %s", self._site.name, error)
        except Exception as error:
            # One site's strange answer keeps no other from being read.
            log.exception("site=%s: answers were not read: internal error (%s)", self._site.name, type(error).__name__)
        finally:
            self._carry_out(name)
            self._claims.release(name)
        return True

    def _carry_out(self, name: str) -> None:
        """Also what was left behind by whoever died. A dead Jira puts them off."""
        try:
            for answer in self._open():
                if time.monotonic() >= self._until or not self._claims.keep(name):
                    return
                if not answer.reply:
                    jira_answering.carry_out(self._splunkd, self._services, answer)
            self._reply(name)
        except ResponderError as error:
            log.warning("site=%s: answers stay open: %s", self._site.name, error)

    def _open(self) -> list[Recorded]:
        return sorted(answer_records.due(self._splunkd, JIRA, self._site.name), key=lambda one: one.given_at)

    def _reply(self, name: str) -> None:
        by_ticket: dict[str, list[Recorded]] = {}
        for answer in self._open():
            if answer.reply:
                by_ticket.setdefault(answer.ticket, []).append(answer)
        for ticket, owed in by_ticket.items():
            try:
                jira_replies.reply(self._splunkd, self._tickets, owed, lambda: self._check_claim(name))
            except ResponderError as error:
                log.warning("site=%s ticket=%s: nobody was answered: %s", self._site.name, ticket, error)

    def _check_claim(self, name: str) -> None:
        if not self._claims.keep(name):
            raise Unavailable("Another search head works on this Jira site now.", "It goes on.")
