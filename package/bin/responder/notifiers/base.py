"""What a notifier is: one way out to people or programs, beside Slack. One file each, which declares ``NOTIFIER``.

A notifier says what it is called, how often it may be asked, and how a message looks on the wire. When something is
sent, how it is written down, how failures are read and what is sent again is the same for all: ``client.py`` and
``handlers/notify.py``. Nothing here loads an HTTP library: the build reads these declarations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..documents.document import Document
from ..http_gate import Limits
from ..settings.notifier import NotifierEntry

TAB = "on the Notifiers tab"
#: What a message is about. A ping is what the setup page sends.
FINDING, RECURRENCE, REMEDIATION, EXCUSE, PING = KINDS = ("finding", "recurrence", "remediation", "excuse", "ping")


@dataclass(frozen=True)
class Message:
    """What people or programs are notified of. Every text in it may be an attacker's."""

    #: One of ``KINDS``.
    kind: str
    #: The same whenever this message is sent again, and no other message's. Letters, digits and hyphens.
    id: str
    #: Id of the case; empty for a ping.
    case: str
    #: Epoch seconds: when what it is about happened.
    at: float
    #: For people.
    document: Document
    #: For programs: the same as plain data.
    data: Mapping[str, Any]


class Notifier:
    """One kind of notifier, made for one entry of the setup page. Safe to share between threads."""

    #: As it is stored, in lower case; and as the setup page shows it.
    type: ClassVar[str]
    label: ClassVar[str]
    content_type: ClassVar[str]
    #: Whether an entry has a signing secret.
    is_signed: ClassVar[bool] = False
    #: Whether saving an entry may send a ``PING``: programs can ignore one, people cannot.
    takes_pings: ClassVar[bool] = False
    #: How often the service may be asked, as far as is known beforehand.
    limits: ClassVar[Limits] = Limits(interval=0.5)
    #: What a person has to do about HTTP 401 and 403, and about 404 and 410.
    refused_hint: ClassVar[str] = f"Correct the entry {TAB}."
    gone_hint: ClassVar[str] = f"Correct 'Webhook URL' {TAB}."

    def __init__(self, entry: NotifierEntry) -> None:
        """Raises ConfigurationError where this kind cannot be used with the entry's settings."""
        self.entry = entry

    def render(self, message: Message) -> bytes:
        """The message as it is sent: within every limit of the service, its texts escaped."""
        raise NotImplementedError

    def headers(self, message_id: str, content: bytes, now: float) -> Mapping[str, str]:
        """Beside the content type, right before it is sent. ``now``: epoch seconds."""
        return {}

    def remark(self) -> str:
        """A sentence for the person who saves an entry that is not pinged."""
        return ""
