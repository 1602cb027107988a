"""Take the statements that let outsiders in out of a bucket's policy.

Facts: S3 API Reference, GetBucketPolicy (``NoSuchBucketPolicy``), PutBucketPolicy, DeleteBucketPolicy (a policy without
statements is none).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .... import arn
from ...buckets import BUCKETS, FACTS, BucketPlaybook, change, optional
from ...model import Call, Resource
from ...outside_statements import OutsideStatements
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws


class RemoveOutsideBucketStatements(OutsideStatements, BucketPlaybook):
    """Takes those statements out of a bucket's policy that the event put there and that let in everybody, or accounts
    that are not yours.

    Yours are the accounts of the AWS accounts tab and of the lookups `responder_accounts` and
    `responder_trusted_accounts`. Of a statement that names them beside others, only the others go. A condition that
    leaves fixed networks, endpoints, accounts or organizations narrows, and such a statement stays; so do statements
    that deny, and all that were there before. A statement with `NotPrincipal` or `NotAction` is left to a person.
    Users and roles that were deleted are left out of what is written: AWS keeps their ids in a policy and refuses to
    take one that has them.
    """

    id = "remove_outside_bucket_statements"
    title = "Remove outside statements from bucket policy"
    required_fields = ("vendor_account", "object_id", "detail")
    permissions = (
        *FACTS,
        Permission("s3:GetBucketPolicy", BUCKETS),
        Permission("s3:PutBucketPolicy", BUCKETS),
        Permission("s3:DeleteBucketPolicy", BUCKETS),
    )
    risk = "medium"
    risk_note = (
        "Whoever was let in by the statement loses access, also a partner whose account is on none of the lists. What "
        "ACLs and access points allow stays."
    )
    undo_note = (
        "Puts the former policy back, word for word but for users and roles that were deleted meanwhile. S3 refuses "
        "that while the public access block forbids public policies."
    )
    kind = "bucket"
    event_service = "s3"
    event_names = ("PutBucketPolicy",)
    resource_paths = ("bucketName",)
    policy_paths = ("bucketPolicy", "policy")

    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        bucket, absent = arn.name_of(resource.id), "NoSuchBucketPolicy"
        found = optional(aws, "get_bucket_policy", bucket, resource.region, absent)
        return str(found["Policy"]) if found is not None else None

    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        bucket = arn.name_of(resource.id)
        if policy is None:
            return change(aws, "delete_bucket_policy", bucket)
        return change(aws, "put_bucket_policy", bucket, Policy=policy)
