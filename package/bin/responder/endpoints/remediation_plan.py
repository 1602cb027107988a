"""``remediation_plan``: what a playbook would do about a case now. Post ``{"case": id, "playbook": id}``,
or ``{"event": id, "at": time, "playbook": id}`` about an event that no case is about yet.

It reads AWS with the rights of a simulation; it changes nothing, and keeps nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine.previews import RemediationPreview, remediation_plan
from .base import Endpoint, Request
from .case_playbooks import answerer, finding_task


def answer(request: Request) -> Mapping[str, Any]:
    of, playbook = finding_task(request), request.text("playbook", 100)
    return dataclasses.asdict(remediation_plan(request.splunkd, request.services, of, playbook, answerer(request)))


ENDPOINT = Endpoint("remediation_plan", "cloudtrail_responder_view", answer, RemediationPreview)
