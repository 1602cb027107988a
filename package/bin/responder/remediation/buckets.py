"""S3 buckets, for the playbooks about one: which a finding means, where it is, its settings.

Facts: S3 API Reference, GetBucketLocation (no location is us-east-1, ``EU`` is eu-west-1), ``ExpectedBucketOwner``
(a bucket of another account is refused with AccessDenied).
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import arn
from ..errors import Unavailable
from ..findings.claims import Claim, resource_at
from .model import Call, Observation, Resource, Target, tags_of
from .named import arn_in, names_no
from .permission import Permission
from .playbook import Playbook

if TYPE_CHECKING:
    from ..aws.answer import Answer
    from ..aws.client import Aws
    from ..findings.finding import Finding

BUCKETS = "arn:aws:s3:::*"
#: What every playbook about a bucket asks: where it is, and its tags.
FACTS = (Permission("s3:GetBucketLocation", BUCKETS), Permission("s3:GetBucketTagging", BUCKETS))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_OLD_LOCATIONS = {"": "us-east-1", "EU": "eu-west-1"}


class BucketPlaybook(Playbook):
    """Names its bucket and reads it; a subclass says which settings make up the state."""

    accepts: tuple[str, ...] = ("AWS::S3::Bucket",)
    required_fields: tuple[str, ...] = ("vendor_account", "object_id")
    services: tuple[str, ...] = ("s3",)
    #: ListBuckets has a date, which may change when a policy is written (S3 API Reference, Bucket).
    deleted_by: tuple[str, ...] = ("DeleteBucket",)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "s3", "bucketName"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(bucket_in(finding)),)

    def read(self, target: Target, aws: Aws) -> Observation:
        bucket = arn.name_of(target.id)
        region = region_of(aws, bucket)
        tags = optional(aws, "get_bucket_tagging", bucket, region, "NoSuchTagSet")
        resource = Resource(
            id=arn_in(aws, "s3", "", bucket, account=""),
            type="AWS::S3::Bucket",
            account=aws.account.account_id,
            region=region,
            tags=tags_of(tags["TagSet"]) if tags is not None else {},
        )
        return Observation(resource, self.state(resource, aws))

    @abstractmethod
    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]: ...


def bucket_in(finding: Finding) -> str:
    """The name of the bucket that a finding is about. Raises InvalidFinding."""
    named = arn.parse(finding.object_id)
    bucket = named.resource if named and named.service == "s3" else finding.object_id
    if not _NAME.fullmatch(bucket):
        raise names_no("bucket", finding, "name or ARN")
    return bucket


def region_of(aws: Aws, bucket: str) -> str:
    owner = aws.account.account_id
    answer = aws.read("s3", "get_bucket_location", Bucket=bucket, ExpectedBucketOwner=owner)
    location = str(answer["LocationConstraint"] or "")
    region = _OLD_LOCATIONS.get(location, location)
    if not arn.is_region(region):
        raise Unavailable(f"S3 does not say clearly where bucket {bucket} is.", "It is asked again.")
    return region


def optional(aws: Aws, operation: str, bucket: str, region: str, absent: str) -> Answer | None:
    """None when the bucket has no such setting. The owner is sent so that nobody else's bucket is ever touched."""
    return aws.read_if((absent,), "s3", operation, region, Bucket=bucket, ExpectedBucketOwner=aws.account.account_id)


def change(aws: Aws, operation: str, bucket: str, **parameters: Any) -> Call:
    """A write to a bucket, as long as it is the account's."""
    return Call("s3", operation, {"Bucket": bucket, "ExpectedBucketOwner": aws.account.account_id, **parameters})
