"""An instance whose disks are evidence."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def suspect(admin: Admin, name: str) -> dict[str, Any]:
    return {"object_category": "AWS::EC2::Instance", "object_id": estates.instance(admin, name)}


def fix(admin: Admin, fields: Fields) -> None:
    case = hashlib.sha256(fields["dedup_key"].encode()).hexdigest()[:20]
    named = {"cloudtrail-responder-case": case, "cloudtrail-responder-instance": fields["object_id"]}
    tags = [{"Key": key, "Value": value} for key, value in named.items()]
    admin("ec2").create_snapshots(
        InstanceSpecification={"InstanceId": fields["object_id"]},
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
    )


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").terminate_instances(InstanceIds=[fields["object_id"]])


drift = None
VARIANTS = {"suspect": suspect}
