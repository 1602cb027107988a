"""The bucket's policy: CloudTrail may write, nobody comes without TLS. Whatever else it says stays."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from .. import documents
from ..calls import Calls
from ..resource import Found, Known, Resource, Template


@dataclass(frozen=True)
class BucketPolicy(Resource):
    """``wanted``: policy. ``name``: the bucket's."""

    kind: ClassVar[str] = "policy of bucket"
    host: ClassVar[str] = "bucket"
    alters_host: ClassVar[bool] = True
    stays_with_data: ClassVar[bool] = True

    @property
    def _of(self) -> dict[str, Any]:
        return {"Bucket": self.name, "ExpectedBucketOwner": self.place.account}

    def read(self, calls: Calls, known: Known) -> Found | None:
        """None where the policy says nothing of what is wanted, whatever else it says."""
        policy, wanted = self._policy(calls), self.wanted["policy"]
        is_there = documents.has_any(policy, wanted) or documents.holds(policy, wanted)
        return Found(self.place.bucket_arn(self.name), {"policy": policy}) if is_there else None

    def _policy(self, calls: Calls) -> documents.Document:
        answer = calls.read_or_empty(("NoSuchBucketPolicy", "NoSuchBucket"), "s3", "get_bucket_policy", **self._of)
        return documents.read(answer.get("Policy"))

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        policy = documents.merged(self._policy(calls), self.wanted["policy"])
        calls.write("s3", "put_bucket_policy", **self._of, Policy=json.dumps(policy))

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        self.create(calls, {})

    def delete(self, calls: Calls, found: Found) -> None:
        rest = documents.without(self._policy(calls), self.wanted["policy"])
        if rest:
            calls.write("s3", "put_bucket_policy", **self._of, Policy=json.dumps(rest))
        else:
            calls.write("s3", "delete_bucket_policy", **self._of)

    def cloudformation(self) -> Sequence[Template]:
        body = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": self.wanted["policy"]}
        return (Template("BucketPolicy", "AWS::S3::BucketPolicy", body, is_kept=True),)

    def terraform(self) -> Sequence[Template]:
        body = {"bucket": {"ref": "aws_s3_bucket.bucket.id"}, "policy": {"jsonencode": self.wanted["policy"]}}
        after = ("aws_s3_bucket_public_access_block.bucket",)
        return (Template("bucket", "aws_s3_bucket_policy", body, after),)
