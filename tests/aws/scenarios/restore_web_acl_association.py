"""A load balancer that was taken out of its web ACL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields


def removed(admin: Admin, name: str) -> dict[str, Any]:
    shown = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    made = admin("wafv2").create_web_acl(
        Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=shown, Rules=[]
    )["Summary"]
    balancer = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/{name}/50dc6c495c0c9188"
    kind = "AWS::WAFv2::WebACLAssociation"
    return {"object_category": kind, "object_id": balancer, "detail": {"web_acl": made["ARN"]}}


def past(fields: Fields) -> Sequence[Fields]:
    request = {"webACLArn": fields["detail"]["web_acl"], "resourceArn": fields["object_id"]}
    return [earlier.call("wafv2", "AssociateWebACL", request)]


def fix(admin: Admin, fields: Fields) -> None:
    admin("wafv2").associate_web_acl(WebACLArn=fields["detail"]["web_acl"], ResourceArn=fields["object_id"])


remove = None
drift = None
VARIANTS = {"removed": removed}
