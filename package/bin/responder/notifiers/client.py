"""Sends messages to one notifier, and reads what its answers mean: no retry, no redirect, every failure one of ours.

Nothing that was sent can be looked up. A message whose answer was lost is therefore sent again as it was, with the same
id (``handlers/notify.py``): whoever receives it can tell that it is the same.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from ..documents.document import Document
from ..errors import ConfigurationError, Curable, NotPermitted, ResponderError, Unavailable, UnknownOutcome
from ..http_failures import RETRIED, may_be_done, parts_of, quote_text, retry_after
from ..http_gate import OPEN, Gates, admitted
from ..http_guard import Guard
from ..settings.model import Http
from ..settings.notifier import NotifierEntry
from .base import PING, TAB, Message
from .registry import notifier_of

if TYPE_CHECKING:
    from ..http_transport import Answer

SENT_AGAIN = "It is sent again with the same ID."
#: Refused for now, and nothing that a person could correct: RFC 9110 (421), 4918 (423), 8470 (425), 6585 (429).
_LATER = (421, 423, 425, 429)


@dataclass(frozen=True)
class Rendered:
    """A message, ready to be sent."""

    id: str
    content: bytes


class NotifierClient:
    """One entry of the Notifiers tab. Safe to share between threads."""

    def __init__(
        self, entry: NotifierEntry, http: Http, gates: Gates = OPEN, clock: Callable[[], float] = time.time
    ) -> None:
        """``clock``: what signatures are dated by. Raises ConfigurationError."""
        # The build looks through this package without the libraries.
        from ..http_transport import Transport

        self.target = f"Notifier '{entry.name}'"
        self._notifier = notifier_of(entry)
        self._entry = entry
        self._clock = clock
        self._gate = gates.of()
        self._transport = Transport(self.target, TAB, http.on(entry.network))

    def __repr__(self) -> str:
        return f"NotifierClient({self._entry.name!r})"

    def admitted(self) -> AbstractContextManager[None]:
        """Wait for the turn of the message that is sent inside. Raises PutOff, and then nothing is to be sent."""
        return admitted(self._gate)

    def render(self, message: Message) -> Rendered:
        """To be called before what is about to be sent is written down: whatever is wrong with it, nothing was sent."""
        return Rendered(message.id, self._notifier.render(message))

    def send(self, message: Rendered, before_send: Guard = lambda: None) -> None:
        """Send it, once. Returns when the service has accepted it.

        Raises ConfigurationError, NotPermitted, Curable or Unavailable: nothing was done. Raises UnknownOutcome: it may
        have been accepted. ``before_send`` is called right before the bytes go to the socket; what it raises comes out
        unchanged, and nothing is sent.
        """
        own = self._notifier.headers(message.id, message.content, self._clock())
        headers = {"Content-Type": self._notifier.content_type, **own}
        url = self._entry.webhook_url.reveal()
        answer = self._transport.send(url, message.content, headers, before_send, self._gate)
        error = self._error(answer)
        if error is not None:
            raise error

    def check(self) -> str:
        """For the setup page: a sentence for whoever saves. Raises as ``send``. Tells people nothing."""
        if not self._notifier.takes_pings:
            return self._notifier.remark()
        now = self._clock()
        self.send(self.render(Message(PING, f"ping-{now * 1000:.0f}", "", now, Document(()), {})))
        return "The receiver accepted a signed ping."

    def _error(self, answer: Answer) -> ResponderError | None:
        status = answer.status
        if 200 <= status < 300:
            if not answer.is_page:
                return None
            # A login or a proxy answers so, with success, whatever it was asked.
            return UnknownOutcome(f"{self.target}: the answer is a web page (HTTP {status}).", SENT_AGAIN)
        if status == 407:
            return ConfigurationError(
                f"{self.target}: the proxy refuses its credentials.", "Correct them on the Proxy tab."
            )
        if 300 <= status < 400:
            return Curable(
                f"{self.target}: the address redirects (HTTP {status}), and the app does not follow redirects.",
                f"Enter the final address as 'Webhook URL' {TAB}.",
            )
        quoted = self._quoted(answer)
        if status in (401, 403):
            return NotPermitted(f"{self.target} refuses access (HTTP {status}){quoted}.", self._notifier.refused_hint)
        if status in (404, 410):
            return Curable(
                f"{self.target}: the address no longer exists (HTTP {status}){quoted}.", self._notifier.gone_hint
            )
        if status in _LATER:
            return Unavailable(
                f"{self.target} asks to try again later (HTTP {status}){quoted}.", RETRIED, retry_after(answer.headers)
            )
        if may_be_done(status):
            return UnknownOutcome(f"{self.target} failed (HTTP {status}){quoted}.", SENT_AGAIN)
        refused = f"{self.target} refuses the message (HTTP {status}){quoted}."
        return Curable(refused, f"Correct the receiver, or the entry {TAB}.")

    def _quoted(self, answer: Answer) -> str:
        """What the service says itself, without our credentials."""
        secrets = (*parts_of(self._entry.webhook_url.reveal()), *self._entry.signing_secret.reveal().split())
        text = "" if answer.is_page else quote_text(answer.text, *secrets)
        return f": {text}" if text else ""
