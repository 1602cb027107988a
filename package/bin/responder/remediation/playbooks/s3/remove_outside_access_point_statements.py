"""Take the statements that let outsiders in out of the policy of an S3 access point.

Facts: S3 Control API Reference, GetAccessPoint, GetAccessPointPolicy (``NoSuchAccessPointPolicy``),
PutAccessPointPolicy, DeleteAccessPointPolicy. Access points of several regions have calls of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .... import arn
from ....errors import InvalidFinding
from ...buckets import BUCKETS
from ...model import Call, Observation, Resource, Target, tags_of
from ...named import arn_in, names_no
from ...outside_statements import OutsideStatements
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

POINTS = "arn:aws:s3:*:*:accesspoint/*"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,48}[a-z0-9]")


class RemoveOutsideAccessPointStatements(OutsideStatements):
    """Takes those statements out of an S3 access point's policy that the event put there and that let in everybody, or
    accounts that are not yours.

    The rules are those of `remove_outside_bucket_statements`. An access point carries the protection that the tags of
    its bucket give. One that only a network (VPC) reaches may let in everybody, and is left alone. Points for Object
    Lambda and for several regions are left to a person.
    """

    id = "remove_outside_access_point_statements"
    title = "Remove outside statements from access point policy"
    accepts = ("AWS::S3::AccessPoint",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    services = ("s3control", "s3")
    permissions = (
        Permission("s3:GetAccessPoint"),
        Permission("s3:GetAccessPointPolicy", POINTS),
        Permission("s3:GetBucketTagging", BUCKETS),
        Permission("s3:PutAccessPointPolicy", POINTS),
        Permission("s3:DeleteAccessPointPolicy", POINTS),
    )
    risk = "medium"
    risk_note = "Whoever was let in by the statement can no longer use the access point."
    kind = "access point"
    event_service = "s3"
    event_names = ("PutAccessPointPolicy",)
    resource_paths = ("name",)
    policy_paths = ("PutAccessPointPolicyRequest.Policy",)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        name = arn.name_of(finding.object_id)
        if not _NAME.fullmatch(name) or (named and (named.service != "s3" or named.kind != "accesspoint")):
            raise names_no("access point", finding, "name or ARN")
        return (Target(name, named.region if named else finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        account, name, region = aws.account.account_id, arn.name_of(target.id), target.region
        found = aws.read("s3control", "get_access_point", region, AccountId=account, Name=name)
        if found.get("NetworkOrigin") == "VPC":
            raise InvalidFinding(
                f"Access point {name} can be reached from its VPC only, so nobody outside is let in.",
                "If the network should not reach it either, change its policy by hand.",
            )
        bucket = str(found["Bucket"])
        resource = Resource(
            id=arn_in(aws, "s3", region, f"accesspoint/{name}"),
            type="AWS::S3::AccessPoint",
            account=account,
            region=region,
            tags=_tags(aws, bucket, str(found.get("BucketAccountId") or account), region),
            behind=(f"arn:{aws.identity().partition}:s3:::{bucket}",),
            unique_id=str(found.get("CreationDate") or ""),
        )
        return Observation(resource, self.state(resource, aws))

    def policy_of(self, resource: Resource, aws: Aws) -> str | None:
        absent = ("NoSuchAccessPointPolicy",)
        found = aws.read_if(absent, "s3control", "get_access_point_policy", resource.region, **_where(resource))
        return str(found["Policy"]) if found is not None else None

    def put(self, resource: Resource, policy: str | None, aws: Aws, back: bool) -> Call:
        if policy is None:
            return Call("s3control", "delete_access_point_policy", _where(resource))
        return Call("s3control", "put_access_point_policy", {**_where(resource), "Policy": policy})


def _tags(aws: Aws, bucket: str, owner: str, region: str) -> dict[str, str]:
    """Of the bucket, if it is the account's own: nobody else's tags protect."""
    if owner != aws.account.account_id:
        return {}
    found = aws.read_if(("NoSuchTagSet",), "s3", "get_bucket_tagging", region, Bucket=bucket, ExpectedBucketOwner=owner)
    return tags_of(found["TagSet"]) if found is not None else {}


def _where(resource: Resource) -> dict[str, str]:
    return {"AccountId": resource.account, "Name": arn.name_of(resource.id)}
