"""``remediate``: ask for the remediation of a case, as an alert does with *Remediate in AWS*.

Post ``{"case": id, "playbook": id, "mode": "", "simulate", "approve" or "enforce"}``. The mode can only lower what the
Safety tab allows. Whoever asks needs ``cloudtrail_responder_view``, too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine.answering import Answerer
from ..engine.remediating import remediate
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    """``{"reports": [TaskReport]}``."""
    who = Answerer(request.caller.user, run=request.caller.session)
    case, playbook, mode = (request.text(name, 100) for name in ("case", "playbook", "mode"))
    report = remediate(request.splunkd, request.services, case, playbook, mode, who)
    return {"reports": [dataclasses.asdict(report)]}


ENDPOINT = Endpoint("remediate", "cloudtrail_responder_run", answer)
