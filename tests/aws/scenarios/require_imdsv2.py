"""An instance that gives metadata without a token."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def tokens_optional(admin: Admin, name: str) -> dict[str, Any]:
    instance = estates.instance(admin, name)
    admin("ec2").modify_instance_metadata_options(InstanceId=instance, HttpTokens="optional")
    return {"object_category": "AWS::EC2::Instance", "object_id": instance}


def fix(admin: Admin, fields: Fields) -> None:
    admin("ec2").modify_instance_metadata_options(InstanceId=fields["object_id"], HttpTokens="required")


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").terminate_instances(InstanceIds=[fields["object_id"]])


drift = None
VARIANTS = {"tokens_optional": tokens_optional}
