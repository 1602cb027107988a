"""A bucket that encrypts with the key of an account that nobody knows."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

OUTSIDE = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def outside_key(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    _put(admin, name, {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": OUTSIDE})
    return {"object_category": "AWS::S3::Bucket", "object_id": name, "detail": {"key": OUTSIDE}}


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {"SSEAlgorithm": "AES256"})


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket(Bucket=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields["object_id"], {"SSEAlgorithm": "aws:kms"})


def _put(admin: Admin, bucket: str, encryption: Fields) -> None:
    rules = [{"ApplyServerSideEncryptionByDefault": encryption}]
    admin("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})


VARIANTS = {"outside_key": outside_key}
