"""The user or role whose sessions and rights a finding is about: the one it names, else whoever made its calls.

Facts: CloudTrail User Guide, "CloudTrail userIdentity element"; IAM User Guide, "Unique identifiers" (AKIA and ASIA);
GetAccessKeyLastUsed names the owner of any key of the account.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .... import arn
from ....errors import InvalidFinding, RefusedByGuardrail
from ....findings.claims import Claim, caller
from . import _entities as entities
from ._entities import KINDS, ROLE, USER, Kind

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ...model import Target


def target(finding: Finding, aws: Aws, *kinds: Kind) -> Target:
    """Raises InvalidFinding, or RefusedByGuardrail for root, saying what to do instead."""
    kind, name = _named(finding)
    if not name:
        kind, name = USER, _owner(finding.access_key_id, aws)
    if kind not in kinds:
        other = f"The finding is about {kind.name} {name}."
        raise InvalidFinding(other, f"Choose the playbook for a {kind.name} in the alert action.")
    return entities.target_of(kind, name, aws)


def claims(finding: Finding) -> Sequence[Claim]:
    """Whoever is meant made a call, or was changed by one; a key was used."""
    kind, name = _named(finding)
    if not name:
        return (caller(finding.access_key_id, finding.vendor_account),)
    account = finding.vendor_account

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        if record.caller_account == account:
            yield from (f"{one.name} {of}" for one, of in map(_principal, record.caller_arns) if of)
        about = entities.entity_at(record)
        if record.service == "iam" and record.succeeded and about:
            yield f"{about[0].name} {about[1]}"

    return (Claim("principal", f"{kind.name} {name}", values_in),)


def _named(finding: Finding) -> tuple[Kind, str]:
    """Kind and name; no name where only a long-term key is known."""
    if finding.object_category in (USER.type, ROLE.type) and finding.object_id:
        return _from_arn(finding, finding.object_id) or entities.named_in(finding, USER, ROLE)
    if finding.user_type == "Root":
        raise _root()
    by_arn = _from_arn(finding, finding.user_arn)
    if by_arn:
        return by_arn
    if finding.access_key_id.startswith("AKIA"):
        return USER, ""
    raise InvalidFinding(
        f"The finding does not say whose session it was ('{(finding.user_arn or finding.access_key_id)[:80]}').",
        "Let the search set user_arn to userIdentity.arn, or object_category and object_id to the user or role.",
    )


def _from_arn(finding: Finding, text: str) -> tuple[Kind, str] | None:
    named = arn.parse(text)
    if named is None:
        return None
    if named.kind == "root":
        raise _root()
    if named.kind == "federated-user":
        raise InvalidFinding(
            f"{text[:120]} is a session that a user's key has opened by GetFederationToken; it is no user itself.",
            "Use this playbook on the user who made that call: its sessions end with it.",
        )
    kind, name = _principal(text)
    if not name or named.account != finding.vendor_account:
        raise InvalidFinding(
            f"{text[:120]} is no user or role of account {finding.vendor_account}.",
            "Remediate it in its own account.",
        )
    return kind, entities.checked(name, kind)


def _principal(text: str) -> tuple[Kind, str]:
    """Of an ARN: a role's session is its role. No name where it is neither."""
    named = arn.parse(text)
    kind = "role" if named is not None and named.kind == "assumed-role" else named.kind if named else ""
    found = next((one for one in KINDS if one.name == kind and one is not entities.GROUP), None)
    return (found, named.name) if found and named else (USER, "")


def _owner(key: str, aws: Aws) -> str:
    owner = str(aws.read("iam", "get_access_key_last_used", AccessKeyId=key).get("UserName") or "")
    if owner in ("<root_account>", "root", ""):
        raise _root()
    return owner


def _root() -> RefusedByGuardrail:
    return RefusedByGuardrail(
        "It is the account's root user, whom no policy of the account limits.",
        "Sign in as root: change its password, delete its access keys, check its MFA. Of a member of an organization, "
        "a service control policy limits root.",
    )
