"""Turn Security Hub on again.

Facts: Security Hub API Reference, DescribeHub (``InvalidAccessException`` where it is not enabled), EnableSecurityHub
(``ResourceConflictException`` where it is already), DisableSecurityHub.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....findings.claims import Claim, only_one
from ...named import arn_in
from ...permission import Permission
from ...playbook import Call, Observation, Playbook, Resource, Step, Target

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

HUB = "arn:aws:securityhub:*:*:hub/default"
ENABLED = "enabled"
_OFF = ("InvalidAccessException", "ResourceNotFoundException")


class ReenableSecurityHub(Playbook):
    """Enables Security Hub in the region of the finding, without AWS's default standards.

    Standards, controls and findings that were there before do not come back: enable the standards again by hand. A
    member account is added again by its administrator account.
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
        Permission(
            "iam:CreateServiceLinkedRole",
            "arn:aws:iam::*:role/aws-service-role/securityhub.amazonaws.com/*",
            ("StringEquals", "iam:AWSServiceName", "securityhub.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "Findings that other services send cost what they did before. No standard checks anything until somebody "
        "enables one. In an organization the administrator account has to add the account again."
    )
    undo_note = "Disables Security Hub again."
    proved_on = "moto, and a double of EnableSecurityHub and ListTagsForResource, which moto gets wrong or lacks"
    already = ("ResourceConflictException",)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (only_one(finding.object_id, "securityhub", "DisableSecurityHub"),)

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
        return {ENABLED: aws.read_if(_OFF, "securityhub", "describe_hub", resource.region) is not None}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[ENABLED]:
            return ()
        enable = Call("securityhub", "enable_security_hub", {"EnableDefaultStandards": False})
        return (Step(ENABLED, False, True, enable, Call("securityhub", "disable_security_hub")),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Enable Security Hub in {resource.region} again, without standards."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Security Hub is {'enabled' if state[ENABLED] else 'not enabled'} in {resource.region}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return ("Its standards do not come back by themselves: enable them again, or nothing is checked.",)
