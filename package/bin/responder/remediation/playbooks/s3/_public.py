"""Which buckets of an account are public now, and by what.

Facts: S3 User Guide, "Blocking public access to your Amazon S3 storage" (of account and bucket the stricter setting
counts; what is ignored or restricted lets nobody in), "The meaning of public"; S3 API Reference, ListBuckets (in the
order of their names), GetBucketPolicyStatus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Callable

from .... import policy_documents
from ....errors import NotFound, NotPermitted, Rejected
from ...buckets import optional, region_of
from ...sweeping import Part, Signature, View, Wrong

if TYPE_CHECKING:
    from ....aws.client import Aws

#: Of a bucket's name.
Allowed = Callable[[str], bool]
BY_POLICY = Signature("s3_bucket_policy_made_public", "S3 bucket made public by its policy", "T1530")
BY_ACL = Signature("s3_bucket_acl_made_public", "S3 bucket made public by its ACL", "T1530")
GROUPS = ("/AllUsers", "/AuthenticatedUsers")
_NO_BLOCK = "NoSuchPublicAccessBlockConfiguration"
#: As the detection has it: what lets everyone change something.
_WRITES = re.compile(r"\*|s3:\*|s3:(put|delete|create|restore|abort|replicate|bypass|object|update)")
_WRITING_GRANTS = ("WRITE", "WRITE_ACP", "FULL_CONTROL")


def is_public(grant: Mapping[str, Any]) -> bool:
    return str(grant.get("Grantee", {}).get("URI", "")).endswith(GROUPS)


def look(view: View) -> Iterator[Part]:
    """A bucket is a part."""
    aws, account = view.aws, view.aws.account.account_id
    of_account = aws.read_if((_NO_BLOCK,), "s3control", "get_public_access_block", AccountId=account)
    names = sorted(str(bucket["Name"]) for bucket in aws.read("s3", "list_buckets")["Buckets"])
    left = [name for name in names if name > view.cursor]
    if not left:
        yield Part()
    for name in left:
        cursor = name if name != left[-1] else ""
        try:
            yield Part(tuple(_wrong(name, _settings(of_account), view)), cursor)
        except NotFound:
            # Deleted since it was listed.
            yield Part(cursor=cursor)
        except (NotPermitted, Rejected) as error:
            yield Part(cursor=cursor, problem=f"Bucket {name} could not be read: {error}")


def _settings(answer: Mapping[str, Any] | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = answer["PublicAccessBlockConfiguration"] if answer is not None else {}
    return found


def _wrong(bucket: str, of_account: Mapping[str, Any], view: View) -> Iterator[Wrong]:
    aws = view.aws
    region = region_of(aws, bucket)
    own = _settings(optional(aws, "get_public_access_block", bucket, region, _NO_BLOCK))

    def is_on(name: str) -> bool:
        return bool(of_account.get(name)) or bool(own.get(name))

    if not is_on("RestrictPublicBuckets"):
        yield from _by_policy(bucket, region, aws, view.may_be_public)
    if not is_on("IgnorePublicAcls"):
        yield from _by_acl(bucket, region, aws, view.may_be_public)


def _by_policy(bucket: str, region: str, aws: Aws, allowed: Allowed) -> Iterator[Wrong]:
    status: Mapping[str, Any] = optional(aws, "get_bucket_policy_status", bucket, region, "NoSuchBucketPolicy") or {}
    if not status.get("PolicyStatus", {}).get("IsPublic"):
        return
    found = optional(aws, "get_bucket_policy", bucket, region, "NoSuchBucketPolicy")
    policy = policy_documents.parsed(found["Policy"]) if found is not None else None
    owner = (aws.account.account_id,)
    public = [one for one in policy_documents.statements(policy) if policy_documents.outsiders(one, owner).everyone]
    names = sorted({action for one in public for action in policy_documents.actions(one)})
    writes = any(_WRITES.match(name) for name in names)
    how = f"allows everyone {', '.join(names[:5]) or 'something'} by its policy"
    yield from _unless_allowed(writes, bucket, allowed, BY_POLICY, region, how)


def _by_acl(bucket: str, region: str, aws: Aws, allowed: Allowed) -> Iterator[Wrong]:
    acl = aws.read("s3", "get_bucket_acl", region, Bucket=bucket, ExpectedBucketOwner=aws.account.account_id)
    granted = sorted({str(grant["Permission"]) for grant in acl["Grants"] if is_public(grant)})
    if granted:
        writes = any(name in _WRITING_GRANTS for name in granted)
        how = f"gives everyone {', '.join(granted)} by its ACL"
        yield from _unless_allowed(writes, bucket, allowed, BY_ACL, region, how)


def _unless_allowed(
    writes: bool, bucket: str, allowed: Allowed, signature: Signature, region: str, how: str
) -> Iterator[Wrong]:
    """The list allows the public to read, never to write."""
    if writes or not allowed(bucket):
        severity, reason = "critical" if writes else "high", f"Bucket {bucket} {how}."
        yield Wrong(signature, "AWS::S3::Bucket", bucket, region, severity, reason, {"bucket": bucket})
