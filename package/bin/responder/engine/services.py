"""Clients of the outside services, kept warm: the executor's process lives long, opening a client is dear.

Keyed by the settings themselves, so that a change on the setup page makes a new client.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from ..settings.model import AwsAccount, Http, JiraSite, SlackWorkspace

if TYPE_CHECKING:
    from ..aws.client import Aws
    from ..jira.client import Tickets
    from ..slack.client import Chat

T = TypeVar("T")


class Services:
    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._lock = threading.Lock()

    def _keep(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
            kept: T = self._kept[key]
            return kept

    def aws(self, account: AwsAccount, http: Http) -> Aws:
        from ..aws.client import Aws

        return self._keep((account, http), lambda: Aws(account, http))

    def tickets(self, site: JiraSite, http: Http) -> Tickets:
        from ..jira.client import Tickets

        return self._keep((site, http), lambda: Tickets(site, http))

    def chat(self, workspace: SlackWorkspace, http: Http) -> Chat:
        from ..slack.client import Chat

        return self._keep((workspace, http), lambda: Chat(workspace, http))
