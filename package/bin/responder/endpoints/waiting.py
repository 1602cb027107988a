"""``waiting``: what waits for an approval, and what is taken back by itself unless somebody keeps it.

Post ``{}``, or ``{"case": id}``. What ends first stands first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.waiting_list import waiting
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    """``{"waiting": [{task, case, signature, severity, account, playbook, mode, plan, summary, blast_radius, asked_at,
    ends_at, approved_by, missing, message}], "more": how many are not shown}``; times in epoch seconds, lists of texts.
    """
    rows, more = waiting(request.splunkd, request.text("case", 20))
    return {"waiting": rows, "more": more}


ENDPOINT = Endpoint("waiting", "cloudtrail_responder_view", answer)
