"""An account whose public access block was removed. All tests of a process share the account."""

from __future__ import annotations

import contextlib
from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields

ALL = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def removed(admin: Admin, name: str) -> dict[str, Any]:
    with contextlib.suppress(ClientError):
        admin("s3control").delete_public_access_block(AccountId=ACCOUNT)
    return {"object_category": "AWS::S3::AccountPublicAccessBlock", "object_id": ACCOUNT}


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, ALL)


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, {**ALL, "BlockPublicAcls": False})


def _put(admin: Admin, blocked: Fields) -> None:
    admin("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=blocked)


remove = None
VARIANTS = {"removed": removed}
