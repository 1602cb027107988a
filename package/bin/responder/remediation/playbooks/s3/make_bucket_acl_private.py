"""Take the grants for everybody out of a bucket's ACL.

Facts: S3 User Guide, "Access control list (ACL) overview" (predefined groups); S3 API Reference, GetBucketAcl (of a
bucket with owner enforced it shows the owner's grant only), PutBucketAcl (``AccessControlListNotSupported``: ACLs have
no effect on this bucket).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ...buckets import BUCKETS, FACTS, BucketPlaybook, change
from ...model import Observation, Resource, Step
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

GRANTS, ACL = "Grants", "Acl"
PEOPLE = {"/AllUsers": "everyone", "/AuthenticatedUsers": "everyone with an AWS account"}


class MakeBucketAclPrivate(BucketPlaybook):
    """Takes the grants for everybody, and for everybody with an AWS account, out of a bucket's ACL.

    Other grants stay, as the ones for the delivery of logs. ACLs of objects stay as they are: `block_public_bucket`
    makes these ineffective, too. A bucket whose ACL is without effect has nothing to fix.
    """

    id = "make_bucket_acl_private"
    title = "Make bucket ACL private"
    detail_note = "`key`: it is empty where the ACL is the bucket's own"
    permissions = (
        *FACTS,
        Permission("s3:GetBucketAcl", BUCKETS),
        Permission("s3:PutBucketAcl", BUCKETS),
    )
    risk = "medium"
    risk_note = (
        "Everybody outside loses what the ACL gave. What the policy, access points and ACLs of objects allow stays."
    )
    undo_note = "Puts the former ACL back. S3 refuses that while the public access block forbids public ACLs."
    already = ("AccessControlListNotSupported",)

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        bucket, owner = arn.name_of(resource.id), aws.account.account_id
        acl = aws.read("s3", "get_bucket_acl", resource.region, Bucket=bucket, ExpectedBucketOwner=owner)
        whole = {"Owner": acl["Owner"], "Grants": acl["Grants"]}
        return {GRANTS: _lines(whole["Grants"]), ACL: whole}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if finding.detail.get("key"):
            raise InvalidFinding(
                "The finding is about the ACL of an object, not of the bucket.",
                "Make the object private by hand, or choose block_public_bucket, which makes its ACL ineffective.",
            )
        bucket, acl = arn.name_of(seen.resource.id), seen.state[ACL]
        kept = [grant for grant in acl["Grants"] if not _public(grant)]
        if len(kept) == len(acl["Grants"]):
            return ()
        forth = change(aws, "put_bucket_acl", bucket, AccessControlPolicy={**acl, "Grants": kept})
        back = change(aws, "put_bucket_acl", bucket, AccessControlPolicy=acl)
        return (Step(GRANTS, seen.state[GRANTS], _lines(kept), forth, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        gone = [line for step in steps for line in step.before if line not in step.after]
        return f"Take out of the ACL of bucket {arn.name_of(resource.id)}: {', '.join(gone)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"The ACL of bucket {arn.name_of(resource.id)} grants {', '.join(state[GRANTS]) or 'nothing'}."


def _lines(grants: Iterable[Mapping[str, Any]]) -> list[str]:
    """As in ``READ to everyone``."""
    return sorted(f"{grant.get('Permission')} to {_grantee(grant)}" for grant in grants)


def _grantee(grant: Mapping[str, Any]) -> str:
    grantee = grant.get("Grantee") or {}
    return _public(grant) or str(grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress") or "nobody")


def _public(grant: Mapping[str, Any]) -> str:
    """Which public it is for, in words; empty for a grant to somebody."""
    group = str((grant.get("Grantee") or {}).get("URI") or "")
    return next((people for end, people in PEOPLE.items() if group.endswith(f"/global{end}")), "")
