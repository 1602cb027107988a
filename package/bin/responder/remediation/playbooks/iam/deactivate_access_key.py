"""Deactivate the access key that was used.

Facts: IAM API Reference, UpdateAccessKey (without UserName it acts on the caller's own key, so the owner is always
sent), GetAccessKeyLastUsed (names the owner of any key of the account); IAM User Guide, "Unique identifiers" (AKIA
and ASIA).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping

from ....errors import InvalidFinding, NotFound, RefusedByGuardrail
from ...playbook import Call, Change, Permission, Playbook, Verification
from ...steps import perform, read_back, require, tags_of

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

USERS = "arn:aws:iam::*:user/*"
ROOT = ("<root_account>", "root", "")


class DeactivateAccessKey(Playbook):
    """Sets the long-term access key that was used (`AKIA...`) to Inactive.

    Its owner is asked of IAM, not taken from the event. Keys of temporary sessions (`ASIA...`) and of the root user
    cannot be deactivated this way; the playbook says what to do instead. The responder's own key and user are never
    touched. A key that is inactive already is left alone.
    """

    id = "deactivate_access_key"
    title = "Deactivate access key"
    accepts = ()
    needs = ("vendor_account", "access_key_id")
    permissions = (
        Permission("iam:GetAccessKeyLastUsed", USERS),
        Permission("iam:GetUser", USERS),
        Permission("iam:ListAccessKeys", USERS),
        Permission("iam:UpdateAccessKey", USERS),
    )
    risk = "high"
    risk_note = (
        "Whatever works with the key stops. Sessions that were opened with it before live on until they expire. "
        "AWS may take minutes to refuse the key everywhere. The key is not deleted."
    )

    def plan(self, finding: Finding, aws: Aws, safety: Safety) -> List[Change]:
        require(self, finding)
        key = _long_term_key(finding)
        owner = _owner(key, aws)
        user = aws.read("iam", "get_user", UserName=owner)["User"]
        status = _status(aws, owner, key)
        if status == "Inactive":
            return []
        return [
            Change(
                resource=key,
                resource_type="AWS::IAM::AccessKey",
                account=aws.account.account_id,
                region="",
                summary=f"Deactivate access key {key} of user {owner}.",
                before={"UserName": owner, "Status": status},
                after={"UserName": owner, "Status": "Inactive"},
                calls=(_set_status(owner, key, "Inactive"),),
                undo_calls=(_set_status(owner, key, status),),
                tags=tags_of(user.get("Tags", ())),
                principals=(str(user["Arn"]), owner, key),
            )
        ]

    def apply(self, change: Change, aws: Aws) -> None:
        # The guardrails have seen to it; but a responder that locks itself out cannot even be undone.
        if any(aws.is_self(principal) for principal in change.principals):
            raise RefusedByGuardrail(f"{change.resource} is the responder's own key or user.")
        perform(change.calls, change, aws)

    def verify(self, change: Change, aws: Aws) -> Verification:
        return _await(change, aws, change.after)

    def undo(self, change: Change, aws: Aws) -> None:
        """Gives the key the status it had before."""
        perform(change.undo_calls, change, aws)

    def verify_undone(self, change: Change, aws: Aws) -> Verification:
        return _await(change, aws, change.before)


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


def _status(aws: Aws, owner: str, key: str) -> str:
    for listed in aws.read_all("AccessKeyMetadata", "iam", "list_access_keys", UserName=owner):
        if listed["AccessKeyId"] == key:
            return str(listed["Status"])
    raise NotFound(f"Access key {key} of user {owner} does not exist (any more).")


def _set_status(owner: str, key: str, status: str) -> Call:
    return Call("iam", "update_access_key", {"UserName": owner, "AccessKeyId": key, "Status": status})


def _await(change: Change, aws: Aws, wanted: Mapping[str, Any]) -> Verification:
    owner = str(wanted["UserName"])

    def read() -> Dict[str, Any]:
        return {"UserName": owner, "Status": _status(aws, owner, change.resource)}

    return read_back(
        aws,
        read,
        lambda state: state["Status"] == wanted["Status"],
        lambda state: f"Access key {change.resource} of user {owner} is {state['Status']}.",
    )
