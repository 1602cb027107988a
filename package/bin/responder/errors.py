"""The decisions a caller can take when something fails, one exception each.

Every message is one line for an operator: what failed, on which resource, why, and what to do.
"""

from __future__ import annotations


class ResponderError(Exception):
    """Base of every error this app raises on purpose.

    ``message`` says what failed, on what and why; ``hint`` says what to do about it.
    """

    #: Whether trying the same thing again, unchanged, may succeed without a person doing anything.
    transient = False

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = one_line(message)
        self.hint = one_line(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigurationError(ResponderError):
    """A setting is missing or wrong; a person has to change it on the setup page."""


class NotPermitted(ResponderError):
    """The service knows us but does not let us; a person has to grant a right or renew a credential."""


class Forbidden(NotPermitted):
    """The credentials are good, and a right is missing for this one thing; others may be done."""


class MayNotAnswer(NotPermitted):
    """A person may not answer. Every other error says of our own account what it may not, and nothing of the person."""


class InvalidFinding(ResponderError):
    """A result row does not keep the finding contract."""


class InvalidPayload(ResponderError):
    """What Splunk handed to the script cannot be read (payload or results file)."""


class DamagedDocument(ResponderError):
    """A document of ours in the KV store cannot be read: somebody else wrote it, or another version did."""


class Rejected(ResponderError):
    """The service understood the request and will never accept it as it is."""


class NotDone(Rejected):
    """What somebody asked for was not done, as things stand: it is decided otherwise, too late, or forbidden now."""


class NotedBefore(NotDone):
    """An answer that counts already, and what it was about has gone on without it."""


class Curable(Rejected):
    """The service refused it, and a person can cure that: in the service, in a setting or in the alert.

    It waits for the person, and is taken up again by a newer request, a saved setting or a retry.
    """


class NotFound(ResponderError):
    """The resource does not exist (any more)."""


class RefusedByGuardrail(ResponderError):
    """A guardrail forbids the change."""


class NeedsApproval(ResponderError):
    """It may be done only once somebody who may approve has approved it, or nobody has said no in time."""

    def __init__(
        self, message: str, hint: str = "", due_in: float | None = None, is_urgent: bool = False
    ) -> None:
        super().__init__(message, hint)
        #: Seconds after which it is looked at again without an answer.
        self.due_in = due_in
        #: Whether people are asked in the second channel at once.
        self.is_urgent = is_urgent


class LimitReached(NeedsApproval):
    """A limit on changes is reached: whatever is beyond it waits for a person."""

    def __init__(self, message: str, hint: str = "", scope: str = "", is_urgent: bool = False) -> None:
        super().__init__(message, hint, is_urgent=is_urgent)
        #: What the limit is of: see ``remediation.change_stops``.
        self.scope = scope


class Unavailable(ResponderError):
    """The service did not do it and says try later, or was not reached at all: safe to repeat."""

    transient = True

    def __init__(self, message: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        #: Seconds the service asked us to wait, if it said so.
        self.retry_after = retry_after


class OutOfTime(Unavailable):
    """Our turn is about to end: nothing was sent, and whoever takes the next turn goes on."""


class Waiting(Unavailable):
    """Nothing failed: something else has to happen first."""


class NotYet(Waiting):
    """Nothing failed: its time has not come. ``retry_after`` says when, however long that is."""


class HeldBack(Waiting):
    """A guardrail forbids for now what has to be done: it is tried again until it may, and people are told."""

    transient = False


class Throttled(Waiting):
    """Nothing failed: people were notified of the same case a short while ago."""


class PutOff(Waiting):
    """Nothing was tried: the service is known to be away, or is asked as often as it allows already.

    No attempt: nothing needs to be written down, and the worker comes back to it by itself.
    """


class UnknownOutcome(ResponderError):
    """The request was sent and no answer came back: look the effect up before repeating it."""

    transient = True


def one_line(text: object) -> str:
    """Fold any text into one line, so that it can neither break nor forge a log line."""
    line = str(text)
    if not line.isprintable():
        line = "".join(c if c.isprintable() else " " for c in line)
    return " ".join(line.split())
