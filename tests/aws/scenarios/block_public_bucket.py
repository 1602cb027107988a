"""A bucket whose ACL was made public."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

ALL = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def public_acl(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("s3").put_bucket_acl(Bucket=name, ACL="public-read")
    return {"object_category": "AWS::S3::Bucket", "object_id": name}


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, ALL)


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket(Bucket=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, fields, {**ALL, "BlockPublicAcls": False})


def _put(admin: Admin, fields: Fields, blocked: Fields) -> None:
    admin("s3").put_public_access_block(Bucket=fields["object_id"], PublicAccessBlockConfiguration=blocked)


VARIANTS = {"public_acl": public_acl}
