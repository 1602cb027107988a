"""HTTP to an outside service: TLS always verified, no redirect, no retry of a write, every failure one of our errors.

A write goes over a connection of its own: a kept one that the other side has closed would turn every idle hour into an
unknown outcome. Whether a request can have been carried out is not guessed from exceptions: ``http_guard`` knows
whether a byte of it left.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from . import ca_bundle
from .errors import ConfigurationError, ResponderError, Unavailable, UnknownOutcome
from .http_failures import CHECKED_BEFORE_REPEAT, RETRIED, causes, is_certificate_error, reason_of
from .http_gate import LOST, NOTHING, OPEN, Gate, Verdict, passing, verdict_of
from .http_guard import Guard, Sending, guarded, guarded_connection
from .settings.model import Http

T = TypeVar("T")

#: Bytes of an answer that are read; what is longer is none of a service's answers to us.
MAX_ANSWER = 16 * 1024 * 1024
_UNUSABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidProxyURL,
)

# Its lines hold whole addresses, and the address of a webhook is a secret.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


def unguarded() -> None:
    """The guard of requests that need none."""


@dataclass(frozen=True)
class Answer:
    """What a service answered."""

    status: int
    #: Names are matched in any case.
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is none, whatever is wrong with it."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("JSON nested too deep") from None

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people: then something in front of the service wrote it."""
        return self.body.lstrip()[:1] == b"<"


def member(body: Any, name: str, kind: type[T]) -> T:
    """A value of a JSON object. Raises ValueError when the object, the value or its type is not as described."""
    value = body.get(name) if isinstance(body, dict) else None
    # A bool is an int to Python, and never what is meant here.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"no {name} in the answer")
    return value


def objects(body: Any, name: str) -> list[dict[str, Any]]:
    """A list of objects in a JSON object. Raises ValueError, as ``member``."""
    found: list[Any] = member(body, name, list)
    if not all(isinstance(entry, dict) for entry in found):
        raise ValueError(f"{name} in the answer is not a list of objects")
    return found


class Transport:
    """Sends requests to one service. Safe to share between threads.

    ``target`` names the service in messages (``Jira site 'main'``), ``tab`` where its settings are (``on the Jira
    sites tab``). ``authorization`` is the header's value, or empty. ``verdict_of``: how the service is, by an answer.
    """

    def __init__(
        self,
        target: str,
        tab: str,
        http: Http,
        authorization: str = "",
        verdict_of: Callable[[Answer], Verdict] = lambda answer: verdict_of(answer.status, answer.headers),
    ) -> None:
        self.target = target
        self._tab = tab
        self._http = http
        self._auth = _Authorization(authorization)
        self._verdict_of = verdict_of
        self._session = self._new_session()

    def read(self, method: str, url: str, gate: Gate = OPEN, **request: Any) -> Answer:
        """A request that changes nothing; ``request`` as ``requests`` takes it (``params``, ``data``, ``headers``).

        Raises ConfigurationError or Unavailable. Sent once more where a kept connection turns out to be closed.
        """
        return self._through(gate, self._session, method, url, request, write=False, before_send=unguarded)

    def write(
        self, url: str, body: Mapping[str, Any] | str, before_send: Guard, gate: Gate = OPEN, method: str = "POST"
    ) -> Answer:
        """POST (or PUT) JSON. ``before_send`` is called right before the bytes go to the socket; raises it, none does.

        Raises ConfigurationError or Unavailable when it was certainly not carried out, UnknownOutcome when it may have
        been, and whatever ``before_send`` raises.
        """
        request = {"data": json.dumps(body).encode(), "headers": {"Content-Type": "application/json; charset=utf-8"}}
        return self._written(gate, url, request, before_send, method)

    def send(
        self, url: str, content: bytes, headers: Mapping[str, str], before_send: Guard, gate: Gate = OPEN
    ) -> Answer:
        """POST these very bytes; as ``write``."""
        return self._written(gate, url, {"data": content, "headers": dict(headers)}, before_send)

    def upload(
        self, url: str, name: str, content: bytes, kind: str, headers: Mapping[str, str], before_send: Guard, gate: Gate
    ) -> Answer:
        """POST a file as the part ``file`` of a form; as ``write``."""
        request = {"files": {"file": (name, content, kind)}, "headers": dict(headers)}
        return self._written(gate, url, request, before_send)

    def _written(
        self, gate: Gate, url: str, request: Mapping[str, Any], before_send: Guard, method: str = "POST"
    ) -> Answer:
        with self._new_session() as session:
            return self._through(gate, session, method, url, request, write=True, before_send=before_send)

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        adapter = _Adapter()
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.auth = self._auth
        session.headers["Accept"] = "application/json"
        if self._http.is_decided:
            # Or the environment's proxy would win.
            session.trust_env = False
        return session

    def _through(
        self,
        gate: Gate,
        session: requests.Session,
        method: str,
        url: str,
        request: Mapping[str, Any],
        write: bool,
        before_send: Guard,
    ) -> Answer:
        """Send it when the gate lets it pass, and tell the gate how the service took it."""
        refused = False

        def guard() -> None:
            nonlocal refused
            refused = True
            before_send()
            refused = False

        # What is wrong on this host is no fault of the service, and none of the gate's business.
        verify = authorities(self.target, self._http)
        with passing(gate, is_read=not write) as passage:
            try:
                answer = self._send(session, method, url, request, write, guard, verify)
            except (Unavailable, UnknownOutcome):
                # What the guard raises is none of the service's doing.
                passage.verdict = NOTHING if refused else LOST
                raise
            passage.verdict = self._verdict_of(answer)
            return answer

    def _send(
        self,
        session: requests.Session,
        method: str,
        url: str,
        request: Mapping[str, Any],
        write: bool,
        before_send: Guard,
        verify: str | bool,
    ) -> Answer:
        proxy = self._http.proxy_for(url)
        options: dict[str, Any] = {
            "timeout": (self._http.connect_timeout, self._http.read_timeout),
            # Here and not in the session, where the environment's bundle would win.
            "verify": verify,
            "proxies": {"http": proxy, "https": proxy} if proxy else {},
            "allow_redirects": False,
            "stream": True,
        }
        for repeated in (False, True):
            with guarded(before_send) as sending:
                try:
                    response = session.request(method, url, **request, **options)
                    return Answer(response.status_code, response.headers, _body(response))
                except Exception as error:
                    stale = sending.reused and isinstance(error, requests.ConnectionError)
                    if write or repeated or not stale:
                        raise self._failure(error, sending, write, url) from None
        raise AssertionError("unreachable")

    def _failure(self, error: Exception, sending: Sending, write: bool, url: str) -> Exception:
        """What a request without an answer means for whoever wants to try again."""
        if sending.began:
            what = f"{self.target}: the request was sent and no answer came back: {reason_of(error)}."
            return UnknownOutcome(what, CHECKED_BEFORE_REPEAT) if write else Unavailable(what, RETRIED)
        if not isinstance(error, (OSError, HTTPError, ValueError)):
            return error
        return not_sent(self.target, self._tab, bool(self._http.proxy_for(url)), error)


def not_sent(target: str, tab: str, is_proxied: bool, error: Exception) -> ResponderError:
    """What it means that no connection was made to a service (``target`` and ``tab`` as for ``Transport``)."""
    if is_certificate_error(error):
        return ConfigurationError(
            f"{target}: the certificate of the service, or of a proxy in front of it, is not trusted.",
            f"Enter the CA bundle that issued it {tab}, or on the General tab.",
        )
    if isinstance(error, _UNUSABLE) or not isinstance(error, (OSError, HTTPError)):
        return ConfigurationError(
            f"{target}: URL, credential or proxy cannot be used ({type(error).__name__}).",
            f"Correct them {tab} and on the Proxy tab.",
        )
    if any("Tunnel connection failed: 407" in str(cause) for cause in causes(error)):
        return ConfigurationError(f"{target}: the proxy refuses its credentials.", "Correct them on the Proxy tab.")
    via = "the proxy" if is_proxied else "the service"
    return Unavailable(f"{target}: {via} cannot be reached: {reason_of(error)}.", RETRIED)


def authorities(target: str, http: Http) -> str | bool:
    """Path of the file of those that are trusted; True for the public ones. Raises ConfigurationError, Unavailable."""
    try:
        return ca_bundle.merged(http.ca_bundles) if http.ca_bundles else True
    except ResponderError as error:
        raise type(error)(f"{target}: {error.message}", error.hint) from error


class _Authorization(AuthBase):
    """Sets the header itself: without any, requests would take a password from a .netrc file."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value:
            request.headers["Authorization"] = self._value
        return request


class _Adapter(HTTPAdapter):
    """Opens only connections that ask the guard; retries nothing."""

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        kind = pool.ConnectionCls
        if not getattr(kind, "asks_guard", False):
            pool.ConnectionCls = guarded_connection(kind)
        return pool


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(65_536):
        body += chunk
        if len(body) > MAX_ANSWER:
            break
    response.close()
    return bytes(body)
