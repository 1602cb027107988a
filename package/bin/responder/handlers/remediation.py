from __future__ import annotations

from ..cases.recording import TaskRequest
from .action import Action
from .base import Kind, Result


def run(context): return Result("x")
def request(finding, parameters):
    return TaskRequest("remediate", "remediation.run", {"playbook": parameters.get("playbook",""), "mode": parameters.get("mode","")})
ACTION = Action("remediate", request)
KINDS = (Kind("remediation.run","remediate",run),Kind("remediation.undo","remediate",run))
