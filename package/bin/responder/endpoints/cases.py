"""``cases``: the queue of cases, a page of it. Post ``{}``, or any of

``{"state": "approval", "attention", "working" or "excused", "severity": at least this, "account": id, "actor": name,
"owner": user, "assignee": user, or "@me" for whoever asks,
"detection": signature_id, "find": case, ticket or dedup key, "sort": "newest", "oldest" or "severity",
"page": number from 0, "count": rows of a page}``
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine import case_queue
from ..engine.case_queue import Queue, Wanted
from ..errors import Rejected
from .base import Endpoint, Request

FILTERS = ("state", "severity", "account", "actor", "owner", "assignee", "detection", "find", "sort")
#: Stands for whoever asks.
ME = "@me"
#: Characters of a dedup key, by which a notable is found.
LONGEST_KEY = 2_000
#: Rows of a page that names none; and pages, which is as far as people turn over.
COUNT, PAGES = 50, 10_000


def answer(request: Request) -> Mapping[str, Any]:
    given = {name: request.text(name, LONGEST_KEY if name == "find" else 300).strip() for name in FILTERS}
    if given["assignee"] == ME:
        given["assignee"] = request.caller.user
    wanted = Wanted.checked(**given)
    page, count = number(request, "page", 0, 0, PAGES), number(request, "count", COUNT, 1, case_queue.LONGEST_PAGE)
    return dataclasses.asdict(case_queue.read(request.splunkd, wanted, page, count))


def number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Raises Rejected for what is no whole number between these."""
    value = request.body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Rejected(f"{name} is not a whole number from {least} to {most}.")
    return value


ENDPOINT = Endpoint("cases", "cloudtrail_responder_view", answer, Queue)
