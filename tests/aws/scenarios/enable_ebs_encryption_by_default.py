"""A region in which EBS encryption by default was turned off. All tests of a process share the region."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def off(admin: Admin, name: str) -> dict[str, Any]:
    admin("ec2").disable_ebs_encryption_by_default()
    return {"object_category": "AWS::EC2::EBSEncryptionByDefault", "object_id": "us-east-1"}


def fix(admin: Admin, fields: Fields) -> None:
    admin("ec2").enable_ebs_encryption_by_default()


remove = drift = None
VARIANTS = {"off": off}
