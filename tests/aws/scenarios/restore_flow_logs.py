"""A VPC whose flow log was deleted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields


def deleted(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=name)
    vpc = admin("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    flow_log = f"fl-{secrets.token_hex(8)}"
    detail = {"flow_logs": [flow_log], "vpc": vpc, "bucket": name}
    return {"object_category": "AWS::EC2::FlowLog", "object_id": flow_log, "detail": detail}


def past(fields: Fields) -> Sequence[Fields]:
    request = {
        "CreateFlowLogsRequest": {
            "ResourceId": {"tag": 1, "content": fields["detail"]["vpc"]},
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": f"arn:aws:s3:::{fields['detail']['bucket']}",
            "MaxAggregationInterval": 60,
        }
    }
    response = {"CreateFlowLogsResponse": {"flowLogIdSet": {"item": fields["object_id"]}, "unsuccessful": ""}}
    return [earlier.call("ec2", "CreateFlowLogs", request, response)]


def fix(admin: Admin, fields: Fields) -> None:
    admin("ec2").create_flow_logs(
        ResourceIds=[fields["detail"]["vpc"]],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::{fields['detail']['bucket']}",
    )


remove = None
drift = None
VARIANTS = {"deleted": deleted}
