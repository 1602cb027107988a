"""``change_limits``: how many changes were made within the last hour, and which limits were reached. Post ``{}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..remediation import change_stops
from ..remediation.change_limit import ChangeLimit
from ..remediation.change_stops import ALL
from ..settings.model import Safety
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .base import Endpoint, Request


@dataclass(frozen=True)
class ReachedLimit:
    #: ``account:playbook``, or that of all changes.
    scope: str
    what: str
    used: int
    limit: int
    #: ``stopped`` or ``open``.
    state: str
    #: Epoch seconds; empty where it is open.
    since: float | str
    reason: str
    task: str


@dataclass(frozen=True)
class ChangeLimits:
    limits: Sequence[ReachedLimit]


def answer(request: Request) -> Mapping[str, Any]:
    """``{"limits": [{scope, what, used, limit, state, since, reason, task}]}``, what is stopped first.

    ``state``: ``stopped`` (since epoch seconds, for a reason, by the first remediation beyond it) or ``open``. Raises
    what keeps the tab or the claims from being read.
    """
    return {"limits": shown(request.splunkd, Configuration(request.splunkd).safety)}


def shown(splunkd: Splunkd, safety: Safety) -> list[dict[str, Any]]:
    stops = {stop.scope: stop for stop in change_stops.every(splunkd) if not stop.is_of_run}
    used = ChangeLimit(splunkd, splunkd.now).used()
    rows = []
    for scope in sorted({ALL, *used, *stops}, key=lambda scope: (scope not in stops, scope != ALL, scope)):
        stop = stops.get(scope)
        per_scope = safety.max_changes_per_account_and_playbook
        rows.append(
            {
                "scope": scope,
                "what": change_stops.said(scope),
                "used": used.get(scope, 0),
                "limit": safety.max_changes_per_hour if scope == ALL else per_scope,
                "state": "stopped" if stop else "open",
                "since": stop.since if stop else "",
                "reason": stop.message if stop else "",
                "task": stop.task if stop else "",
            }
        )
    return rows


ENDPOINT = Endpoint("change_limits", "cloudtrail_responder_view", answer, ChangeLimits)
