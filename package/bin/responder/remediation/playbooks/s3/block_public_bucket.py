"""Shut the public out of an S3 bucket by its public access block.

The four settings neutralize public ACLs and policies without destroying them: nothing is lost, and one call takes it
back. Facts: S3 User Guide, "Blocking public access to your Amazon S3 storage"; CloudFront Developer Guide, "Restrict
access to an Amazon S3 origin" (with an access control or identity of its own a distribution reads as itself).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn, policy_documents
from ....errors import RefusedByGuardrail
from ...buckets import BUCKETS, FACTS, BucketPlaybook, change, optional
from ...model import Call, Observation, Resource, Step
from ...permission import Permission
from ...sweeping import Part, View
from . import _public

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

BLOCK = "PublicAccessBlock"
BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


class BlockPublicBucket(BucketPlaybook):
    """Turns on all four settings of the bucket's public access block.

    They make public ACLs and policies, old and new, ineffective without changing either; both are kept as evidence.
    A bucket that has all four on is left alone, and so is one that serves a static website. The bucket's region is the
    one S3 names, whatever the finding says.
    """

    id = "block_public_bucket"
    title = "Block public access to bucket"
    detail_note = "nothing: `object_id` is the bucket's name or ARN"
    services = ("s3", "s3control", "cloudfront")
    sweeps = (_public.BY_POLICY, _public.BY_ACL)
    sweeps_regions = False
    sweep_permissions = (
        Permission("s3:ListAllMyBuckets", events=("ListBuckets",)),
        Permission("s3:GetAccountPublicAccessBlock"),
    )
    permissions = (
        *FACTS,
        Permission("s3:GetBucketPublicAccessBlock", BUCKETS),
        Permission("s3:GetBucketAcl", BUCKETS),
        Permission("s3:GetBucketPolicy", BUCKETS),
        Permission("s3:GetBucketPolicyStatus", BUCKETS),
        Permission("s3:GetBucketWebsite", BUCKETS),
        Permission(
            "s3:PutBucketPublicAccessBlock",
            BUCKETS,
            events=("PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"),
        ),
        Permission("cloudfront:ListDistributions", optional=True),
    )
    risk = "medium"
    risk_note = (
        "Everybody outside loses access, including to objects that were meant to be public: protect such buckets by a "
        "tag or by name. A bucket with a static website is left alone. ACL and policy stay as they are, without effect."
    )
    undo_note = "Puts the former settings back, or removes the public access block if the bucket had none."

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        """The four settings as they are; None when the bucket has none."""
        absent = "NoSuchPublicAccessBlockConfiguration"
        answer = optional(aws, "get_public_access_block", arn.name_of(resource.id), resource.region, absent)
        if answer is None:
            return {BLOCK: None}
        settings = answer["PublicAccessBlockConfiguration"]
        return {BLOCK: {name: bool(settings.get(name)) for name in BLOCKED}}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        bucket, block = arn.name_of(seen.resource.id), seen.state[BLOCK]
        if block == BLOCKED:
            return ()
        if optional(aws, "get_bucket_website", bucket, seen.resource.region, "NoSuchWebsiteConfiguration") is not None:
            raise RefusedByGuardrail(
                f"Bucket {bucket} serves a static website, which would go dark.",
                "If it should not, remove the website configuration or block public access by hand.",
            )
        return (Step(BLOCK, block, BLOCKED, _put(aws, bucket, BLOCKED), _put(aws, bucket, block)),)

    def context(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        """What makes the bucket public now: evidence, and never written back."""
        bucket, region = arn.name_of(resource.id), resource.region
        acl = aws.read("s3", "get_bucket_acl", region, Bucket=bucket, ExpectedBucketOwner=aws.account.account_id)
        policy = optional(aws, "get_bucket_policy", bucket, region, "NoSuchBucketPolicy")
        status: Mapping[str, Any] = (
            optional(aws, "get_bucket_policy_status", bucket, region, "NoSuchBucketPolicy") or {}
        )
        return {
            "PublicGrants": [grant for grant in acl["Grants"] if _public.is_public(grant)],
            "PolicyIsPublic": bool(status.get("PolicyStatus", {}).get("IsPublic")),
            "Policy": policy["Policy"] if policy is not None else None,
        }

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return (*_public_now(resource, aws), *_distributions(resource, aws))

    def look(self, view: View) -> Iterator[Part]:
        return _public.look(view)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Block all public access to bucket {arn.name_of(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        bucket, block = arn.name_of(resource.id), state[BLOCK]
        if block is None:
            return f"Bucket {bucket} has no public access block."
        off = [name for name, on in block.items() if not on]
        return f"Bucket {bucket} has " + (f"{', '.join(off)} off." if off else "all four public access settings on.")


def _public_now(resource: Resource, aws: Aws) -> Iterator[str]:
    """What everyone may do today, by ACL and by policy."""
    bucket, owner = arn.name_of(resource.id), aws.account.account_id
    acl = aws.read("s3", "get_bucket_acl", resource.region, Bucket=bucket, ExpectedBucketOwner=owner)
    granted = [str(grant["Permission"]) for grant in acl["Grants"] if _public.is_public(grant)]
    if granted:
        yield f"By the ACL everyone has {', '.join(dict.fromkeys(granted))}."
    found = optional(aws, "get_bucket_policy", bucket, resource.region, "NoSuchBucketPolicy")
    policy = policy_documents.parsed(found["Policy"]) if found is not None else None
    for statement in policy_documents.statements(policy):
        if policy_documents.outsiders(statement, (owner,)).everyone:
            yield f"By the policy everyone may {', '.join(policy_documents.actions(statement)[:10])}."


def _distributions(resource: Resource, aws: Aws) -> Iterator[str]:
    """Of the first hundred, those that read from the bucket as anybody."""
    bucket = arn.name_of(resource.id)
    listed = aws.read("cloudfront", "list_distributions", MaxItems="100")["DistributionList"]
    cut_off = [
        str(one["Id"])
        for one in listed.get("Items") or ()
        for origin in one.get("Origins", {}).get("Items") or ()
        if str(origin.get("DomainName")).startswith((f"{bucket}.s3.", f"{bucket}.s3-"))
        and not origin.get("OriginAccessControlId")
        and not origin.get("S3OriginConfig", {}).get("OriginAccessIdentity")
    ]
    if cut_off:
        names = ", ".join(dict.fromkeys(cut_off))
        yield f"CloudFront reads from it without an identity of its own, and would no longer: {names}."


def _put(aws: Aws, bucket: str, block: Mapping[str, bool] | None) -> Call:
    if block is None:
        return change(aws, "delete_public_access_block", bucket)
    return change(aws, "put_public_access_block", bucket, PublicAccessBlockConfiguration=dict(block))
