"""Calls through VPC endpoints, told of once more by the endpoint; now and then its policy keeps a bucket out.

Source: CloudTrail User Guide, "Logging network activity events".
"""

from __future__ import annotations

from typing import Any

from ..company import PROD, role
from ..month import Month

CALLS = (
    ("s3", "GetObject"),
    ("s3", "PutObject"),
    ("kms", "Decrypt"),
    ("secretsmanager", "GetSecretValue"),
    ("ec2", "DescribeInstances"),
    ("cloudtrail", "LookupEvents"),
)
REFUSED = {"errorCode": "VpceAccessDenied", "errorMessage": "The request was denied due to a VPC endpoint policy"}
THROUGH: dict[str, Any] = {
    "eventType": "AwsVpceEvent",
    "eventCategory": "NetworkActivity",
    "managementEvent": False,
    "vpcEndpointId": "vpce-0123456789abcdef0",
    "vpcEndpointAccountId": PROD,
}


def happens(month: Month) -> None:
    who = role("shop-api", "i-0aaaabbbbccccdddd", PROD)
    for number, at in enumerate(month.runs(20)):
        service, name = CALLS[number % len(CALLS)]
        month.call(at, who, f"{service}:{name}", None, None, ip="10.0.3.17", agent="", **THROUGH)
    for at in month.runs(0.3):
        month.call(at, who, "s3:GetObject", None, None, ip="10.0.3.17", agent="", **THROUGH, **REFUSED)
