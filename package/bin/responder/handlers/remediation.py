from __future__ import annotations

from ..cases.recording import TaskRequest
from .action import Action, AdaptiveResponse, Parameter
from .base import Kind, Result


def run(context): return Result("x")
def request(finding, parameters):
    return TaskRequest("remediate", "remediation.run", {"playbook": parameters.get("playbook",""), "mode": parameters.get("mode","")})
PARAMETERS = (
    Parameter(
        "playbook",
        "Playbook",
        "ID of a playbook. Leave empty for the playbook that the finding recommends.",
    ),
    Parameter(
        "mode",
        "Mode",
        "It can only lower what the Safety tab allows. Simulate reports the changes, Approve waits for a person, Enforce makes them.",
        (
            ("", "As set on the Safety tab"),
            ("simulate", "Simulate"),
            ("approve", "Approve"),
            ("enforce", "Enforce"),
        ),
    ),
)
ACTION = Action(
    "remediate",
    "Remediate in AWS",
    "Runs a playbook that corrects in AWS what the finding reports, within the limits of the Safety tab.",
    PARAMETERS,
    AdaptiveResponse("remediate", "cloud", "Device Control", "Amazon", "AWS"),
    "step=planned OR step=change_applied OR step=verified OR step=undone OR step=remediation_*",
    request,
)
KINDS = (Kind("remediation.run","remediate",run),Kind("remediation.undo","remediate",run))
