"""Turn Security Hub on again.

Facts: Security Hub API Reference, DescribeHub (``InvalidAccessException`` where it is not enabled), EnableSecurityHub
(``ResourceConflictException`` where it is already), DisableSecurityHub.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....findings.claims import Claim, only_one
from ....findings.past_calls import PastCalls
from ...last_known import counted
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook
from . import _standards
from ._standards import HUB

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

ENABLED = "enabled"


class ReenableSecurityHub(Playbook):
    """Enables Security Hub in the region of the finding, and the standards that CloudTrail shows were enabled there.

    AWS's default standards are not enabled by themselves. Standards that were enabled more than 90 days ago are not
    known, nor do settings of controls come back: enable them by hand. A member account is added again by its
    administrator account.
    """

    id = "reenable_security_hub"
    title = "Enable Security Hub again"
    accepts = ("AWS::SecurityHub::Hub",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: a region has one hub"
    services = ("securityhub",)
    permissions = (
        Permission("securityhub:DescribeHub", HUB),
        Permission("securityhub:ListTagsForResource", HUB),
        Permission("securityhub:EnableSecurityHub", HUB),
        Permission("securityhub:DisableSecurityHub", HUB),
        *_standards.PERMISSIONS,
        Permission(
            "iam:CreateServiceLinkedRole",
            "arn:aws:iam::*:role/aws-service-role/securityhub.amazonaws.com/*",
            ("StringEquals", "iam:AWSServiceName", "securityhub.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "Findings that other services send, and the checks of standards, cost what they did before. In an organization "
        "the administrator account has to add the account again."
    )
    undo_note = "Disables the standards and Security Hub again."
    proved_on = (
        "moto, and a double of EnableSecurityHub, standards and ListTagsForResource, which moto gets wrong or lacks"
    )
    already = ("ResourceConflictException",)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (only_one(finding.object_id, "securityhub", "DisableSecurityHub"),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("BatchEnableStandards", "BatchDisableStandards"), None)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        region = finding.vendor_region
        hub = arn_in(aws, "securityhub", region, "hub/default")
        return (Target(hub, region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource = Resource(target.id, "AWS::SecurityHub::Hub", aws.account.account_id, target.region)
        state = self.state(resource, aws)
        if not state[ENABLED]:
            return Observation(resource, state)
        tags = aws.read("securityhub", "list_tags_for_resource", target.region, ResourceArn=target.id)["Tags"]
        return Observation(Resource(target.id, resource.type, resource.account, target.region, dict(tags)), state)

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        if aws.read_if(_standards.OFF, "securityhub", "describe_hub", resource.region) is None:
            return {ENABLED: False}
        return {ENABLED: True, **_standards.enabled(resource.region, aws)}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[ENABLED] and not seen.past:
            return ()
        known = _standards.last_enabled(counted(finding, seen.past), seen.resource.region)
        standards = list(_standards.to_enable(known, seen.state, seen.resource, aws))
        if seen.state[ENABLED]:
            return standards
        enable = Call("securityhub", "enable_security_hub", {"EnableDefaultStandards": False})
        return (Step(ENABLED, False, True, enable, Call("securityhub", "disable_security_hub")), *standards)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        return bool(one) == bool(other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        names = [step.aspect for step in steps if step.aspect != ENABLED]
        if len(names) == len(steps):
            return f"Enable standards of Security Hub in {resource.region} again: {_standards.words(names)}."
        standards = f"with {_standards.words(names)}" if names else "without standards"
        return f"Enable Security Hub in {resource.region} again, {standards}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        if not state[ENABLED]:
            return f"Security Hub is not enabled in {resource.region}."
        names = [name for name in state if name != ENABLED]
        return f"Security Hub is enabled in {resource.region}, with {_standards.words(names) or 'no standard'}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return (
            "Only standards that CloudTrail shows within 90 days come back: others have to be enabled by hand.",
        )
