"""Take everything from a user that somebody has just created.

Facts: as in the playbooks for each part; IAM API Reference, GetUser (``CreateDate``). A user is never deleted: it is
evidence, and what it has would have to be deleted first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim
from ....findings.successes import Contained
from ...made import Made, Turn
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from . import _documents as documents
from . import _entities as entities
from . import _inline_room as inline_room
from ._credentials import CERTIFICATE, SERVICE, SSH_KEY
from ._entities import GROUPS, USER, USERS
from ._quarantine import DENY_ALL, POLICY

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

KEY, GROUP, MANAGED, INLINE = "Access key ", "Group ", "Policy ", "Inline policy "
CREDENTIALS = (SERVICE, CERTIFICATE, SSH_KEY)
#: Seconds around the finding in which the user was made.
NEAR = 900.0


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    for user in record.parameters("userName"):
        yield {"object_category": USER.type, "object_id": user}


class ContainNewUser(entities.OnEntity):
    """Leaves a user that was just created without rights and credentials, a step for each thing that it has.

    First it denies everything by the inline policy `CloudTrailResponder-Quarantine`, so that nothing that is made
    meanwhile is of use; where the user's inline policies leave no room for it, they go before that. Then it deletes
    inline policies, deactivates access keys, service-specific credentials, signing certificates and SSH public keys,
    takes the user out of its groups and detaches managed policies. A console password is left, without any right
    behind it: AWS could not give it back. `remove_console_login` deletes it.

    It acts only on the very user that the finding's CreateUser call has made, not on an older or later one of the name.
    """

    id = "contain_new_user"
    title = "Contain new user"
    accepts = (USER.type,)
    required_fields = ("vendor_account", "object_id", "first_time", "last_time")
    detail_note = "nothing: `object_id` is the user"
    services = ("iam",)
    permissions = (
        *entities.reading(USER),
        Permission("iam:UpdateAccessKey", USERS),
        *(permission for kind in CREDENTIALS for permission in kind.permissions),
        Permission("iam:ListGroupsForUser", USERS),
        Permission("iam:RemoveUserFromGroup", GROUPS),
        Permission("iam:AddUserToGroup", GROUPS),
        Permission("iam:ListAttachedUserPolicies", USERS),
        Permission("iam:DetachUserPolicy", USERS),
        Permission("iam:AttachUserPolicy", USERS),
        Permission("iam:ListUserPolicies", USERS),
        Permission("iam:GetUserPolicy", USERS),
        Permission("iam:PutUserPolicy", USERS),
        Permission("iam:DeleteUserPolicy", USERS),
    )
    takes_back = (Made("iam", ("CreateUser",), _taken_back, Turn.CREDENTIALS),)
    risk = "medium"
    risk_note = (
        "If the user was meant, whoever waits for it cannot work until it is undone. Nothing older than the user is "
        "touched. Infrastructure as code may give the user its policies again; they stay without effect."
    )
    undo_note = (
        "Gives everything back, in the opposite order, and removes the denial last, or right before inline policies "
        "that need its room."
    )
    regional = False
    proved_on = "moto, with a double of the calls about service-specific credentials, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        kind, name = entities.named_in(finding, USER)
        return (entities.claim_of("new user", kind, name, name, ("CreateUser",), "requestParameters.userName"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (entities.target_of(*entities.named_in(finding, USER), aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, _ = entities.read(target.id, aws)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return dict(_state(arn.name_of(resource.id), aws))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        user = arn.name_of(seen.resource.id)
        _check_new(finding, user, aws)
        return tuple(_steps(user, seen.state, aws))

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        parts = []
        for start, words in ((KEY, "access key"), (GROUP, "group"), (MANAGED, "policy"), (INLINE, "inline policy")):
            aspects = [step.aspect for step in steps if step.aspect != INLINE + POLICY]
            names = [aspect[len(start) :] for aspect in aspects if aspect.startswith(start)]
            parts += [f"{words} {', '.join(names)}"] if names else []
        parts += [step.aspect for step in steps for kind in CREDENTIALS if step.aspect.startswith(kind.words)]
        denied = "deny everything, and " if any(step.aspect == INLINE + POLICY for step in steps) else ""
        who = entities.entity_words(resource)
        return f"Contain {who}: {denied}take away {'; '.join(parts) or 'nothing more'}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        said = (f"{one}: {_words(state.get(one))}" for one in aspects)
        return f"The {entities.entity_words(resource)} has {', '.join(said)}."

    def contains(self, resource: Resource) -> Contained | None:
        return Contained(entities.entity_words(resource), principals=(resource.id,))

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return entities.used_words(resource, aws)


def _words(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value or "none")


def _state(user: str, aws: Aws) -> Iterator[tuple[str, Any]]:
    yield INLINE + POLICY, None
    for name in aws.read_all("PolicyNames", "iam", "list_user_policies", UserName=user):
        answer = aws.read_if(("NoSuchEntity",), "iam", "get_user_policy", UserName=user, PolicyName=name)
        if answer is not None:
            yield f"{INLINE}{name}", documents.lines(answer["PolicyDocument"])
    for key in aws.read_all("AccessKeyMetadata", "iam", "list_access_keys", UserName=user):
        yield f"{KEY}{key['AccessKeyId']}", str(key["Status"])
    for kind in CREDENTIALS:
        yield from kind.statuses(user, aws).items()
    for group in aws.read_all("Groups", "iam", "list_groups_for_user", UserName=user):
        yield f"{GROUP}{group['GroupName']}", "member"
    for policy in aws.read_all("AttachedPolicies", "iam", "list_attached_user_policies", UserName=user):
        yield f"{MANAGED}{policy['PolicyArn']}", "attached"


def _check_new(finding: Finding, user: str, aws: Aws) -> None:
    made = aws.read("iam", "get_user", UserName=user)["User"]["CreateDate"]
    if isinstance(made, datetime):
        at = made.astimezone(timezone.utc).timestamp()
        if finding.first_time - NEAR <= at <= finding.last_time + NEAR:
            return
    raise InvalidFinding(
        f"User {user} was created {entities.day(made)}, and not by the call that was found.",
        "Look at the user in IAM; to stop it, use the playbook quarantine_user.",
    )


def _steps(user: str, state: Mapping[str, Any], aws: Aws) -> Iterator[Step]:
    deny, inline = list(_denial(user, state, aws)), list(_inline(user, state, aws))
    documents_left = [step.undo.parameters["PolicyDocument"] for step in inline if step.undo]
    is_full = inline_room.size([*documents_left, DENY_ALL]) > inline_room.MOST[USER.name]
    # Where they leave no room for the denial, what he has filled it with goes first.
    yield from (*inline, *deny) if is_full else (*deny, *inline)
    for aspect, value in state.items():
        name = aspect.rpartition(" ")[2]
        if aspect.startswith(KEY) and value == "Active":
            given = {"UserName": user, "AccessKeyId": name}
            calls = [Call("iam", "update_access_key", {**given, "Status": one}) for one in ("Inactive", value)]
            yield Step(aspect, value, "Inactive", *calls)
        for kind in CREDENTIALS:
            if aspect.startswith(kind.words) and value == "Active":
                yield kind.step(user, aspect, value)
        if aspect.startswith(GROUP):
            given = {"UserName": user, "GroupName": name}
            calls = [Call("iam", "remove_user_from_group", given), Call("iam", "add_user_to_group", given)]
            yield Step(aspect, value, None, *calls)
        if aspect.startswith(MANAGED):
            given = {"UserName": user, "PolicyArn": name}
            calls = [Call("iam", "detach_user_policy", given), Call("iam", "attach_user_policy", given)]
            yield Step(aspect, value, None, *calls)


def _denial(user: str, state: Mapping[str, Any], aws: Aws) -> Iterator[Step]:
    deny, quarantine = documents.lines(DENY_ALL), INLINE + POLICY
    if state[quarantine] != deny:
        back = _put(user, POLICY, _document(user, POLICY, aws)) if state[quarantine] else _delete(user, POLICY)
        yield Step(quarantine, state[quarantine], deny, _put(user, POLICY, DENY_ALL), back)


def _inline(user: str, state: Mapping[str, Any], aws: Aws) -> Iterator[Step]:
    for aspect, value in state.items():
        if aspect.startswith(INLINE) and aspect != INLINE + POLICY:
            name = aspect[len(INLINE) :]
            yield Step(aspect, value, None, _delete(user, name), _put(user, name, _document(user, name, aws)))


def _document(user: str, policy: str, aws: Aws) -> documents.Document:
    answer = aws.read("iam", "get_user_policy", UserName=user, PolicyName=policy)
    document = documents.parse(answer["PolicyDocument"])
    if document is None:
        raise InvalidFinding(f"Inline policy {policy} of user {user} cannot be read.", "Look at it in IAM.")
    return document


def _put(user: str, policy: str, document: documents.Document) -> Call:
    given = {"UserName": user, "PolicyName": policy, "PolicyDocument": documents.text(document)}
    return Call("iam", "put_user_policy", given)


def _delete(user: str, policy: str) -> Call:
    return Call("iam", "delete_user_policy", {"UserName": user, "PolicyName": policy})
