"""How often Slack may be asked, and what its answers say about that.

Source: docs.slack.dev, "Rate limits" (a message a second in a channel, tiers of methods, ``Retry-After``) and
"chat.postMessage" (``message_limit_exceeded``, ``rate_limited``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import http_gate
from ..http_failures import retry_after
from ..http_gate import Limits, Verdict
from ..http_transport import Answer

#: All of a workspace: several hundred messages a minute.
WORKSPACE = Limits(interval=0.2, in_flight=8, begin_with=8, at_first=0.0)
#: A message a second, once Slack has had enough of a burst.
CHANNEL = Limits(interval=1.0, slowest=5.0, at_first=0.0)
#: Four fifths of what the tier of a method allows (20, 50, 100 calls a minute); tier 3 where a method is not named.
TIER_2, TIER_3, TIER_4 = Limits(interval=3.75), Limits(interval=1.5), Limits(interval=0.75)
TIERS = {"conversations.list": TIER_2, "usergroups.users.list": TIER_2, "auth.test": TIER_4, "users.info": TIER_4}
#: All of the workspace has to wait.
OF_THE_WORKSPACE = ("message_limit_exceeded",)
LIMITED = ("ratelimited", "rate_limited", *OF_THE_WORKSPACE)
AWAY = ("fatal_error", "internal_error", "service_unavailable")


def verdict_of(answer: Answer) -> Verdict:
    """Slack refuses with HTTP 200 and a code, or with a status."""
    verdict, code = http_gate.verdict_of(answer.status, answer.headers), _code(answer)
    if code in LIMITED:
        hold = retry_after(answer.headers)
        return Verdict(healthy=True, limited=True, hold=hold, everything=code in OF_THE_WORKSPACE)
    return replace(verdict, healthy=False) if code in AWAY else verdict


def _code(answer: Answer) -> str:
    try:
        body: Any = answer.json()
    except ValueError:
        # A webhook answers in plain text.
        body = {"error": answer.text.strip()}
    return str(body.get("error") or "") if isinstance(body, dict) else ""
