"""What a failed HTTP request means for whoever wants to try again, and what of it an operator is shown."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from .errors import one_line

#: Characters of a service's own text that an operator is shown.
MAX_QUOTE = 300
#: Characters of a part of a secret address from which on it is blacked out, too.
SHORTEST_PART = 6
#: Seconds; a service that asks for a longer wait is asked again anyway.
MAX_WAIT = 3600.0
#: What happens next, as the hint of an error.
RETRIED = "The app tries again."
CHECKED_BEFORE_REPEAT = "The app checks whether it was done before it sends it again."

#: Statuses by which a server says that it did not carry the request out: RFC 9110 (15.4 and 15.5), 4918 (423), 6585
#: (428, 429, 431), 8470 (425), 7725 (451). Not among them: 302 and 303, which also answer a request that was carried
#: out; 408 and 499, which proxies send after they have passed it on; 406, 409 and 424, which may follow upon it; every
#: 5xx. What is not listed may have been carried out.
NOT_CARRIED_OUT = frozenset(
    (301, 307, 308, 400, 401, 403, 404, 405, 407, 410, 411, 412, 413, 414, 415, 417, 421, 422, 423, 425, 426, 428, 429)
    + (431, 451)
)


def may_be_done(status: int) -> bool:
    """Whether a write that was answered with this status (no success) may have been carried out all the same."""
    return status not in NOT_CARRIED_OUT


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds we are asked to wait, by ``Retry-After`` (RFC 9110) or Jira's ``X-RateLimit-Reset``; None if by none."""
    lower = {name.lower(): str(value).strip() for name, value in headers.items()}
    wait = _seconds(lower.get("retry-after", ""), now)
    return wait if wait is not None else _seconds(lower.get("x-ratelimit-reset", ""), now)


def _seconds(value: str, now: float | None) -> float | None:
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return min(MAX_WAIT, float(value))
    moment = _moment(value) if value else None
    if moment is None:
        return None
    return min(MAX_WAIT, max(0.0, moment.timestamp() - (time.time() if now is None else now)))


def _moment(value: str) -> datetime | None:
    moment = None
    for read in (parsedate_to_datetime, _iso_moment):
        try:
            moment = read(value)
            break
        except (TypeError, ValueError, IndexError, OverflowError):
            # Not this form; a service may send anything here.
            continue
    return moment.replace(tzinfo=timezone.utc) if moment and not moment.tzinfo else moment


def _iso_moment(value: str) -> datetime:
    """``2026-01-01T00:05Z``, which Python 3.9 does not read by itself."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d+)?Z", value)
    if not match:
        raise ValueError("not a time in UTC")
    return datetime.strptime(match.group(1) + (match.group(2) or ":00"), "%Y-%m-%dT%H:%M:%S")


def quote_text(text: str, *secrets: str) -> str:
    """A service's own text for the operator: one line, cut, with our credentials blacked out should they be echoed."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "******")
    text = one_line(text)
    return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…"


def parts_of(address: str) -> tuple[str, ...]:
    """An address that is a secret, and what a service may echo of it (as most do of a path), the longest first."""
    split = urlsplit(address)
    target = split.path + (f"?{split.query}" if split.query else "")
    pieces = (target, split.path, split.query, *re.split(r"[/?&=;]", target))
    echoed = {form for piece in pieces for form in (piece, unquote(piece)) if len(form) >= SHORTEST_PART}
    return (address, *sorted(echoed, key=len, reverse=True))


def fits_a_header(credential: str) -> bool:
    """Whether a credential can be sent at all. HTTP clients refuse others in errors that hold the credential."""
    return credential.isascii() and credential.isprintable()


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and those wrapped in it, by whichever of the ways that urllib, urllib3 and requests use."""
    pending, seen = [error], set()
    while pending:
        current = pending.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        pending += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]


def is_certificate_error(error: BaseException) -> bool:
    """Whether the other side's certificate was not accepted."""
    return any(
        isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause)
        for cause in causes(error)
    )


def reason_of(error: BaseException) -> str:
    """A network failure in a few words. Never the exception's own text, which may hold addresses with credentials."""
    found = list(causes(error))
    for kind, reason in _REASONS:
        if any(isinstance(cause, kind) for cause in found):
            return reason
    return "the connection failed"


_REASONS = (
    (socket.gaierror, "its name cannot be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (ConnectionResetError, "the connection was reset"),
    (TimeoutError, "the connection timed out"),
    (socket.timeout, "the connection timed out"),
    (ssl.SSLError, "the TLS connection could not be made"),
)
