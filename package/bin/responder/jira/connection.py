"""One Jira's REST API: no retry of a write, no extra request, every failure one of our errors.

Source: developer.atlassian.com, "The Jira Cloud platform REST API" (version 3) and "Jira Data Center REST API"
(version 2).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Callable, TypeVar

from ..errors import ConfigurationError
from ..http_failures import fits_a_header
from ..http_gate import OPEN, Gates
from ..http_guard import Guard
from ..http_transport import Answer, Transport
from ..service_clock import ServiceClock
from ..settings.model import Http, JiraSite
from .address import Address
from .failures import TAB, Failures, anonymous
from .rate_limits import verdict_of

T = TypeVar("T")
#: Where Jira Service Management's own API begins.
SERVICE_DESK = "servicedeskapi/"


class JiraConnection:
    """Sends requests to one Jira site. Safe to share between threads.

    Paths are below ``/rest/api/N/``, or begin with ``SERVICE_DESK``; each ``parse`` turns the JSON body into what the
    caller needs, or raises ValueError: an answer that cannot be read is Unavailable for a read and UnknownOutcome for a
    write.
    """

    def __init__(self, site: JiraSite, http: Http, gates: Gates = OPEN) -> None:
        self.site = site
        #: What messages call the site.
        self.target = f"Jira site '{site.name}'"
        token = site.token.reveal()
        if not (fits_a_header(token) and fits_a_header(site.email)):
            raise ConfigurationError(
                f"{self.target}: the e-mail address or token contains characters that cannot be part of one.",
                f"Enter them again {TAB}.",
            )
        login = base64.b64encode(f"{site.email}:{token}".encode()).decode()
        authorization = f"Basic {login}" if self.cloud else f"Bearer {token}"
        self._transport = Transport(self.target, TAB, http.on(site.network), authorization, verdict_of)
        #: Every request passes it.
        self.gate = gates.of()
        self._failures = Failures(site, self.target, (token, login))
        self._address = Address(site, self.target, http, self.gate, self._failures)
        self._clock: ServiceClock | None = None

    @property
    def cloud(self) -> bool:
        return self.site.deployment == "cloud"

    def dated_by(self, clock: ServiceClock) -> None:
        """Have a clock see the time of each answer."""
        self._clock = clock

    def get(self, path: str, parse: Callable[[Any], T], **params: Any) -> T:
        """GET; a list as a parameter is repeated. Raises NotFound, NotPermitted, Curable, Unavailable."""
        return self._parsed(self._transport.read("GET", self._url(path), self.gate, params=params), parse, write=False)

    def query(self, path: str, body: Mapping[str, Any], parse: Callable[[Any], T]) -> T:
        """POST what only reads; as ``get``."""
        return self._parsed(self._transport.read("POST", self._url(path), self.gate, json=body), parse, write=False)

    def post(self, path: str, body: Mapping[str, Any] | str, parse: Callable[[Any], T], before_send: Guard) -> T:
        """POST what writes, once. As ``get``, and UnknownOutcome when it may have been done without our knowing."""
        return self._parsed(self._transport.write(self._url(path), body, before_send, self.gate), parse, write=True)

    def submit(self, path: str, body: Mapping[str, Any], before_send: Guard, method: str = "POST") -> None:
        """POST (or PUT) what writes, once, and is answered without a body (201, 204); as ``post``."""
        answer = self._transport.write(self._url(path), body, before_send, self.gate, method)
        if not 200 <= answer.status < 300:
            raise self._failures.error(answer, write=True)
        if answer.status not in (201, 204) or answer.is_page:
            raise self._failures.unreadable(answer, write=True)

    def upload(
        self, path: str, name: str, content: bytes, kind: str, parse: Callable[[Any], T], before_send: Guard
    ) -> T:
        """POST a file, once; as ``post``. Without the header Jira takes it for a forged request and refuses it."""
        headers = {"X-Atlassian-Token": "no-check"}
        url = self._url(path)
        answer = self._transport.upload(url, name, content, kind, headers, before_send, self.gate)
        return self._parsed(answer, parse, write=True)

    def _url(self, path: str) -> str:
        if path.startswith(SERVICE_DESK):
            return f"{self._address.find()}/rest/{path}"
        return f"{self._address.find()}/rest/api/{'3' if self.cloud else '2'}/{path}"

    def locate(self) -> None:
        """Find out where the API is, if that is not known yet: to be done before anything must not wait."""
        self._address.find()

    def _parsed(self, answer: Answer, parse: Callable[[Any], T], write: bool) -> T:
        if self._clock is not None:
            self._clock.observe(answer.headers.get("Date"))
        if not 200 <= answer.status < 300:
            raise self._failures.error(answer, write)
        if anonymous(answer) and not write:
            raise self._failures.not_authenticated()
        try:
            # Where there is nothing to tell, Jira says so.
            return parse(None if answer.status == 204 else answer.json())
        except ValueError:
            raise self._failures.unreadable(answer, write) from None
