"""A VPC that was taken out of its query logging configuration."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def removed(admin: Admin, name: str) -> dict[str, Any]:
    vpc = admin("ec2").create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    made = admin("route53resolver").create_resolver_query_log_config(
        Name=name, DestinationArn=f"arn:aws:s3:::{name}", CreatorRequestId=name
    )["ResolverQueryLogConfig"]
    kind = "AWS::Route53Resolver::ResolverQueryLoggingConfig"
    return {"object_category": kind, "object_id": made["Id"], "detail": {"vpc": vpc}}


def fix(admin: Admin, fields: Fields) -> None:
    admin("route53resolver").associate_resolver_query_log_config(
        ResolverQueryLogConfigId=fields["object_id"], ResourceId=fields["detail"]["vpc"]
    )


remove = None
drift = None
VARIANTS = {"removed": removed}
