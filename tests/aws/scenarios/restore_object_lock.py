"""A bucket with Object Lock whose default retention was removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields

RETENTION = {"Mode": "GOVERNANCE", "Days": 30}


def removed(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    _put(admin, name)
    return {"object_category": "AWS::S3::Bucket", "object_id": name}


def past(fields: Fields) -> Sequence[Fields]:
    """The call that had set it up."""
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": "30"}}
    return [
        {
            "eventID": "e-1",
            "eventSource": "s3.amazonaws.com",
            "eventName": "PutBucketObjectLockConfiguration",
            "recipientAccountId": ACCOUNT,
            "requestParameters": {
                "bucketName": fields["object_id"],
                "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": rule},
            },
        }
    ]


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], RETENTION)


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket(Bucket=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {"Mode": "GOVERNANCE", "Days": 1})


def _put(admin: Admin, bucket: str, retention: Fields | None = None) -> None:
    rule = {"Rule": {"DefaultRetention": retention}} if retention else {}
    admin("s3").put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", **rule}
    )


VARIANTS = {"removed": removed}
