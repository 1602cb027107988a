"""``remediation_plan``: what a playbook would do about a case now. Post ``{"case": id, "playbook": id}``.

It reads AWS with the rights of a simulation; it changes nothing, and keeps nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine.answering import Answerer
from ..engine.previews import RemediationPreview, remediation_plan
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    case, playbook = request.text("case", 100), request.text("playbook", 100)
    who = Answerer(request.caller.user, run=request.caller.session)
    return dataclasses.asdict(remediation_plan(request.splunkd, request.services, case, playbook, who))


ENDPOINT = Endpoint("remediation_plan", "cloudtrail_responder_view", answer, RemediationPreview)
