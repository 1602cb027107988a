"""Turn EBS encryption by default on again in a region.

Facts: EC2 API Reference, EnableEbsEncryptionByDefault, GetEbsEncryptionByDefault; EBS User Guide, "Enable Amazon EBS
encryption by default" (it is a setting of the account in one region, and holds for new volumes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....findings.claims import Claim, called_in
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

ENCRYPTION = "EbsEncryptionByDefault"


class EnableEbsEncryptionByDefault(Playbook):
    """Turns on that new EBS volumes and snapshot copies of an account are encrypted, in the region of the finding.

    Volumes that were made meanwhile stay unencrypted. The key that is used is the one that the account has set.
    """

    id = "enable_ebs_encryption_by_default"
    title = "Enable EBS encryption by default"
    accepts = ("AWS::EC2::EBSEncryptionByDefault",)
    required_fields = ("vendor_account", "vendor_region")
    detail_note = "nothing: `vendor_region` is the region"
    services = ("ec2",)
    permissions = (
        Permission("ec2:GetEbsEncryptionByDefault"),
        Permission("ec2:EnableEbsEncryptionByDefault"),
        Permission("ec2:DisableEbsEncryptionByDefault"),
    )
    risk = "low"
    risk_note = "Launches by principals that may not use the key of the account fail, as they did before."
    undo_note = "Turns it off again, if it was this app that turned it on."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        what = "region in which EBS encryption by default was turned off"
        return (called_in(finding.vendor_region, what, "ec2", "DisableEbsEncryptionByDefault"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(f"{finding.vendor_account}:{finding.vendor_region}", finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        account, region = aws.account.account_id, target.region
        resource = Resource(f"{account}:{region}", "AWS::EC2::EBSEncryptionByDefault", account, region)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {ENCRYPTION: bool(aws.read("ec2", "get_ebs_encryption_by_default", resource.region)[ENCRYPTION])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[ENCRYPTION]:
            return ()
        forth = Call("ec2", "enable_ebs_encryption_by_default")
        return (Step(ENCRYPTION, False, True, forth, Call("ec2", "disable_ebs_encryption_by_default")),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Turn on EBS encryption by default of account {resource.account} in {resource.region}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        is_on = "on" if state[ENCRYPTION] else "off"
        return f"EBS encryption by default of account {resource.account} in {resource.region} is {is_on}."
