"""Hears what people answer in Jira: beside the worker's round, in threads of its own.

Once a round, which is once a minute, each site in which somebody may answer is searched for tickets that have changed.
Where Jira's webhooks arrive in an index, that is looked into every few seconds, and a ticket that an event names is
read at once. Tasks do not wait for it, nor it for tasks, and one dead site holds up no other.
"""

from __future__ import annotations

import logging
import threading
import time

from ..engine import jira_events, jira_polling
from ..engine.jira_serving import Serving
from ..engine.services import Services
from ..errors import ResponderError
from ..settings.model import JiraSite
from ..settings.reader import Configuration
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

#: Seconds between two looks for events of webhooks.
LOOK = 5.0


class JiraAnswers:
    """All sites, in one round of the worker. ``ends_at``: monotonic seconds at which the round ends."""

    def __init__(self, splunkd: Splunkd, services: Services, config: Configuration, ends_at: float) -> None:
        self._splunkd = splunkd
        self._services = services
        self._config = config
        self._ends_at = ends_at
        self._threads: list[threading.Thread] = []

    def begin(self) -> None:
        """Raises a ResponderError when the settings cannot be read."""
        for site in self._config.jira_sites(answering=True):
            if site.answers.are_taken:
                self._threads.append(self._begun(site))

    def forget(self) -> None:
        """Where nobody may answer now, whoever may later begins then. Raises a ResponderError."""
        silent = {site.name for site in self._config.jira_sites() if not site.answers.are_taken}
        # An entry that cannot be used goes on where it was, once it is corrected.
        jira_polling.forget(self._splunkd, but=set(self._config.jira_site_names) - silent)

    def end(self) -> None:
        """Wait for them until the round ends."""
        for thread in self._threads:
            thread.join(max(0.0, self._ends_at - time.monotonic()))

    def _begun(self, site: JiraSite) -> threading.Thread:
        # What is under way keeps no process from ending: it is gone on with.
        thread = threading.Thread(target=self._serve, args=(site,), name=f"jira-{site.name}", daemon=True)
        thread.start()
        return thread

    def _serve(self, site: JiraSite) -> None:
        try:
            serving = Serving(self._splunkd, self._services, self._config, site, self._ends_at)
            serving.poll()
            if site.answers.webhook_index:
                self._listen(site, serving)
        except ResponderError as error:
            log.warning("site=%s: answers were not read: %s", site.name, error)
        except Exception:
            log.exception("site=%s: answers were not read: internal error", site.name)

    def _listen(self, site: JiraSite, serving: Serving) -> None:
        heard = jira_events.Heard(self._splunkd, site)
        while time.monotonic() < self._ends_at:
            for case, number in heard.new():
                if serving.read(case, number):
                    heard.done(number)
            time.sleep(max(0.0, min(LOOK, self._ends_at - time.monotonic())))
