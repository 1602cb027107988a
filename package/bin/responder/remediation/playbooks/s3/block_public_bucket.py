"""Shut the public out of an S3 bucket by its public access block.

The four settings neutralise public ACLs and policies without destroying them: nothing is lost, and one call takes it
back. Facts: S3 User Guide, "Blocking public access to your Amazon S3 storage".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from ....aws import arn
from ....errors import InvalidFinding, RefusedByGuardrail
from ...playbook import Call, Change, Permission, Playbook, Verification
from ...steps import perform, read_back, require, tags_of

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

BUCKETS = "arn:aws:s3:::*"
BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_PUBLIC = ("/AllUsers", "/AuthenticatedUsers")


class BlockPublicBucket(Playbook):
    """Turns on all four settings of the bucket's public access block.

    They take the effect from public ACLs and policies, old and new, without changing either; both are kept as evidence.
    A bucket that has all four on is left alone, and so is one that serves a static website.
    """

    id = "block_public_bucket"
    title = "Block public access to bucket"
    accepts = ("AWS::S3::Bucket",)
    needs = ("vendor_account", "vendor_region", "object_id")
    permissions = (
        Permission("s3:GetBucketPublicAccessBlock", BUCKETS),
        Permission("s3:GetBucketAcl", BUCKETS),
        Permission("s3:GetBucketPolicy", BUCKETS),
        Permission("s3:GetBucketPolicyStatus", BUCKETS),
        Permission("s3:GetBucketTagging", BUCKETS),
        Permission("s3:GetBucketWebsite", BUCKETS),
        Permission("s3:PutBucketPublicAccessBlock", BUCKETS),
    )
    risk = "medium"
    risk_note = (
        "Everybody outside loses access, also to objects that were meant to be public: protect such buckets by a tag "
        "or by name. A bucket with a static website is left alone. ACL and policy stay as they are, without effect."
    )

    def plan(self, finding: Finding, aws: Aws, safety: Safety) -> List[Change]:
        require(self, finding)
        bucket, region = _bucket_of(finding), finding.vendor_region
        block = _block(aws, bucket, region)
        if block == BLOCKED:
            return []
        if _optional(aws, "get_bucket_website", bucket, region, "NoSuchWebsiteConfiguration") is not None:
            raise RefusedByGuardrail(
                f"Bucket {bucket} serves a static website, which would go dark.",
                "If it should not, remove the website configuration or block public access by hand.",
            )
        tags = _optional(aws, "get_bucket_tagging", bucket, region, "NoSuchTagSet") or {}
        return [
            Change(
                resource=f"arn:{arn.partition_of(region)}:s3:::{bucket}",
                resource_type="AWS::S3::Bucket",
                account=aws.account.account_id,
                region=region,
                summary=f"Block all public access to bucket {bucket}.",
                before={"PublicAccessBlock": block, **_exposure(aws, bucket, region)},
                after={"PublicAccessBlock": BLOCKED},
                calls=(_put(aws, bucket, BLOCKED),),
                undo_calls=(_put(aws, bucket, block),),
                tags=tags_of(tags.get("TagSet", ())),
            )
        ]

    def apply(self, change: Change, aws: Aws) -> None:
        perform(change.calls, change, aws)

    def verify(self, change: Change, aws: Aws) -> Verification:
        return _await(change, aws, BLOCKED)

    def undo(self, change: Change, aws: Aws) -> None:
        """Puts the former settings back, or removes the public access block if the bucket had none."""
        perform(change.undo_calls, change, aws)

    def verify_undone(self, change: Change, aws: Aws) -> Verification:
        return _await(change, aws, change.before["PublicAccessBlock"])


def _bucket_of(finding: Finding) -> str:
    named = arn.parse(finding.object_id)
    bucket = named.resource if named and named.service == "s3" else finding.object_id
    if not _NAME.fullmatch(bucket):
        raise InvalidFinding(
            f"The finding names no bucket ('{finding.object_id[:80]}').",
            "Let the search set object_id to its name or ARN.",
        )
    return bucket


def _optional(aws: Aws, operation: str, bucket: str, region: str, absent: str) -> Optional[Dict[str, Any]]:
    """None when the bucket has no such setting. The owner is sent so that nobody else's bucket is ever touched."""
    return aws.read_if((absent,), "s3", operation, region, Bucket=bucket, ExpectedBucketOwner=aws.account.account_id)


def _block(aws: Aws, bucket: str, region: str) -> Optional[Dict[str, bool]]:
    """The four settings as they are; None when the bucket has none."""
    answer = _optional(aws, "get_public_access_block", bucket, region, "NoSuchPublicAccessBlockConfiguration")
    if answer is None:
        return None
    return {name: bool(answer["PublicAccessBlockConfiguration"].get(name)) for name in BLOCKED}


def _exposure(aws: Aws, bucket: str, region: str) -> Dict[str, Any]:
    """What makes the bucket public now: evidence, and never written back."""
    acl = aws.read("s3", "get_bucket_acl", region, Bucket=bucket, ExpectedBucketOwner=aws.account.account_id)
    policy = _optional(aws, "get_bucket_policy", bucket, region, "NoSuchBucketPolicy")
    status = _optional(aws, "get_bucket_policy_status", bucket, region, "NoSuchBucketPolicy") or {}
    public = [g for g in acl.get("Grants", ()) if str(g.get("Grantee", {}).get("URI", "")).endswith(_PUBLIC)]
    return {
        "PublicGrants": public,
        "PolicyIsPublic": bool(status.get("PolicyStatus", {}).get("IsPublic")),
        "Policy": policy["Policy"] if policy else None,
    }


def _put(aws: Aws, bucket: str, block: Optional[Mapping[str, bool]]) -> Call:
    parameters: Dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": aws.account.account_id}
    if block is None:
        return Call("s3", "delete_public_access_block", parameters)
    return Call("s3", "put_public_access_block", {**parameters, "PublicAccessBlockConfiguration": dict(block)})


def _await(change: Change, aws: Aws, wanted: Optional[Mapping[str, bool]]) -> Verification:
    bucket = str(change.calls[0].parameters["Bucket"])

    def say(state: Mapping[str, Any]) -> str:
        block = state["PublicAccessBlock"]
        if block is None:
            return f"Bucket {bucket} has no public access block."
        off = [name for name, on in block.items() if not on]
        return f"Bucket {bucket} has " + (f"{', '.join(off)} off." if off else "all four public access settings on.")

    return read_back(
        aws,
        lambda: {"PublicAccessBlock": _block(aws, bucket, change.region)},
        lambda state: state["PublicAccessBlock"] == wanted,
        say,
    )
