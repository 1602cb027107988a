"""A bucket that everybody may read by its ACL."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def public(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    admin("s3").put_bucket_acl(Bucket=name, ACL="public-read")
    return {"object_category": "AWS::S3::Bucket", "object_id": name}


def fix(admin: Admin, fields: Fields) -> None:
    admin("s3").put_bucket_acl(Bucket=fields["object_id"], ACL="private")


def remove(admin: Admin, fields: Fields) -> None:
    admin("s3").delete_bucket(Bucket=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    admin("s3").put_bucket_acl(Bucket=fields["object_id"], ACL="authenticated-read")


VARIANTS = {"public": public}
