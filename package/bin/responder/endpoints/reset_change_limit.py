"""``reset_change_limit``: let changes be made again after a limit was reached. Post ``{"scope": scope}``.

Scopes are those of ``change_limits``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.audit import app_event, send
from ..errors import NotFound
from ..remediation import change_announcements, change_breaker, change_stops
from ..settings.reader import Configuration
from .base import Endpoint, Request
from .change_limits import shown


def answer(request: Request) -> Mapping[str, Any]:
    """``{"limits": [...]}`` as of ``change_limits``. Raises NotFound where the scope is not stopped."""
    splunkd, scope = request.splunkd, request.text("scope", 200)
    config = Configuration(splunkd)
    stop = next((stop for stop in change_stops.every(splunkd) if stop.scope == scope), None)
    if stop is None:
        raise NotFound(f"No limit is reached for '{scope[:100]}'.", "Take scope= from | respondchangelimits.")
    # The audit knows of it before, or it is not done.
    event = app_event("change_limit_reset", splunkd.now(), request.caller.user, scope=scope, message=stop.message)
    send(splunkd, [event], config.audit_index)
    change_breaker.reset(splunkd, splunkd.now, scope)
    change_announcements.withdraw(splunkd, stop)
    return {"limits": shown(splunkd, config.safety)}


ENDPOINT = Endpoint("reset_change_limit", "cloudtrail_responder_admin", answer)
