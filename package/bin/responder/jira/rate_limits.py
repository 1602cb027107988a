"""What an answer of Jira's says about how often it may be asked.

Source: developer.atlassian.com, "Rate limiting" (Jira Cloud: ``Retry-After``, ``X-RateLimit-*``, ``RateLimit-Reason``)
and "Rate limiting" (Data Center: ``X-RateLimit-FillRate``, ``-Interval-Seconds``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .. import http_gate
from ..http_failures import retry_after
from ..http_gate import Limits, Verdict
from ..http_transport import Answer

#: Fifty requests a second at first, half of what Jira Cloud takes of one endpoint; ten once it has had enough, so that
#: people's work goes on beside it.
LIMITS = Limits(interval=0.1, in_flight=8, begin_with=2, at_first=0.02)
#: Only writes to this one ticket are too many; everything else may go on.
ONE_ISSUE = "jira-per-issue-on-write"
#: Below this part of its limit that is left, Jira Cloud says that the limit is near.
NEAR = 0.2


def verdict_of(answer: Answer) -> Verdict:
    headers = answer.headers
    if answer.status == 429 and headers.get("RateLimit-Reason", "").strip() == ONE_ISSUE:
        return Verdict(healthy=True)
    verdict = http_gate.verdict_of(answer.status, headers)
    if not _is_near(headers):
        return verdict
    # Without ``Retry-After`` these are the seconds until the limit is a new one.
    until_new = retry_after(headers)
    left, fill_rate = _number(headers, "X-RateLimit-Remaining"), _fill_rate(headers)
    if left == 0 and not fill_rate and until_new:
        return replace(verdict, hold=until_new)
    rate = fill_rate or (left / until_new if left and until_new else None)
    return replace(verdict, rate=rate)


def _is_near(headers: Mapping[str, str]) -> bool:
    if headers.get("X-RateLimit-NearLimit", "").strip().lower() == "true":
        return True
    left, limit = _number(headers, "X-RateLimit-Remaining"), _number(headers, "X-RateLimit-Limit")
    return left is not None and limit is not None and left < limit * NEAR


def _fill_rate(headers: Mapping[str, str]) -> float | None:
    """Requests a second that a Data Center gives back."""
    filled, seconds = _number(headers, "X-RateLimit-FillRate"), _number(headers, "X-RateLimit-Interval-Seconds")
    return filled / seconds if filled and seconds else None


def _number(headers: Mapping[str, str], name: str) -> float | None:
    try:
        number = float(headers.get(name, ""))
    except ValueError:
        return None
    return number if 0 <= number < 1e9 else None
