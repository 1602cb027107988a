"""Take the statements that let outsiders in out of a KMS key's policy, and never lock its account out.

Facts: KMS API Reference, GetKeyPolicy, PutKeyPolicy (refuses a policy by which the caller could not set another one);
KMS Developer Guide, "Default key policy" (the statement for the account lets IAM policies give access; without it a key
can become unmanageable).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import policy_documents
from ....errors import InvalidFinding
from ...keys import KEYS, read_key, target_of
from ...model import Call, Observation, Resource, Target
from ...outside_statements import OutsideStatements
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

#: Actions by which whoever has them can set the policy again.
MANAGE = frozenset(("*", "kms:*", "kms:put*", "kms:putkeypolicy"))


class RemoveOutsideKeyStatements(OutsideStatements):
    """Takes those statements out of a KMS key's policy that the event put there and that let in everybody, or accounts
    that are not yours.

    The rules are those of `remove_outside_bucket_statements`. The key's own account keeps the key: where the statement
    for everybody was the only one that lets it in, the one of the default key policy takes its place. Grants are not
    touched.
    """

    id = "remove_outside_key_statements"
    title = "Remove outside statements from key policy"
    accepts = ("AWS::KMS::ResourcePolicy", "AWS::KMS::Key")
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    services = ("kms",)
    permissions = (
        Permission("kms:DescribeKey", KEYS),
        Permission("kms:GetKeyPolicy", KEYS),
        Permission("kms:ListResourceTags", KEYS),
        Permission("kms:PutKeyPolicy", KEYS),
    )
    risk = "high"
    risk_note = (
        "Whoever was let in by the statement can no longer decrypt with the key: data shared with a partner cannot be "
        "read there. The app itself needs the key policy, or the account's statement in it, to allow it these calls."
    )
    kind = "key"
    event_service = "kms"
    event_names = ("PutKeyPolicy",)
    resource_paths = ("keyId",)
    policy_paths = ("policy",)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, key = read_key(target, aws)
        if key.get("KeyManager") == "AWS":
            raise InvalidFinding(f"{resource.id} is a key that AWS manages; nobody can change its policy.")
        return Observation(resource, self.state(resource, aws))

    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        found = aws.read("kms", "get_key_policy", resource.region, KeyId=resource.id, PolicyName="default")
        return str(found["Policy"])

    def kept(self, policy: Mapping[str, Any], kept: list[policy_documents.Statement], resource: Resource) -> str | None:
        root = f"arn:{resource.id.split(':')[1]}:iam::{resource.account}:root"
        had = any(_lets_account_in(one, resource.account) for one in policy_documents.statements(policy))
        if had and not any(_lets_account_in(one, resource.account) for one in kept):
            own = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
            kept = [{"Sid": "Enable IAM User Permissions", **own}, *kept]
        if not kept:
            raise InvalidFinding(
                f"Nothing would be left of the policy of key {self.name_of(resource)}, and nobody could manage it.",
                "Write a policy for it by hand.",
            )
        return policy_documents.with_statements(policy, kept)

    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        parameters = {"KeyId": resource.id, "PolicyName": "default", "Policy": policy or ""}
        return Call("kms", "put_key_policy", parameters)


def _lets_account_in(statement: policy_documents.Statement, account: str) -> bool:
    """Whether it lets the account, or everybody, manage the key."""
    if statement.get("Effect") != "Allow" or statement.get("Condition"):
        return False
    who, what = policy_documents.principals(statement), policy_documents.actions(statement)
    return bool({f"account {account}", "*"}.intersection(who)) and bool(MANAGE.intersection(what))
