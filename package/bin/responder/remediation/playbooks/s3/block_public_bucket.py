"""Shut the public out of an S3 bucket by its public access block.

The four settings neutralize public ACLs and policies without destroying them: nothing is lost, and one call takes it
back. Facts: S3 User Guide, "Blocking public access to your Amazon S3 storage"; S3 API Reference, GetBucketLocation (no
location is us-east-1, ``EU`` is eu-west-1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, RefusedByGuardrail, Unavailable
from ....findings.claims import Claim, resource_at
from ...playbook import Call, Observation, Permission, Playbook, Resource, Step, Target, tags_of

if TYPE_CHECKING:
    from ....aws.client import Answer, Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

BUCKETS = "arn:aws:s3:::*"
BLOCK = "PublicAccessBlock"
BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_PUBLIC = ("/AllUsers", "/AuthenticatedUsers")
_OLD_LOCATIONS = {"": "us-east-1", "EU": "eu-west-1"}


class BlockPublicBucket(Playbook):
    """Turns on all four settings of the bucket's public access block.

    They make public ACLs and policies, old and new, ineffective without changing either; both are kept as evidence.
    A bucket that has all four on is left alone, and so is one that serves a static website. The bucket's region is the
    one S3 names, whatever the finding says.
    """

    id = "block_public_bucket"
    title = "Block public access to bucket"
    accepts = ("AWS::S3::Bucket",)
    required_fields = ("vendor_account", "object_id")
    detail_note = "nothing: `object_id` is the bucket's name or ARN"
    services = ("s3",)
    permissions = (
        Permission("s3:GetBucketLocation", BUCKETS),
        Permission("s3:GetBucketPublicAccessBlock", BUCKETS),
        Permission("s3:GetBucketAcl", BUCKETS),
        Permission("s3:GetBucketPolicy", BUCKETS),
        Permission("s3:GetBucketPolicyStatus", BUCKETS),
        Permission("s3:GetBucketTagging", BUCKETS),
        Permission("s3:GetBucketWebsite", BUCKETS),
        Permission(
            "s3:PutBucketPublicAccessBlock",
            BUCKETS,
            events=("PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"),
        ),
    )
    risk = "medium"
    risk_note = (
        "Everybody outside loses access, including to objects that were meant to be public: protect such buckets by a "
        "tag or by name. A bucket with a static website is left alone. ACL and policy stay as they are, without effect."
    )
    undo_note = "Puts the former settings back, or removes the public access block if the bucket had none."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "s3", "bucketName"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(_bucket_in(finding)),)

    def read(self, target: Target, aws: Aws) -> Observation:
        bucket = arn.name_of(target.id)
        region = _region(aws, bucket)
        tags = _optional(aws, "get_bucket_tagging", bucket, region, "NoSuchTagSet")
        resource = Resource(
            id=f"arn:{aws.identity().partition}:s3:::{bucket}",
            type="AWS::S3::Bucket",
            account=aws.account.account_id,
            region=region,
            tags=tags_of(tags["TagSet"]) if tags is not None else {},
        )
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        """The four settings as they are; None when the bucket has none."""
        absent = "NoSuchPublicAccessBlockConfiguration"
        answer = _optional(aws, "get_public_access_block", arn.name_of(resource.id), resource.region, absent)
        if answer is None:
            return {BLOCK: None}
        settings = answer["PublicAccessBlockConfiguration"]
        return {BLOCK: {name: bool(settings.get(name)) for name in BLOCKED}}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        bucket, block = arn.name_of(seen.resource.id), seen.state[BLOCK]
        if block == BLOCKED:
            return ()
        if _optional(aws, "get_bucket_website", bucket, seen.resource.region, "NoSuchWebsiteConfiguration") is not None:
            raise RefusedByGuardrail(
                f"Bucket {bucket} serves a static website, which would go dark.",
                "If it should not, remove the website configuration or block public access by hand.",
            )
        return (Step(BLOCK, block, BLOCKED, _put(aws, bucket, BLOCKED), _put(aws, bucket, block)),)

    def context(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        """What makes the bucket public now: evidence, and never written back."""
        bucket, region = arn.name_of(resource.id), resource.region
        acl = aws.read("s3", "get_bucket_acl", region, Bucket=bucket, ExpectedBucketOwner=aws.account.account_id)
        policy = _optional(aws, "get_bucket_policy", bucket, region, "NoSuchBucketPolicy")
        status: Mapping[str, Any] = (
            _optional(aws, "get_bucket_policy_status", bucket, region, "NoSuchBucketPolicy") or {}
        )
        public = [g for g in acl["Grants"] if str(g.get("Grantee", {}).get("URI", "")).endswith(_PUBLIC)]
        return {
            "PublicGrants": public,
            "PolicyIsPublic": bool(status.get("PolicyStatus", {}).get("IsPublic")),
            "Policy": policy["Policy"] if policy is not None else None,
        }

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Block all public access to bucket {arn.name_of(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        bucket, block = arn.name_of(resource.id), state[BLOCK]
        if block is None:
            return f"Bucket {bucket} has no public access block."
        off = [name for name, on in block.items() if not on]
        return f"Bucket {bucket} has " + (f"{', '.join(off)} off." if off else "all four public access settings on.")


def _bucket_in(finding: Finding) -> str:
    named = arn.parse(finding.object_id)
    bucket = named.resource if named and named.service == "s3" else finding.object_id
    if not _NAME.fullmatch(bucket):
        raise InvalidFinding(
            f"The finding names no bucket ('{finding.object_id[:80]}').",
            "Let the search set object_id to its name or ARN.",
        )
    return bucket


def _region(aws: Aws, bucket: str) -> str:
    owner = aws.account.account_id
    answer = aws.read("s3", "get_bucket_location", Bucket=bucket, ExpectedBucketOwner=owner)
    location = str(answer["LocationConstraint"] or "")
    region = _OLD_LOCATIONS.get(location, location)
    if not arn.is_region(region):
        raise Unavailable(f"S3 does not say clearly where bucket {bucket} is.", "It is asked again.")
    return region


def _optional(aws: Aws, operation: str, bucket: str, region: str, absent: str) -> Answer | None:
    """None when the bucket has no such setting. The owner is sent so that nobody else's bucket is ever touched."""
    return aws.read_if((absent,), "s3", operation, region, Bucket=bucket, ExpectedBucketOwner=aws.account.account_id)


def _put(aws: Aws, bucket: str, block: Mapping[str, bool] | None) -> Call:
    parameters: dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": aws.account.account_id}
    if block is None:
        return Call("s3", "delete_public_access_block", parameters)
    return Call("s3", "put_public_access_block", {**parameters, "PublicAccessBlockConfiguration": dict(block)})
