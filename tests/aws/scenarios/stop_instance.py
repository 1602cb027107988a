"""Instances that somebody launched to mine with."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def two(admin: Admin, name: str) -> dict[str, Any]:
    first, second = (estates.instance(admin, f"{name}{number}") for number in range(2))
    detail = {"instances": f"{first} {second}"}
    return {"object_category": "AWS::EC2::Instance", "object_id": first, "detail": detail}


def with_role(admin: Admin, name: str) -> dict[str, Any]:
    instance = estates.instance_with_profile(admin, name)
    return {"object_category": "AWS::EC2::Instance", "object_id": instance}


def fix(admin: Admin, fields: Fields) -> None:
    admin("ec2").stop_instances(InstanceIds=_all(fields))


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").terminate_instances(InstanceIds=_all(fields))


def _all(fields: Fields) -> list[str]:
    return fields.get("detail", {}).get("instances", fields["object_id"]).split()


drift = None
VARIANTS = {"two": two, "with_role": with_role}
