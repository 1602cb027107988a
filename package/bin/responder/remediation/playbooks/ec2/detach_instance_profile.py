"""Take the instance profile off that somebody gave to an instance.

Facts: see ``_profile``; EC2 API Reference, ReplaceIamInstanceProfileAssociation (the association gets a new id).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.instance_claims import profile, profiles_in
from ....findings.past_calls import PastCalls
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from . import _ec2
from ._profile import PERMISSIONS, PROFILE, profile_of, take_off

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety


_GIVE = ("RunInstances", "AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation")


class DetachInstanceProfile(Playbook):
    """Takes the instance profile off an instance, if it is still the one that the event gave it.

    Where earlier calls in the CloudTrail index show which profile it had before, that one is put back. The instance
    gets no new credentials of the role; those that it has are good until they expire: revoke the role's sessions, too.
    The app's own host is refused.
    """

    id = "detach_instance_profile"
    title = "Detach instance profile"
    accepts = ("AWS::EC2::Instance",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`instance_profile`: the name of the profile that the event gave to the instance"
    services = ("ec2", "iam")
    permissions = (
        Permission("ec2:DescribeInstances"),
        Permission("ec2:ReplaceIamInstanceProfileAssociation", _ec2.INSTANCES),
        *PERMISSIONS,
    )
    risk = "high"
    risk_note = (
        "What runs on the instance loses the role's rights, Systems Manager included. If the event replaced another "
        "profile and no earlier call in the index names it, the instance has none afterwards."
    )
    undo_note = "Associates the profile again."
    already = ("InvalidAssociationID.NotFound", "IncorrectState")

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (*_ec2.instance_claims(finding), profile(_wanted(finding)))

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls((*_GIVE, "DisassociateIamInstanceProfile"), arn.name_of(finding.object_id))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _wanted(finding)
        return _ec2.instance_targets(finding)

    def read(self, target: Target, aws: Aws) -> Observation:
        owner, described = _ec2.read_instance(target, aws)
        roles = _ec2.roles_of(described, aws)
        resource = _ec2.instance_resource(owner, described, target.region, aws, roles)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {PROFILE: profile_of(resource, aws)}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now = seen.state[PROFILE]
        if not now or arn.name_of(now["Arn"]) != _wanted(finding):
            return ()
        former = _former(seen.past)
        if not former or former == arn.name_of(now["Arn"]):
            return take_off(seen.resource, seen.state)
        before, after = {"Arn": now["Arn"]}, {"Arn": f"{now['Arn'].rpartition('/')[0]}/{former}"}
        return (Step(PROFILE, before, after, _replace(former), _replace(_wanted(finding))),)

    def ready(self, step: Step, seen: Observation) -> Call:
        """With the id that the association has when the call is made; instead of another profile, if there is one."""
        call, association = step.call, {"AssociationId": (seen.state[PROFILE] or {}).get("AssociationId", "")}
        if call.operation == "associate_iam_instance_profile" and seen.state[PROFILE]:
            name = arn.name_of(call.parameters["IamInstanceProfile"]["Arn"])
            call = _replace(name)
        if call.operation == "replace_iam_instance_profile_association":
            return Call(call.service, call.operation, {**call.parameters, **association})
        return call

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """By name, which is unique in an account: CloudTrail may not have the path."""
        return _name(one) == _name(other)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        instead = f" and put {_name(step.after)} back" if step.after else ""
        return f"Take instance profile {_name(step.before)} off instance {arn.name_of(resource.id)}{instead}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        has = f"instance profile {arn.name_of(state[PROFILE]['Arn'])}" if state[PROFILE] else "no instance profile"
        return f"Instance {arn.name_of(resource.id)} has {has}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        roles = ", ".join(arn.name_of(role) for role in resource.principals) or "no role"
        return [f"The instance acts as {roles}.", *_ec2.who_misses(resource.tags)]


def _wanted(finding: Finding) -> str:
    name = finding.detail.get("instance_profile")
    if not isinstance(name, str) or not name or name == "unknown":
        raise InvalidFinding(
            "The finding does not say which instance profile was given.",
            "Let the search set instance_profile in detail to its name.",
        )
    return arn.name_of(name)


def _name(profile: Mapping[str, str] | None) -> str:
    return arn.name_of(profile["Arn"]) if profile else ""


def _former(past: Sequence[CloudTrailRecord]) -> str:
    """The profile that the newest of the earlier calls left; empty for none, and where no call says it."""
    for record in past:
        if record.event_name in _GIVE:
            return next((arn.name_of(name) for name in profiles_in(record)), "")
        return ""
    return ""


def _replace(name: str) -> Call:
    return Call("ec2", "replace_iam_instance_profile_association", {"IamInstanceProfile": {"Name": name}})
