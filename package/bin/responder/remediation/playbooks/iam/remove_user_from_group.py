"""Take a user out of the group that it was added to.

Facts: IAM API Reference, AddUserToGroup (adding a member again is no error), RemoveUserFromGroup, ListGroupsForUser;
IAM User Guide, "Policy evaluation logic" (a group may deny what other policies allow).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, RefusedByGuardrail
from ....findings.claims import Claim
from ....findings.past_calls import PastCalls
from ...made import Made, Turn
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from . import _documents as documents
from . import _entities as entities
from ._entities import GROUP, GROUPS, USER, USERS

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

MEMBER = "member"
POLICIES = "arn:aws:iam::*:policy/*"


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    user, group = _pair(record)
    if user and group:
        yield {"object_category": GROUP.type, "object_id": group, "detail": {"member": user}}


class RemoveUserFromGroup(entities.OnEntity):
    """Takes a user out of the one group that it was added to.

    The policies of the group are read first: where one denies something, being out of the group would set the user
    free of it, and the playbook refuses. Where CloudTrail of the last 90 days says that the user was in the group
    before, the call that was found changed nothing, and it is left to a person.
    """

    id = "remove_user_from_group"
    title = "Remove user from group"
    accepts = (GROUP.type,)
    required_fields = ("vendor_account", "object_id")
    detail_note = "`member`: the user who was added to the group"
    services = ("iam",)
    permissions = (
        *entities.reading(USER),
        Permission("iam:ListGroupsForUser", USERS),
        Permission("iam:ListGroupPolicies", GROUPS),
        Permission("iam:GetGroupPolicy", GROUPS),
        Permission("iam:ListAttachedGroupPolicies", GROUPS),
        Permission("iam:GetPolicy", POLICIES),
        Permission("iam:GetPolicyVersion", POLICIES),
        Permission("iam:RemoveUserFromGroup", GROUPS),
        Permission("iam:AddUserToGroup", GROUPS),
    )
    takes_back = (Made("iam", ("AddUserToGroup",), _taken_back, Turn.RIGHTS),)
    risk = "low"
    risk_note = "The user loses what the group grants, also in sessions that are open."
    undo_note = "Adds the user to the group again."
    regional = False

    def claims(self, finding: Finding) -> Sequence[Claim]:
        _, group = entities.named_in(finding, GROUP)

        def values_in(record: CloudTrailRecord) -> Iterator[str]:
            if record.event_name == "AddUserToGroup" and record.service == "iam" and record.succeeded:
                yield " in ".join(_pair(record))

        return (Claim("member", f"{_member(finding)} in {group}", values_in),)

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("AddUserToGroup", "RemoveUserFromGroup"), _member(finding))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        entities.named_in(finding, GROUP)
        return (entities.target_of(USER, _member(finding), aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, _ = entities.read(target.id, aws)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        listed = aws.read_all("Groups", "iam", "list_groups_for_user", UserName=arn.name_of(resource.id))
        return {f"Group {group['GroupName']}": MEMBER for group in listed}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        _, group = entities.named_in(finding, GROUP)
        user, aspect = arn.name_of(seen.resource.id), f"Group {group}"
        if aspect not in seen.state:
            return ()
        before = next((record for record in seen.past if _pair(record) == (user, group)), None)
        if before is not None and before.event_name == "AddUserToGroup":
            raise InvalidFinding(
                f"User {user} was in group {group} before, by event {before.event_id[:64]}: what was found changed "
                "nothing.",
                "If the user should not be in the group, remove it by hand.",
            )
        denying = next(_denying(group, aws), "")
        if denying:
            raise RefusedByGuardrail(
                f"Policy {denying} of group {group} denies something; out of the group, user {user} would be free.",
                "Look at the policy, and remove the user by hand if that is right.",
            )
        given = {"GroupName": group, "UserName": user}
        return (
            Step(
                aspect,
                MEMBER,
                None,
                Call("iam", "remove_user_from_group", given),
                Call("iam", "add_user_to_group", given),
            ),
        )

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Remove {entities.entity_words(resource)} from {', '.join(_lower(step.aspect) for step in steps)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        said = (f"{'is' if state.get(one) else 'is not'} in {_lower(one)}" for one in aspects)
        return f"The {entities.entity_words(resource)} {', '.join(said)}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        count = len(state)
        return [f"The user is in {count} group{'' if count == 1 else 's'} in all."]


def _lower(aspect: str) -> str:
    return aspect[:1].lower() + aspect[1:]


def _member(finding: Finding) -> str:
    return entities.checked(entities.word_in(finding, "member", "member"), USER)


def _pair(record: CloudTrailRecord) -> tuple[str, str]:
    return entities.at(record, "requestParameters.userName"), entities.at(record, "requestParameters.groupName")


def _denying(group: str, aws: Aws) -> Iterator[str]:
    """Names of the group's policies that deny something, or that cannot be understood."""
    for name in aws.read_all("PolicyNames", "iam", "list_group_policies", GroupName=group):
        answer = aws.read("iam", "get_group_policy", GroupName=group, PolicyName=name)
        if _may_deny(answer["PolicyDocument"]):
            yield str(name)
    for policy in aws.read_all("AttachedPolicies", "iam", "list_attached_group_policies", GroupName=group):
        policy_arn = policy["PolicyArn"]
        version = aws.read("iam", "get_policy", PolicyArn=policy_arn)["Policy"]["DefaultVersionId"]
        answer = aws.read("iam", "get_policy_version", PolicyArn=policy_arn, VersionId=version)
        if _may_deny(answer["PolicyVersion"]["Document"]):
            yield str(policy["PolicyName"])


def _may_deny(document: Any) -> bool:
    parsed = documents.parse(document)
    return parsed is None or documents.denies(parsed)
