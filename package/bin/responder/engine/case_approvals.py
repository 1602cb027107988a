"""What waits for an approval, and what is taken back by itself, for the console; what ends first stands first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import one_line
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.users import capabilities
from .case_remediations import Given, Remediation, remediations
from .case_rights import Rights
from .waiting_list import tasks_that_wait

#: Rows that are given: what was asked first.
MOST = 200


@dataclass(frozen=True)
class WaitingApproval:
    """Texts are an attacker's."""

    case: str
    severity: str
    signature: str
    account: str
    actor: str
    resource: str
    #: Owner of the alert.
    owner: str
    remediation: Remediation


@dataclass(frozen=True)
class WaitingApprovals:
    approvals: Sequence[WaitingApproval]
    #: How many are not given.
    more: int
    #: As the Safety tab says: nothing is changed in AWS, whatever is approved.
    kill_switch: bool


def read(splunkd: Splunkd, user: str) -> WaitingApprovals:
    """``user``: who looks at it. Raises a ResponderError."""
    config = Configuration(splunkd)
    tasks = sorted(tasks_that_wait(splunkd), key=lambda task: task.created_at)
    shown = {task.key: task for task in tasks[:MOST]}
    rights = Rights(user, capabilities(splunkd, user), config.safety)
    rows = []
    for remediation in remediations([*shown.values()], Given.of(splunkd, [*shown.values()]), rights, frozenset()):
        task = shown[remediation.task]
        finding = task.finding
        row = WaitingApproval(
            case=task.case_id,
            severity=finding.severity if finding else "",
            signature=one_line(finding.signature) if finding else "",
            account=finding.vendor_account if finding else "",
            actor=one_line(finding.user or finding.user_arn) if finding else "",
            resource=one_line(finding.object_id) if finding else "",
            owner=task.owner,
            remediation=remediation,
        )
        rows.append(row)
    # What cannot be read stands first: somebody has to see to it.
    rows.sort(key=lambda row: row.remediation.plan.ends_at if row.remediation.plan else 0.0)
    return WaitingApprovals(rows, len(tasks) - len(shown), config.safety.kill_switch)
