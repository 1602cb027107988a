"""Clients of the outside services, kept warm: the executor's process lives long, opening a client is dear.

One for each entry of the setup page, and a new one when its settings have changed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from ..background import Background
from ..cases.known_cases import KnownCases
from ..cases.left_reports import LeftReports
from ..settings.model import AwsAccount, AwsEntry, DispatchTarget, Http, JiraSite, NotifierEntry, SlackWorkspace
from ..splunk.client import Splunkd
from .pacing import Clock, Paces, not_called
from .service_names import site_of

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..aws.dispatch.client import Dispatch
    from ..aws.organization import Organization
    from ..jira.client import Tickets
    from ..notifiers.client import NotifierClient
    from ..slack.client import Chat

T = TypeVar("T")


#: Seconds that a request of an alert that was just run waits for its turn; the worker takes up what would wait longer.
#: The action waits 90 seconds for 25 tasks.
PATIENCE = 20.0
#: Clients that are kept warm; a large organization has as many accounts.
MOST_CLIENTS = 500


class Services:
    """``clock``: for tests."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[tuple[Any, ...], Any]] = OrderedDict()
        self._lock = threading.Lock()
        self.paces = Paces(lambda: PATIENCE, clock)
        #: What the process knows of cases that it has worked on a moment ago.
        self.cases = KnownCases()
        self.left_reports = LeftReports()
        #: What services have said of what can be chosen there, by list, entry and settings (``engine.offered``).
        self.offered: Background[list[Any]] = Background(known_for=60.0, failed_for=10.0)

    def be_patient(self, patience: Callable[[], float]) -> None:
        """``patience``: seconds that a request may wait for its turn, as of now."""
        self.paces.patience = patience

    def begin(self, splunkd: Splunkd) -> None:
        """To be called when a run begins: which services are left alone now. Raises ResponderError."""
        self.paces.begin(splunkd)

    def away(self, service: str) -> float:
        """Seconds for which a service (as in ``Kind.service``, with the names of defaults) is left alone."""
        return self.paces.left(site_of(service))

    def held(self, service: str) -> float:
        """Seconds for which the service, or this channel of it, wants to be left alone."""
        _, _, channel = service.partition(site_of(service) + ":")
        return self.paces.held(site_of(service), f"channel {channel}")

    def is_tried(self, service: str) -> bool:
        """Whether a service was away, and one request is to show whether it still is."""
        return self.paces.is_tried(site_of(service))

    def gate(self, service: str) -> None:
        """To be asked before a task of a service is tried. Raises PutOff while the service is left alone."""
        left = self.away(service)
        if left > 0:
            raise not_called(site_of(service), left)

    def _keep(self, entry: tuple[str, str], settings: tuple[Any, ...], make: Callable[[], T]) -> T:
        with self._lock:
            made_with, kept = self._kept.get(entry, ((), None))
            if made_with != settings:
                # Entries that are no more are forgotten as new ones come; whoever works with a client goes on with it.
                kept = make()
                self._kept[entry] = settings, kept
            self._kept.move_to_end(entry)
            if len(self._kept) > MOST_CLIENTS:
                self._kept.popitem(last=False)
            found: T = kept
            return found

    def aws(self, account: AwsAccount, http: Http) -> Aws:
        from ..aws.client import Aws

        key = f"{account.name} {account.account_id} {'reads' if account.reads_only else ''}"
        return self._keep(("aws", key), (account, http), lambda: Aws(account, http))

    def organization(self, entry: AwsEntry, http: Http) -> Organization:
        """What says which accounts an entry for an organization stands for."""
        from ..aws.accounts import listing
        from ..aws.client import Aws
        from ..aws.organization import Organization

        return self._keep(
            ("organization", entry.name), (entry, http), lambda: Organization(entry, Aws(listing(entry), http))
        )

    def tickets(self, site: JiraSite, http: Http) -> Tickets:
        from ..jira.client import Tickets
        from ..jira.rate_limits import LIMITS as JIRA

        gates = self.paces.service(f"jira:{site.name}", JIRA)
        return self._keep(("jira", site.name), (site, http), lambda: Tickets(site, http, gates))

    def chat(self, workspace: SlackWorkspace, http: Http) -> Chat:
        from ..slack.client import Chat
        from ..slack.rate_limits import WORKSPACE as SLACK

        gates = self.paces.service(f"slack:{workspace.name}", SLACK)
        return self._keep(("slack", workspace.name), (workspace, http), lambda: Chat(workspace, http, gates))

    def notifier(self, entry: NotifierEntry, http: Http) -> NotifierClient:
        from ..notifiers.client import NotifierClient
        from ..notifiers.registry import notifier_of

        gates = self.paces.service(f"notify:{entry.name}", notifier_of(entry).limits)
        return self._keep(("notify", entry.name), (entry, http), lambda: NotifierClient(entry, http, gates))

    def dispatch(self, target: DispatchTarget, account: AwsAccount, http: Http) -> Dispatch:
        """``account``: whose credentials are used."""
        from ..aws.dispatch.client import LIMITS, Dispatch

        gates = self.paces.service(f"dispatch:{target.name}", LIMITS)
        aws, settings = self.aws(account, http), (target, account, http)
        return self._keep(("dispatch", target.name), settings, lambda: Dispatch(target, aws, gates))
