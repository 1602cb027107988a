"""One Slack workspace's Web API or incoming webhook: no retry of a write, every failure one of our errors.

Source: docs.slack.dev, "Using the Slack Web API", "Sending messages using incoming webhooks".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, TypeVar

from ..errors import ConfigurationError
from ..http_failures import fits_a_header
from ..http_gate import OPEN, Gate, Gates
from ..http_guard import Guard
from ..http_transport import Answer, Transport
from ..settings.model import Http, SlackWorkspace
from .failures import TAB, Failures, is_code
from .rate_limits import CHANNEL, TIER_3, TIERS, verdict_of

T = TypeVar("T")

API = "https://slack.com/api"


class SlackConnection:
    """Sends requests to one Slack workspace. Safe to share between threads.

    Each ``parse`` turns an answer with ``"ok": true`` (a JSON object) into what the caller needs, or raises ValueError:
    an answer that cannot be read is Unavailable for a read and UnknownOutcome for a write.
    """

    def __init__(self, workspace: SlackWorkspace, http: Http, gates: Gates = OPEN, of_app: bool = False) -> None:
        """``of_app``: with the app-level token, which is good for opening links and nothing else."""
        #: What messages call the workspace.
        self.target = f"Slack workspace '{workspace.name}'"
        self._workspace = workspace
        what, secret = ("app-level", workspace.app_token) if of_app else ("bot", workspace.bot_token)
        token = secret.reveal()
        webhook = workspace.webhook_url.reveal()
        if not (fits_a_header(token) and fits_a_header(webhook)):
            raise ConfigurationError(
                f"{self.target}: the {what} token or webhook contains characters that cannot be part of one.",
                f"Enter it again {TAB}.",
            )
        # A webhook's address is its credential, and the token is none of its host's business.
        bot = workspace.auth_type == "bot"
        http = http.on(workspace.network)
        self._transport = Transport(self.target, TAB, http, f"Bearer {token}" if bot else "", verdict_of)
        self._gates = gates
        self._failures = Failures(self.target, (token, webhook), of_app)

    def read(self, method: str, parse: Callable[[dict[str, Any]], T], **arguments: Any) -> T:
        """Call a method that changes nothing. Raises NotPermitted, Curable, NotFound or Unavailable."""
        answer = self.read_answer(method, **arguments)
        return self._parsed(answer, parse, write=False, channel=str(arguments.get("channel") or ""))

    def read_answer(self, method: str, **arguments: Any) -> Answer:
        form = {name: _form_value(value) for name, value in arguments.items()}
        gate = self._gates.of(f"method {method}", TIERS.get(method, TIER_3))
        return self._transport.read("POST", self._url(method), gate, data=form)

    def parsed(self, answer: Answer, parse: Callable[[dict[str, Any]], T]) -> T:
        """What an answer to a read holds; raises as ``read``."""
        return self._parsed(answer, parse, write=False)

    def gate(self, channel: str) -> Gate:
        """What every message to a channel passes; ``channel`` is empty for the webhook's."""
        return self._gates.of(f"channel {channel}", CHANNEL)

    def is_same_channel(self, name: str, number: str) -> None:
        """A channel's name and its id: they have one pace."""
        self._gates.same(f"channel {name}", f"channel {number}")

    def write(
        self,
        method: str,
        channel: str,
        body: Mapping[str, Any],
        parse: Callable[[dict[str, Any]], T],
        before_send: Guard,
    ) -> T:
        """Call a method that writes to a channel, once. As ``read``, and UnknownOutcome when it may have been done."""
        answer = self._transport.write(self._url(method), body, before_send, self.gate(channel))
        return self._parsed(answer, parse, write=True, channel=channel)

    def webhook(self, body: Mapping[str, Any], before_send: Guard) -> None:
        """Post to the workspace's incoming webhook, once; raises as ``write``."""
        answer = self._transport.write(self._workspace.webhook_url.reveal(), body, before_send, self.gate(""))
        text = answer.text.strip()
        if answer.status == 200 and text == "ok":
            return
        if answer.status != 200:
            raise self._failures.error(answer, text if is_code(text) else "", "", write=True)
        raise self._failures.unreadable(answer, write=True)

    def _url(self, method: str) -> str:
        return f"{(self._workspace.api_url or API).rstrip('/')}/{method}"

    def _parsed(
        self, answer: Answer, parse: Callable[[dict[str, Any]], T], write: bool, channel: str = ""
    ) -> T:
        body = _object(answer)
        code = body.get("error")
        if body.get("ok") is False and isinstance(code, str) and is_code(code):
            raise self._failures.error(answer, code, _detail(body), write, channel)
        if not 200 <= answer.status < 300:
            raise self._failures.error(answer, "", "", write)
        if body.get("ok") is not True:
            raise self._failures.unreadable(answer, write)
        try:
            return parse(body)
        except ValueError:
            raise self._failures.unreadable(answer, write) from None


def _object(answer: Answer) -> dict[str, Any]:
    """The body as a JSON object; empty where it is none."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _detail(body: Mapping[str, Any]) -> str:
    """What Slack tells beside the code: scopes, and what is wrong with arguments."""
    details = []
    if body.get("needed"):
        details.append(f"needs {body['needed']}, has {body.get('provided') or 'none'}")
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    details += [str(message) for message in messages] if isinstance(messages, list) else []
    return "; ".join(details)


def _form_value(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
