"""IAM users, roles and groups: how a finding names them, what a change of them touches, what records say of them.

Facts: IAM API Reference (GetUser, GetRole, GetGroup, ListAccessKeys); IAM User Guide, "Create a service-linked role"
(IAM lets nobody change its policies); IAM Identity Center User Guide, "Referencing permission sets in resource
policies" (names of its roles).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .... import arn
from ....errors import InvalidFinding, RefusedByGuardrail
from ....findings.claims import Claim
from ....findings.cloudtrail import leaves
from ....settings.model import AGE
from ...model import Measured, Resource, Target, epoch_of, tags_of
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding

USERS, ROLES, GROUPS = (f"arn:aws:iam::*:{kind}/*" for kind in ("user", "role", "group"))


class Kind(NamedTuple):
    #: As in ARNs and in the names of IAM's calls.
    name: str
    type: str
    #: What IAM's calls name it by; CloudTrail writes it with a small letter.
    parameter: str
    resources: str
    #: What ``read`` needs.
    reading: tuple[str, ...]


USER = Kind("user", "AWS::IAM::User", "UserName", USERS, ("iam:GetUser", "iam:ListAccessKeys"))
ROLE = Kind("role", "AWS::IAM::Role", "RoleName", ROLES, ("iam:GetRole",))
GROUP = Kind("group", "AWS::IAM::Group", "GroupName", GROUPS, ("iam:GetGroup",))
KINDS = (USER, ROLE, GROUP)


def reading(*kinds: Kind) -> tuple[Permission, ...]:
    """The permissions to read entities of these kinds."""
    return tuple(Permission(action, kind.resources) for kind in kinds for action in kind.reading)


# What a finding names


def named_in(finding: Finding, *kinds: Kind) -> tuple[Kind, str]:
    """Kind and name of the entity that a finding is about."""
    given = arn.parse(finding.object_id)
    words = " or ".join(kind.name for kind in kinds)
    for kind in kinds:
        by_type, by_arn = finding.object_category == kind.type, given is not None and given.kind == kind.name
        if by_arn or (by_type and given is None and finding.object_id):
            if given is not None and (given.service, given.account) != ("iam", finding.vendor_account):
                break
            return kind, checked(arn.name_of(finding.object_id), kind)
    raise InvalidFinding(
        f"The finding names no IAM {words} of account {finding.vendor_account} ('{finding.object_id[:80]}').",
        f"Let the search set object_category (as in {kinds[0].type}) and object_id (its name or ARN).",
    )


def word_in(finding: Finding, name: str, what: str) -> str:
    """A text in the finding's ``detail``. Raises InvalidFinding where there is none."""
    value = finding.detail.get(name)
    if not isinstance(value, str) or not value or len(value) > 2048:
        raise InvalidFinding(f"The finding names no {what}.", f"Let the search set detail.{name}.")
    return value


def checked(name: str, kind: Kind) -> str:
    """IAM's names: letters, digits and ``+=,.@_-`` (IAM User Guide, "IAM and AWS STS quotas")."""
    if not name or len(name) > 128 or not all(c.isalnum() or c in "+=,.@_-" for c in name) or not name.isascii():
        raise InvalidFinding(f"'{name[:80]}' is no name of an IAM {kind.name}.", "Correct the search.")
    return name


def target_of(kind: Kind, name: str, aws: Aws) -> Target:
    """An ARN without a path: ``read`` finds out the whole one."""
    return Target(arn_in(aws, "iam", "", f"{kind.name}/{name}"))


def kind_of(entity: str) -> Kind:
    """Of an ARN."""
    named = arn.parse(entity)
    return next(kind for kind in KINDS if named is not None and named.kind == kind.name)


# What AWS says


def read(entity: str, aws: Aws) -> tuple[Resource, Mapping[str, Any]]:
    """An entity by its ARN, and IAM's own answer of it. Raises NotFound."""
    kind, name = kind_of(entity), arn.name_of(entity)
    answer = aws.read("iam", f"get_{kind.name}", **{kind.parameter: name})
    said = answer[kind.name.title()]
    principals, keys = [str(said["Arn"])], []
    if kind is GROUP:
        members = answer["Users"]
        if answer.get("IsTruncated"):
            members = aws.read_all("Users", "iam", "get_group", GroupName=name)
        principals += [str(user["Arn"]) for user in members]
    if kind is USER:
        listed = aws.read_all("AccessKeyMetadata", "iam", "list_access_keys", UserName=name)
        keys = [str(key["AccessKeyId"]) for key in listed]
    resource = Resource(
        id=str(said["Arn"]),
        type=kind.type,
        account=aws.account.account_id,
        tags=tags_of(said.get("Tags", ())),
        principals=tuple(principals),
        access_keys=tuple(keys),
        unique_id=str(said[f"{kind.name.title()}Id"]),
    )
    return resource, said


def found(entity: str, aws: Aws) -> Mapping[str, Any]:
    """IAM's own answer of a user or role. Raises NotFound."""
    kind = kind_of(entity)
    answer: Mapping[str, Any] = aws.read("iam", f"get_{kind.name}", **{kind.parameter: arn.name_of(entity)})
    said: Mapping[str, Any] = answer[kind.name.title()]
    return said


def refuse_roles_of_aws(resource: Resource) -> None:
    """Raises RefusedByGuardrail for roles that IAM lets nobody change, with what to do instead."""
    named = arn.parse(resource.id)
    if named is None or named.kind != ROLE.name:
        return
    if "aws-service-role" in named.resource.split("/"):
        raise RefusedByGuardrail(
            f"{resource.id} is a service-linked role, which IAM lets nobody change.",
            "Stop what happens in the service that owns the role, or deny it with an organization's policy.",
        )
    if named.name.startswith("AWSReservedSSO_"):
        raise RefusedByGuardrail(
            f"{resource.id} belongs to IAM Identity Center, which alone can change it.",
            "Remove the person's assignment there; to end sessions that go on, put a Deny into the permission set's "
            "inline policy and provision it.",
        )


def entity_words(resource: Resource) -> str:
    """As people call it: ``user alice``."""
    return f"{kind_of(resource.id).name} {arn.name_of(resource.id)}"


def members_words(resource: Resource) -> list[str]:
    """Who else a change of a group touches: a sentence, none of other entities."""
    if kind_of(resource.id) is not GROUP:
        return []
    members = [arn.name_of(user) for user in resource.principals[1:]]
    more = f" and {len(members) - 10} more" if len(members) > 10 else ""
    return [f"The group has {_count(members, 'member')}{': ' if members else ''}{', '.join(members[:10])}{more}."]


def used_words(resource: Resource, aws: Aws) -> list[str]:
    """When a role or a user's password was last used, as far as IAM knows: a sentence, none of a group."""
    kind = kind_of(resource.id)
    if kind is GROUP:
        return []
    answer = found(resource.id, aws)
    if kind is USER:
        used = answer.get("PasswordLastUsed")
        return [f"Its console password was last used {day(used)}." if used else "Its console password was never used."]
    used = answer.get("RoleLastUsed") or {}
    if not used.get("LastUsedDate"):
        return ["The role was not used in the last 400 days, as far as IAM tells."]
    return [f"The role was last used {day(used['LastUsedDate'])} in {used.get('Region') or 'an unknown region'}."]


def day(time: Any) -> str:
    return f"on {time:%Y-%m-%d at %H:%M UTC}" if hasattr(time, "strftime") else f"at {time}"


def _count(things: Sequence[Any], word: str) -> str:
    return f"{len(things) or 'no'} {word}{'' if len(things) == 1 else 's'}"


class OnEntity(Playbook):
    """A playbook whose resource is a user, a role or a group."""

    measures: tuple[str, ...] = (AGE,)

    def measure(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Measured:
        return Measured(created_at=epoch_of(found(resource.id, aws).get("CreateDate")))


# What records say


def at(record: CloudTrailRecord, path: str) -> str:
    """The text at a path of a record, as in ``responseElements.user.userName``; empty where there is none."""
    value: Any = record.fields
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return next(leaves(value), "") if not isinstance(value, (Mapping, list)) else ""


def entity_at(record: CloudTrailRecord) -> tuple[Kind, str] | None:
    """The user, role or group that an IAM call is about."""
    for kind in KINDS:
        name = at(record, f"requestParameters.{lower(kind.parameter)}")
        if name:
            return kind, name
    return None


def names(about: tuple[Kind, str] | None) -> dict[str, str]:
    """What a finding about this user, role or group names; nothing for none."""
    return {"object_category": about[0].type, "object_id": about[1]} if about else {}


def calls(name: str, *kinds: Kind) -> tuple[str, ...]:
    """The calls of a name for each kind, or for all: ``Put{}Policy``."""
    return tuple(name.format(kind.name.title()) for kind in kinds or KINDS)


def lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def is_about(record: CloudTrailRecord, kind: Kind, name: str) -> bool:
    return record.service == "iam" and record.succeeded and entity_at(record) == (kind, name)


def claim_of(what: str, kind: Kind, name: str, value: str, events: Iterable[str], *paths: str) -> Claim:
    """A value stands at one of the paths of a call of this name about this entity."""
    events = tuple(events)

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        found = entity_at(record)
        if record.service == "iam" and record.succeeded and record.event_name in events and found:
            for path in paths:
                if at(record, path):
                    yield f"{found[0].name} {found[1]}: {at(record, path)}"

    return Claim(what, f"{kind.name} {name}: {value}", values_in)
