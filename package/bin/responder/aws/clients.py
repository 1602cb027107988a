"""botocore's clients of one account entry, and the sessions that sign their calls.

``acting``, in all of it: as the role that the entry assumes; without it, and where it assumes none, as its credentials.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .. import ca_bundle
from ..settings.model import AwsAccount, Http
from . import pacing, proxying, regions, send_guard, session
from .errors import Attempted, translate

SESSION_NAME = "cloudtrail-responder"
#: Clients that are kept of one entry, each about a megabyte: a few services in every region that is enabled by default.
CLIENTS = 64


class Clients:
    """Safe to share between threads. ``http``: as the entry's network demands.

    ``open_session``: gives the botocore session of the credentials, where they are none of an entry.

    ``assume`` is given a case and gives credentials of the role, as ``session.with_role`` wants them. ``monotonic``:
    seconds, by which the host is asked for credentials again.
    """

    def __init__(
        self,
        account: AwsAccount,
        http: Http,
        assume: Callable[[str], dict[str, str]],
        metadata_url: str,
        monotonic: Callable[[], float],
        open_session: Callable[[], Any] | None = None,
    ) -> None:
        self._account = account
        self._http = http
        self._assume = assume
        self._metadata_url = metadata_url
        self._monotonic = monotonic
        self._open_session = open_session
        self._lock = threading.RLock()
        self._sessions: dict[bool, Any] = {}
        self._kept: OrderedDict[tuple[bool, str, str], Any] = OrderedDict()

    def of(self, service: str, region: str, acting: bool) -> Any:
        """Raises ConfigurationError for what is no region of the entry's partition; none: the entry's default."""
        region = region or self._account.default_region
        regions.check(self._account, region)
        key = (self._as_role(acting), service, region)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._make(*key)
            self._kept.move_to_end(key)
            while len(self._kept) > CLIENTS:
                # Whoever has it under way keeps it until then.
                self._kept.popitem(last=False)
            return self._kept[key]

    def sign_in(self, case: str) -> None:
        """Open the role's session for a case now. Raises as a call."""
        with self._lock:
            opened = self._session(acting=True)
        with session.of_case(case):
            opened.get_credentials().get_frozen_credentials()

    def is_session(self, acting: bool) -> bool:
        """Whether calls are signed by credentials that expire."""
        return self._as_role(acting) or self._account.auth_type != "access_key"

    def forget_session(self, acting: bool) -> None:
        """AWS says that it has expired, whatever its own clock says: the next call opens another."""
        acting = self._as_role(acting)
        with self._lock:
            self._sessions.pop(acting, None)
            for key in [key for key in self._kept if key[0] == acting]:
                del self._kept[key]

    def _as_role(self, acting: bool) -> bool:
        return acting and bool(self._account.assumed_role)

    def _session(self, acting: bool) -> Any:
        if acting not in self._sessions:
            if acting:
                self._sessions[acting] = session.with_role(self._assume)
            elif self._open_session is not None:
                self._sessions[acting] = self._open_session()
            elif self._account.auth_type == "access_key":
                self._sessions[acting] = session.with_keys(self._account)
            elif self._account.auth_type == "function_role":
                self._sessions[acting] = session.with_function_role()
            else:
                self._sessions[acting] = session.with_host_role(self._metadata_url, monotonic=self._monotonic)
        return self._sessions[acting]

    def _make(self, acting: bool, service: str, region: str) -> Any:
        from botocore.exceptions import BotoCoreError

        account = self._account
        try:
            client = self._session(acting).create_client(
                service,
                region_name=region,
                endpoint_url=account.endpoint_url or None,
                verify=ca_bundle.merged(self._http.ca_bundles) if self._http.ca_bundles else True,
                config=self._config(),
            )
        except BotoCoreError as error:
            tried = Attempted(account.name, account.account_id, region, service, "", write=False, sent=False)
            raise translate(error, tried) from error
        if not account.endpoint_url:
            proxying.install(client, self._http)
        elif service == "s3control":
            client.meta.events.register("before-sign.s3-control", _without_account_in_host)
        send_guard.install(client)
        return client

    def _config(self) -> Any:
        from botocore import __version__
        from botocore.config import Config

        options: dict[str, Any] = {
            "retries": {"mode": "standard", "total_max_attempts": 1},
            "connect_timeout": self._http.connect_timeout,
            "read_timeout": self._http.read_timeout,
            "max_pool_connections": pacing.MOST,
            # Not None, or botocore would ask the environment; see ``proxying``.
            "proxies": {},
            "ignore_configured_endpoint_urls": True,
            "user_agent": f"{SESSION_NAME} Botocore/{__version__}",
            "s3": {"addressing_style": "path"} if self._account.endpoint_url else None,
        }
        return Config(**options)


def _without_account_in_host(request: Any, **_: Any) -> None:
    """S3 control puts the account in front of the host, which an endpoint of one's own has no name for."""
    request.url = re.sub(r"^(https?://)[0-9]{12}\.", r"\1", request.url)
