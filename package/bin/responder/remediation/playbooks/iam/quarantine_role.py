"""Deny everything to a role.

Facts: IAM User Guide, "Policy evaluation logic" (an explicit Deny wins over every Allow, and counts at the next request
of open sessions, too).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...made import Made, Turn
from ._entities import ROLE
from ._quarantine import Quarantine, needed

if TYPE_CHECKING:
    from ....findings.cloudtrail import CloudTrailRecord


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    for role in record.parameters("roleName"):
        yield {"object_category": ROLE.type, "object_id": role}


class QuarantineRole(Quarantine):
    """Denies everything to a role by the inline policy `CloudTrailResponder-Quarantine`.

    The role is the one that the finding names as its object, else the caller's: that of its session. It is not AWS's
    own quarantine policy, which leaves much allowed. Trust and policies stay as they are, so nothing is lost, and one
    call takes it back. Sessions that are open are denied, too; `end_live_sessions` alone leaves new ones alone.

    IAM gives all inline policies of a role 10,240 characters together. Where those that are there leave no room, the
    role gets AWS's policy `AWSDenyAll` as its permissions boundary instead, which denies as much.
    """

    id = "quarantine_role"
    title = "Quarantine role"
    required_fields = ("vendor_account",)
    detail_note = "nothing: the role is `object_id`, else the caller's (`user_arn`)"
    permissions = needed(ROLE)
    takes_back = (Made("iam", ("CreateRole",), _taken_back, Turn.PRINCIPALS),)
    risk = "high"
    risk_note = (
        "Everything that uses the role stops working, also workloads that have nothing to do with the finding: "
        "instances, functions, pipelines, and partners who may assume it."
    )
    kinds = (ROLE,)
