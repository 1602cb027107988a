"""One Jira over the ``jira`` library, tamed: no retry, no extra request, every failure one of our errors.

The library brings the session, the credentials and the addresses. Its own retry would send a create twice, its search
calls an endpoint that Jira Cloud has removed, and ``create_issue`` cannot carry properties; so requests go through its
session one by one. Facts: the library's ``resilientsession.py`` (3.8.0); developer.atlassian.com, "Jira REST API".
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from ..errors import ConfigurationError, NotFound, NotPermitted, Rejected, ResponderError, Unavailable, UnknownOutcome
from ..http_failures import causes, fits_a_header, is_certificate_error, quoted, retry_after, why
from ..settings.model import Http, JiraSite

if TYPE_CHECKING:
    import requests

TAB = "on the Jira sites tab"


class FieldsRefused(Rejected):
    """Jira refused a request (400) and said why, by field: id -> its words."""

    def __init__(self, message: str, hint: str, fields: Mapping[str, str]) -> None:
        super().__init__(message, hint)
        self.fields = dict(fields)


class JiraConnection:
    """Sends requests to one Jira site. Safe to share between threads; the session is opened by the first request."""

    def __init__(self, site: JiraSite, http: Http) -> None:
        self.site = site
        self._http = http
        self._client: Any = None
        self._lock = threading.Lock()
        self.where = f"Jira site '{site.name}'"

    @property
    def cloud(self) -> bool:
        return self.site.deployment == "cloud"

    def get(self, path: str, **params: Any) -> Any:
        """GET below ``/rest/api/N/``; returns the JSON body. A list as a parameter is repeated."""
        return self._json(self._send("GET", path, params=params), written=False)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """POST JSON; returns the JSON body. Raises UnknownOutcome when it may have been done without our knowing."""
        return self._json(self._send("POST", path, data=json.dumps(body)), written=True)

    def _send(self, method: str, path: str, **arguments: Any) -> requests.Response:
        import requests
        from jira.exceptions import JIRAError

        written = method != "GET"
        try:
            client = self._open()
            response: requests.Response = client._session.request(
                method, client._get_url(path), allow_redirects=False, **arguments
            )
        except JIRAError as error:
            if error.response is None:
                raise Unavailable(f"{self.where}: no answer.", "It is tried again.") from None
            raise self._refused(error.response, written) from None
        except requests.RequestException as error:
            raise self._not_answered(error, written) from None
        except OSError as error:
            # requests raises a bare OSError for a CA bundle that is not there.
            raise ConfigurationError(
                f"{self.where}: the CA bundle cannot be read ({type(error).__name__}).",
                "Correct it on the General tab.",
            ) from None
        if response.status_code >= 300:
            raise ConfigurationError(
                f"{self.where}: {self.site.url} redirects instead of answering (HTTP {response.status_code}).",
                f"Enter the address that it leads to {TAB}.",
            )
        return response

    def _open(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _new_client(self) -> Any:
        from jira import JIRA

        token = self.site.token.reveal()
        if not (fits_a_header(token) and fits_a_header(self.site.email)):
            raise ConfigurationError(
                f"{self.where}: the e-mail address or token holds characters that none has.", f"Enter them anew {TAB}."
            )
        login: Dict[str, Any] = {"basic_auth": (self.site.email, token)} if self.cloud else {"token_auth": token}
        proxy = self._http.proxy_url.reveal()
        client = JIRA(
            server=self.site.url,
            options={
                "rest_api_version": "3" if self.cloud else "2",
                "verify": self._http.ca_bundle or True,
                "check_update": False,
            },
            get_server_info=False,
            max_retries=0,
            timeout=(self._http.connect_timeout, self._http.read_timeout),
            proxies={"http": proxy, "https": proxy} if proxy else None,
            **login,
        )
        client.deploymentType = "Cloud" if self.cloud else "Server"
        # requests lets the environment's proxy win over the session's.
        client._session.trust_env = not proxy
        return client

    def _json(self, response: requests.Response, written: bool) -> Any:
        if "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", ""):
            # Jira then answers as to an anonymous visitor, who sees no ticket: not to be taken for "none there".
            raise self._not_authenticated()
        try:
            return response.json()
        except ValueError:
            what = f"{self.where}: {self.site.url} answered without JSON (HTTP {response.status_code})."
            if written:
                raise UnknownOutcome(what, "What became of the request is looked up before it is repeated.") from None
            raise ConfigurationError(
                what, f"Check the URL {TAB}; a login page or a proxy may stand in front of it."
            ) from None

    def _not_authenticated(self) -> NotPermitted:
        if self.cloud:
            hint = f"Enter the e-mail address and an API token of its owner {TAB}; API tokens expire."
        else:
            hint = f"Enter a valid personal access token {TAB}; they expire."
        return NotPermitted(f"{self.where} does not accept the credentials.", hint)

    def _refused(self, response: requests.Response, written: bool) -> ResponderError:
        """The error for an HTTP status of 400 or more."""
        status, said = response.status_code, self._said(response)
        if status == 401:
            return self._not_authenticated()
        if status == 403:
            if response.headers.get("X-Authentication-Denied-Reason"):
                said = "too many failed logins: " + said
            return NotPermitted(
                f"{self.where} does not permit this{_because(said)}.",
                "Give the token's owner the permissions Browse projects, Create issues and Add comments.",
            )
        if status in (404, 410):
            return NotFound(f"{self.where}: not found (HTTP {status}){_because(said)}.")
        if status == 429:
            return self._unavailable("asks us to slow down (HTTP 429)", response)
        if status == 503 or (status >= 500 and not written):
            return self._unavailable(f"is not available (HTTP {status})", response)
        if status >= 500:
            return UnknownOutcome(
                f"{self.where} failed (HTTP {status}) and may have done it all the same.",
                "It is looked up before it is repeated.",
            )
        return FieldsRefused(
            f"{self.where} refused the request (HTTP {status}){_because(said)}.",
            "Correct the alert action's project, issue type or labels, or the field's settings in Jira.",
            _field_errors(response),
        )

    def _unavailable(self, what: str, response: requests.Response) -> Unavailable:
        return Unavailable(f"{self.where} {what}.", "It is tried again.", retry_after(response.headers))

    def _said(self, response: requests.Response) -> str:
        body = _body(response)
        parts: List[str] = [str(body[name]) for name in ("message", "errorMessage") if body.get(name)]
        messages = body.get("errorMessages") or []
        parts += [str(message) for message in (messages if isinstance(messages, list) else [messages])]
        parts += [f"{field}: {words}" for field, words in _field_errors(response).items()]
        return quoted("; ".join(parts), self.site.token.reveal())

    def _not_answered(self, error: requests.RequestException, written: bool) -> ResponderError:
        """The error for a request without an answer: what matters is whether it can have been done."""
        import requests
        from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

        if is_certificate_error(error):
            return ConfigurationError(
                f"{self.where}: the certificate of {self.site.url} is not trusted.",
                "Enter the CA bundle that issued it on the General tab.",
            )
        wrong = (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, requests.exceptions.InvalidSchema)
        if isinstance(error, wrong):
            return ConfigurationError(
                f"{self.where}: URL, token or proxy cannot be used ({type(error).__name__}).",
                f"Correct them {TAB} and on the Proxy tab.",
            )
        never_sent = (NewConnectionError, ConnectTimeoutError, requests.exceptions.ProxyError)
        if isinstance(error, requests.ConnectTimeout) or any(isinstance(c, never_sent) for c in causes(error)):
            via = "the proxy" if self._http.proxy_url else self.site.url
            return Unavailable(f"{self.where}: {via} cannot be reached: {why(error)}.", "It is tried again.")
        if written:
            return UnknownOutcome(
                f"{self.where}: the request was sent, and no answer came back: {why(error)}.",
                "It is looked up before it is repeated.",
            )
        return Unavailable(f"{self.where}: no answer: {why(error)}.", "It is tried again.")


def _because(said: str) -> str:
    return f": {said.rstrip('.')}" if said else ""


def _body(response: requests.Response) -> Dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _field_errors(response: requests.Response) -> Dict[str, str]:
    errors: Optional[Any] = _body(response).get("errors")
    return {str(field): str(words) for field, words in errors.items()} if isinstance(errors, dict) else {}
