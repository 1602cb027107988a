"""One Slack over ``slack_sdk``: no retry of its own, every failure one of our errors.

Slack says no with HTTP 200 and ``{"ok": false, "error": code}``; a webhook with a status and a word as its body; and
the SDK lets network failures through as they are. Facts: docs.slack.dev (methods, errors), slack_sdk 3.47.0.
"""

from __future__ import annotations

import logging
import ssl
import threading
from http.client import HTTPException
from typing import Any, Callable, Mapping, Optional
from urllib.error import URLError

from ..errors import ConfigurationError, NotFound, NotPermitted, Rejected, ResponderError, Unavailable, UnknownOutcome
from ..http_failures import causes, fits_a_header, is_certificate_error, quoted, retry_after, why
from ..settings.model import Http, SlackWorkspace

TAB = "on the Slack tab"
SLACK = "https://slack.com/api/"

_CREDENTIAL = "Enter a valid bot token (xoxb-...) of an installed Slack app " + TAB + "."
_RIGHTS = {
    "invalid_auth": _CREDENTIAL,
    "not_authed": _CREDENTIAL,
    "account_inactive": _CREDENTIAL,
    "token_revoked": _CREDENTIAL,
    "token_expired": _CREDENTIAL,
    "not_allowed_token_type": _CREDENTIAL,
    "missing_scope": "Add the scope to the Slack app and install it again.",
    "no_permission": "Add the scopes to the Slack app and install it again.",
    "access_denied": "Ask the Slack administrator.",
    "ekm_access_denied": "Ask the Slack administrator.",
    "team_access_not_granted": "Ask the Slack administrator to grant the app this workspace.",
    "org_login_required": "Ask the Slack administrator.",
    "not_in_channel": "Invite the app to the channel (/invite @app).",
    "restricted_action": "Ask the Slack administrator to let the app post in the channel.",
    "action_prohibited": "Ask the Slack administrator to let the webhook post.",
    "posting_to_general_channel_denied": "Choose another channel, or ask the Slack administrator.",
}
_SETTINGS = {
    "channel_not_found": "Correct the channel (its id is safest), and invite the app if it is private.",
    "channel_is_archived": "Choose another channel.",
    "is_archived": "Choose another channel.",
    "no_service": "The webhook is gone or disabled: create a new one and enter it " + TAB + ".",
    "no_service_id": "The webhook is gone or disabled: create a new one and enter it " + TAB + ".",
    "no_active_hooks": "The webhook is disabled: create a new one and enter it " + TAB + ".",
    "no_team": "The webhook's workspace is gone: create a new webhook and enter it " + TAB + ".",
    "team_disabled": "The workspace is disabled: enter another " + TAB + ".",
    "invalid_token": "The webhook is not valid: create a new one and enter it " + TAB + ".",
}
_LATER = ("ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org")
#: Slack: "It's possible some aspect of the operation succeeded before the error was raised."
_UNSURE = ("internal_error", "fatal_error", "rollup_error")


class SlackConnection:
    """Sends requests to one Slack workspace. Safe to share between threads."""

    def __init__(self, workspace: SlackWorkspace, http: Http) -> None:
        self.where = f"Slack workspace '{workspace.name}'"
        self._workspace = workspace
        self._http = http
        self._client: Any = None
        self._lock = threading.Lock()

    def call(self, method: str, write: bool = False, **arguments: Any) -> Any:
        """Call a Web API method; returns the SDK's answer. JSON for methods that write, form-encoded for the others."""
        from slack_sdk.errors import SlackApiError

        client = self._open(self._new_web_client)
        sent = {"json": arguments} if write else {"params": arguments}
        try:
            return self._guarded(lambda: client.api_call(method, **sent), write)
        except SlackApiError as error:
            response: Any = error.response
            raise self._api_error(response, write) from None

    def webhook(self, body: Mapping[str, Any]) -> None:
        """Post to the workspace's incoming webhook."""
        client = self._open(self._new_webhook_client)
        response = self._guarded(lambda: client.send_dict(dict(body)), write=True)
        headers, said = dict(response.headers or {}), (response.body or "").strip()
        if response.status_code == 200 and said == "ok":
            return
        raise self._error(response.status_code, headers, said, "", write=True)

    def _open(self, make: Callable[[], Any]) -> Any:
        for credential in (self._workspace.bot_token, self._workspace.webhook_url):
            if not fits_a_header(credential.reveal()):
                raise ConfigurationError(f"{self.where}: the credential holds characters that none has.", _CREDENTIAL)
        with self._lock:
            if self._client is None:
                self._client = make()
            return self._client

    def _new_web_client(self) -> Any:
        from slack_sdk import WebClient

        client = WebClient(
            token=self._workspace.bot_token.reveal(),
            base_url=(self._workspace.api_url or SLACK).rstrip("/") + "/",
            timeout=self._timeout(),
            ssl=self._tls(),
            logger=_silent(),
            retry_handlers=[],
        )
        client.proxy = self._proxy()
        return client

    def _new_webhook_client(self) -> Any:
        from slack_sdk.webhook import WebhookClient

        client = WebhookClient(
            self._workspace.webhook_url.reveal(),
            timeout=self._timeout(),
            ssl=self._tls(),
            logger=_silent(),
            retry_handlers=[],
        )
        client.proxy = self._proxy()
        return client

    def _timeout(self) -> Any:
        # urllib knows one timeout, for connecting and for each read.
        return max(self._http.connect_timeout, self._http.read_timeout)

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._http.ca_bundle or None)
        except OSError as error:
            raise ConfigurationError(
                f"{self.where}: the CA bundle cannot be read ({type(error).__name__}).",
                "Correct it on the General tab.",
            ) from None

    def _proxy(self) -> Optional[str]:
        # Set after construction, so that the setup page's proxy wins over one in the environment.
        proxy = self._http.proxy_url.reveal()
        if proxy.startswith("socks"):
            raise ConfigurationError(
                f"{self.where}: Slack cannot be reached through a SOCKS proxy.", "Enter an HTTP proxy on the Proxy tab."
            )
        return proxy or None

    def _guarded(self, send: Callable[[], Any], write: bool) -> Any:
        """Run a request; network failures and unreadable answers become our errors."""
        try:
            return send()
        except (OSError, HTTPException) as error:
            raise self._not_answered(error, write) from None
        except (UnicodeError, LookupError, ValueError):
            what = f"{self.where}: the answer cannot be read."
            if write:
                raise UnknownOutcome(what, "It is looked up before it is repeated.") from None
            raise Unavailable(what, "It is tried again.") from None

    def _not_answered(self, error: BaseException, write: bool) -> ResponderError:
        if is_certificate_error(error):
            return ConfigurationError(
                f"{self.where}: the certificate of Slack (or of a proxy before it) is not trusted.",
                "Enter the CA bundle that issued it on the General tab.",
            )
        # urllib wraps what goes wrong before an answer is awaited; only a reset can then mean that it was received.
        reset = any(isinstance(cause, (ConnectionResetError, BrokenPipeError)) for cause in causes(error))
        if isinstance(error, URLError) and not reset:
            if "407" in str(error):
                return ConfigurationError(
                    f"{self.where}: the proxy refuses its credentials.", "Correct them on the Proxy tab."
                )
            return Unavailable(f"{self.where} cannot be reached: {why(error)}.", "It is tried again.")
        if write:
            return UnknownOutcome(
                f"{self.where}: the request was sent, and no answer came back: {why(error)}.",
                "It is looked up before it is repeated.",
            )
        return Unavailable(f"{self.where}: no answer: {why(error)}.", "It is tried again.")

    def _api_error(self, response: Any, write: bool) -> ResponderError:
        data = response.data if isinstance(response.data, dict) else {}
        code, detail = str(data.get("error") or ""), ""
        if data.get("needed"):
            detail = f"needs {data['needed']}, has {data.get('provided') or 'none'}"
        messages = (data.get("response_metadata") or {}).get("messages") or []
        detail = "; ".join([detail, *map(str, messages)]) if messages else detail
        return self._error(response.status_code, dict(response.headers or {}), code, detail, write)

    def _error(self, status: int, headers: Mapping[str, str], code: str, detail: str, write: bool) -> ResponderError:
        """The error for a status and one of Slack's error codes (a webhook's body is one, too)."""
        said = f"{code}: {detail}" if detail else code
        said = quoted(said, self._workspace.bot_token.reveal(), self._workspace.webhook_url.reveal())
        if code in _RIGHTS:
            return NotPermitted(f"{self.where} does not permit this: {said}.", _RIGHTS[code])
        if code in _SETTINGS:
            return ConfigurationError(f"{self.where} refused the request: {said}.", _SETTINGS[code])
        if status == 429 or status == 503 or code in _LATER:
            wait = retry_after(headers)
            return Unavailable(
                f"{self.where} asks us to come back later ({said or status}).", "It is tried again.", wait
            )
        if status >= 500 or code in _UNSURE:
            if write:
                return UnknownOutcome(
                    f"{self.where} failed ({status} {said}) and may have done it all the same.",
                    "It is looked up before it is repeated.",
                )
            return Unavailable(f"{self.where} failed ({status} {said}).", "It is tried again.")
        if status == 200 and not _is_code(code):
            what = f"{self.where}: something else than Slack answered (HTTP 200)."
            hint = "A login page or a proxy may stand in front of it: check the Proxy tab."
            return UnknownOutcome(what, hint) if write else ConfigurationError(what, hint)
        if status in (401, 403):
            return NotPermitted(f"{self.where} does not permit this (HTTP {status}): {said}.", _CREDENTIAL)
        if code in ("thread_not_found", "message_not_found"):
            return NotFound(f"{self.where}: the message or thread is gone ({said}).")
        return Rejected(f"{self.where} refused the message (HTTP {status}): {said}.", "Report it with this line.")


def _is_code(text: str) -> bool:
    return bool(text) and len(text) < 80 and text.replace("_", "").isalnum()


def _silent() -> logging.Logger:
    """The SDK logs failures that we translate and report ourselves, and request bodies at debug level."""
    logger = logging.getLogger("responder.slack_sdk")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    return logger
