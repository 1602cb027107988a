"""Make the version of a managed policy the default again that was it before.

Facts: IAM API Reference, SetDefaultPolicyVersion, ListPolicyVersions, CreatePolicyVersion (``setAsDefault``),
GetPolicy, ListEntitiesForPolicy; IAM User Guide, "Versioning IAM policies" (five versions at most, numbers are not used
again).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ....findings.past_calls import PastCalls
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook
from . import _entities as entities

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

POLICIES = "arn:aws:iam::*:policy/*"
DEFAULT = "Default version"
_VERSION = re.compile(r"v[1-9][0-9]{0,8}", re.ASCII)


class RestoreDefaultPolicyVersion(Playbook):
    """Makes the earlier version of a customer managed policy the default, where the one that was found still is.

    Which one that was, CloudTrail of the last 90 days says. Where it does not, and the version that was found is the
    newest, it is the one right before it. A version that no longer exists cannot be made the default. The version that
    was found stays, as evidence; nothing is deleted.
    """

    id = "restore_default_policy_version"
    title = "Restore default policy version"
    accepts = ("AWS::IAM::ManagedPolicy",)
    required_fields = ("vendor_account", "object_id")
    detail_note = "`version_id`: the version that was made the default, as in `v3`"
    services = ("iam",)
    permissions = (
        Permission("iam:GetPolicy", POLICIES),
        Permission("iam:ListEntitiesForPolicy", POLICIES),
        Permission("iam:ListPolicyVersions", POLICIES),
        Permission("iam:SetDefaultPolicyVersion", POLICIES),
    )
    risk = "medium"
    risk_note = "Everybody who has the policy gets the rights of the earlier version at once, fewer or more."
    undo_note = "Makes the version the default again that it was."
    regional = False

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def values_in(record: CloudTrailRecord) -> Iterator[str]:
            for version in _made_default(record):
                yield f"{entities.at(record, 'requestParameters.policyArn')} {version}"

        return (Claim("policy version", f"{_policy(finding)} {_version(finding)}", values_in),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion"), _policy(finding))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _version(finding)
        return (Target(_policy(finding)),)

    def read(self, target: Target, aws: Aws) -> Observation:
        policy = aws.read("iam", "get_policy", PolicyArn=target.id)["Policy"]
        resource = Resource(
            id=str(policy["Arn"]),
            type="AWS::IAM::ManagedPolicy",
            account=aws.account.account_id,
            tags=tags_of(policy.get("Tags") or ()),
            principals=tuple(_entities_with(target.id, aws)),
            unique_id=str(policy["PolicyId"]),
        )
        return Observation(resource, {DEFAULT: str(policy["DefaultVersionId"])})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        policy = aws.read("iam", "get_policy", PolicyArn=resource.id)["Policy"]
        return {DEFAULT: str(policy["DefaultVersionId"])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        found, policy = _version(finding), seen.resource.id
        if seen.state[DEFAULT] != found:
            return ()
        listed = aws.read_all("Versions", "iam", "list_policy_versions", PolicyArn=policy)
        earlier = _earlier(found, [str(version["VersionId"]) for version in listed], seen.past)
        if not earlier:
            raise InvalidFinding(
                f"Which version of {policy} was the default before {found} is not known, or it is gone.",
                "Choose a version in IAM by hand, or detach the policy.",
            )
        return (Step(DEFAULT, found, earlier, _set(policy, earlier), _set(policy, found)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        (step,) = steps
        return f"Make version {step.after} of policy {arn.name_of(resource.id)} the default, instead of {step.before}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"The default of policy {arn.name_of(resource.id)} is version {state[DEFAULT]}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        names = [named.resource for named in map(arn.parse, resource.principals) if named]
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        return [f"The policy is attached to {', '.join(names[:10]) or 'nobody'}{more}."]


def _policy(finding: Finding) -> str:
    named = arn.parse(finding.object_id)
    if named is None or (named.service, named.kind) != ("iam", "policy") or named.account != finding.vendor_account:
        raise InvalidFinding(
            f"The finding names no managed policy of account {finding.vendor_account} ('{finding.object_id[:80]}').",
            "Let the search set object_id to its ARN. AWS's own policies have no versions to choose.",
        )
    return finding.object_id


def _version(finding: Finding) -> str:
    version = entities.word_in(finding, "version_id", "version")
    if not _VERSION.fullmatch(version):
        raise InvalidFinding(f"'{version[:40]}' is no version of a policy.", "Correct detail.version_id.")
    return version


def _made_default(record: CloudTrailRecord) -> Iterator[str]:
    """The version that a call made the default, if it did."""
    if record.service != "iam" or not record.succeeded:
        return
    if record.event_name == "SetDefaultPolicyVersion":
        yield entities.at(record, "requestParameters.versionId")
    elif record.event_name == "CreatePolicy":
        yield entities.at(record, "responseElements.policy.defaultVersionId")
    elif record.event_name == "CreatePolicyVersion":
        answer = record.fields.get("responseElements")
        made = answer.get("policyVersion") if isinstance(answer, Mapping) else None
        if isinstance(made, Mapping) and made.get("isDefaultVersion") in (True, "true"):
            yield str(made.get("versionId"))


def _earlier(found: str, exist: Sequence[str], past: Iterable[CloudTrailRecord]) -> str:
    """The default before the one that was found; empty where it is not known, or is gone."""
    for record in past:
        for version in _made_default(record):
            return version if version in exist and version != found else ""
    numbers = sorted(int(version[1:]) for version in exist if _VERSION.fullmatch(version))
    lower = [number for number in numbers if number < int(found[1:])]
    return f"v{lower[-1]}" if lower and numbers[-1] == int(found[1:]) else ""


def _entities_with(policy: str, aws: Aws) -> Iterator[str]:
    """ARNs (without paths) of the users, groups and roles that have the policy; of roles those that IAM itself has."""
    asked: dict[str, Any] = {"PolicyArn": policy}
    while True:
        page = aws.read("iam", "list_entities_for_policy", **asked)
        yield from (arn_in(aws, "iam", "", f"user/{user['UserName']}") for user in page["PolicyUsers"])
        yield from (arn_in(aws, "iam", "", f"group/{group['GroupName']}") for group in page["PolicyGroups"])
        names = (str(role["RoleName"]) for role in page["PolicyRoles"])
        # Those of Identity Center have the policy by its name; what is changed is the policy, not the role.
        yield from (arn_in(aws, "iam", "", f"role/{name}") for name in names if not name.startswith("AWSReservedSSO_"))
        if not page.get("IsTruncated"):
            return
        asked["Marker"] = page["Marker"]


def _set(policy: str, version: str) -> Call:
    return Call("iam", "set_default_policy_version", {"PolicyArn": policy, "VersionId": version})
