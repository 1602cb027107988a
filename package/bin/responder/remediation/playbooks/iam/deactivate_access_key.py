"""Deactivate the access key that was used, or that was made.

Facts: IAM API Reference, UpdateAccessKey (without UserName it acts on the caller's own key, so the owner is always
sent), GetAccessKeyLastUsed (names the owner of any key of the account); IAM User Guide, "Unique identifiers" (AKIA
and ASIA).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, NotFound, RefusedByGuardrail
from ....findings.claims import Claim, caller
from ....findings.successes import Contained
from ....settings.model import AGE
from ...made import Made, Turn
from ...model import Call, Measured, Observation, Resource, Step, Target, epoch_of, tags_of
from ...permission import Permission
from ...playbook import Playbook
from . import _entities as entities

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

USERS = "arn:aws:iam::*:user/*"
ROOT = ("<root_account>", "root", "")


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    for key in record.answers("accessKey.accessKeyId"):
        yield {"object_category": "AWS::IAM::AccessKey", "object_id": key}


class DeactivateAccessKey(Playbook):
    """Sets the long-term access key that was used (`AKIA...`) to Inactive; where the finding is about another key, one
    that was made by the call that was found, it is that one, and the caller's key stays as it is.

    Its owner is looked up in IAM, not taken from the event. Keys of temporary sessions (`ASIA...`) and of the root user
    cannot be deactivated this way; the playbook says what to do instead. Keys of the responder's own users, in whatever
    account, are never touched. A key that is inactive already is left alone.
    """

    id = "deactivate_access_key"
    title = "Deactivate access key"
    required_fields = ("vendor_account",)
    detail_note = "nothing: `access_key_id` is the key; of a key that was made, `object_id` (`AWS::IAM::AccessKey`)"
    services = ("iam",)
    permissions = (
        Permission("iam:GetAccessKeyLastUsed", USERS),
        Permission("iam:GetUser", USERS),
        Permission("iam:ListAccessKeys", USERS),
        Permission("iam:UpdateAccessKey", USERS),
    )
    takes_back = (Made("iam", ("CreateAccessKey",), _taken_back, Turn.CREDENTIALS),)
    risk = "high"
    risk_note = (
        "Everything that uses the key stops working. Sessions that were opened with it before last until they expire. "
        "AWS may take minutes to refuse the key everywhere. The key is not deleted."
    )
    undo_note = "Gives the key the status it had before."
    regional = False
    measures = (AGE,)

    def missing(self, finding: Finding) -> list[str]:
        """The key that was used, unless the finding is about one that was made."""
        is_about_a_key = bool(finding.object_id) and finding.object_category == "AWS::IAM::AccessKey"
        found = super().missing(finding)
        return found if finding.access_key_id or is_about_a_key else [*found, "access_key_id"]

    def claims(self, finding: Finding) -> Sequence[Claim]:
        made = _made_key(finding)
        if made:
            return (Claim("new access key", made, _keys_made),)
        return (caller(finding.access_key_id, finding.vendor_account),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(_made_key(finding) or _long_term_key(finding)),)

    def read(self, target: Target, aws: Aws) -> Observation:
        key = target.id
        owner = _owner(key, aws)
        user = aws.read("iam", "get_user", UserName=owner)["User"]
        keys = _keys(aws, owner)
        resource = Resource(
            id=key,
            type="AWS::IAM::AccessKey",
            account=aws.account.account_id,
            tags=tags_of(user.get("Tags", ())),
            principals=(str(user["Arn"]), key),
            access_keys=tuple(keys),
        )
        return Observation(resource, _status(key, owner, keys))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        owner = _owner_of(resource)
        return _status(resource.id, owner, _keys(aws, owner))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        status, owner = seen.state["Status"], _owner_of(seen.resource)
        if status == "Inactive":
            return ()
        key = seen.resource.id
        return (Step("Status", status, "Inactive", _set(owner, key, "Inactive"), _set(owner, key, status)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Deactivate access key {resource.id} of user {_owner_of(resource)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Access key {resource.id} of user {_owner_of(resource)} is {state['Status']}."

    def contains(self, resource: Resource) -> Contained | None:
        return Contained(f"access key {resource.id}", access_keys=(resource.id,))

    def measure(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Measured:
        keys = aws.read_all("AccessKeyMetadata", "iam", "list_access_keys", UserName=_owner_of(resource))
        made = next((key.get("CreateDate") for key in keys if key["AccessKeyId"] == resource.id), None)
        return Measured(created_at=epoch_of(made))

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        used = aws.read("iam", "get_access_key_last_used", AccessKeyId=resource.id).get("AccessKeyLastUsed") or {}
        others = len(resource.access_keys) - 1
        has = f"Its user has {others or 'no'} other access key{'' if others == 1 else 's'}."
        if not used.get("LastUsedDate"):
            return ["The key was never used, as far as IAM tells.", has]
        where = f"for {used.get('ServiceName') or 'a service'} in {used.get('Region') or 'a region'}"
        return [f"The key was last used {entities.day(used['LastUsedDate'])} {where}.", has]


def _made_key(finding: Finding) -> str:
    """The key that the finding is about, if it is another than the caller's."""
    key = finding.object_id
    is_key = finding.object_category == "AWS::IAM::AccessKey" and key.startswith("AKIA")
    return key if is_key and key != finding.access_key_id else ""


def _keys_made(record: CloudTrailRecord) -> Iterator[str]:
    if record.service == "iam" and record.succeeded and record.event_name == "CreateAccessKey":
        yield entities.at(record, "responseElements.accessKey.accessKeyId")


def _long_term_key(finding: Finding) -> str:
    key = finding.access_key_id
    if finding.user_type == "Root":
        raise _root(key)
    if key.startswith("ASIA"):
        raise InvalidFinding(
            f"{key} belongs to a temporary session, which has no key to deactivate.",
            "Revoke the sessions of its role or user in IAM, and deactivate the user's own keys.",
        )
    if not key.startswith("AKIA"):
        raise InvalidFinding(
            f"The finding names no access key ('{key[:40]}').",
            "Let the search set access_key_id to the key that was used.",
        )
    return key


def _root(key: str) -> RefusedByGuardrail:
    return RefusedByGuardrail(
        f"{key or 'The key'} is a key of the account's root user, which only root can change.",
        "Sign in as root (or use central root access) and delete the key; change root's password and check its MFA.",
    )


def _owner(key: str, aws: Aws) -> str:
    """The user a key belongs to, from IAM and not from the event, whose caller may be somebody else."""
    owner = str(aws.read("iam", "get_access_key_last_used", AccessKeyId=key).get("UserName") or "")
    if owner in ROOT:
        raise _root(key)
    return owner


def _owner_of(resource: Resource) -> str:
    return arn.name_of(resource.principals[0])


def _keys(aws: Aws, owner: str) -> dict[str, str]:
    """Status by key, of every key of a user."""
    listed = aws.read_all("AccessKeyMetadata", "iam", "list_access_keys", UserName=owner)
    return {str(key["AccessKeyId"]): str(key["Status"]) for key in listed}


def _status(key: str, owner: str, keys: Mapping[str, str]) -> dict[str, str]:
    if key not in keys:
        raise NotFound(f"Access key {key} of user {owner} does not exist (any more).")
    return {"Status": keys[key]}


def _set(owner: str, key: str, status: str) -> Call:
    return Call("iam", "update_access_key", {"UserName": owner, "AccessKeyId": key, "Status": status})
