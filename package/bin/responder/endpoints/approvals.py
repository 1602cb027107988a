"""``approvals``: what waits for an approval, with its plan, and what of it whoever asks may decide. Post ``{}``.

``waiting`` gives the same for search commands.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine import case_approvals
from ..engine.case_approvals import WaitingApprovals
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    return dataclasses.asdict(case_approvals.read(request.splunkd, request.caller.user))


ENDPOINT = Endpoint("approvals", "cloudtrail_responder_view", answer, WaitingApprovals)
