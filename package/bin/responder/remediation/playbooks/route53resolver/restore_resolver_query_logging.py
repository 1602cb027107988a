"""Associate a VPC with its configuration of DNS query logging again.

Facts: Route 53 Resolver API Reference, ListResolverQueryLogConfigAssociations, AssociateResolverQueryLogConfig,
DisassociateResolverQueryLogConfig, GetResolverQueryLogConfig (the configuration may be shared by another account).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim, resource_at
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import names_no
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

CONFIGS = "arn:aws:route53resolver:*:*:resolver-query-log-config/*"
ASSOCIATED = "associated"
_VPC = re.compile(r"vpc-[0-9a-f]{8,17}")
_CONFIG = re.compile(r"[a-z0-9-]{3,64}")
#: An association in one of these states logs nothing, or soon will not.
_GONE = ("DELETING", "FAILED")


class RestoreResolverQueryLogging(Playbook):
    """Associates a VPC again with the query logging configuration that the finding's call took from it.

    A configuration that was deleted is not created again.
    """

    id = "restore_resolver_query_logging"
    title = "Restore DNS query logging"
    accepts = ("AWS::Route53Resolver::ResolverQueryLoggingConfig",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`vpc`: the VPC's id"
    services = ("route53resolver",)
    permissions = (
        Permission("route53resolver:GetResolverQueryLogConfig", CONFIGS),
        Permission("route53resolver:ListResolverQueryLogConfigAssociations"),
        Permission("route53resolver:ListTagsForResource", CONFIGS),
        Permission("route53resolver:AssociateResolverQueryLogConfig", CONFIGS),
        Permission("route53resolver:DisassociateResolverQueryLogConfig", CONFIGS),
        Permission("ec2:DescribeVpcs", implied=True),
    )
    risk = "low"
    risk_note = (
        "Query logs cost what they did before. Their log group, bucket or stream must still admit Route 53 Resolver: "
        "the association fails otherwise, and the verification says so."
    )
    undo_note = "Takes the VPC out of the configuration again."
    proved_on = "moto, and a double of DisassociateResolverQueryLogConfig, which moto lacks"
    already = ("ResourceExistsException",)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        named = resource_at(finding.object_id, "route53resolver", "resolverQueryLogConfigId")
        return (named, resource_at(_vpc_in(finding), "route53resolver", "resourceId"))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _vpc_in(finding)
        config = arn.name_of(finding.object_id)
        if not _CONFIG.fullmatch(config):
            raise names_no("query logging configuration", finding, "id")
        return (Target(config, finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        named = {"ResolverQueryLogConfigId": arn.name_of(target.id)}
        answer = aws.read("route53resolver", "get_resolver_query_log_config", target.region, **named)
        config = answer["ResolverQueryLogConfig"]
        name, own = str(config["Arn"]), aws.account.account_id
        tags: Sequence[Mapping[str, str]] = ()
        if config.get("OwnerId") == own:
            tags = aws.read("route53resolver", "list_tags_for_resource", target.region, ResourceArn=name)["Tags"]
        # Whoever owns the configuration: what changes is the VPC, which is in this account.
        kind = "AWS::Route53Resolver::ResolverQueryLoggingConfig"
        resource = Resource(name, kind, own, target.region, tags_of(tags))
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        filters = [{"Name": "ResolverQueryLogConfigId", "Values": [arn.name_of(resource.id)]}]
        call = ("route53resolver", "list_resolver_query_log_config_associations", resource.region)
        listed = aws.read_all("ResolverQueryLogConfigAssociations", *call, Filters=filters)
        return {str(one["ResourceId"]): ASSOCIATED for one in listed if one["Status"] not in _GONE}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        vpc = _vpc_in(finding)
        if seen.state.get(vpc):
            return ()
        given = {"ResolverQueryLogConfigId": arn.name_of(seen.resource.id), "ResourceId": vpc}
        calls = (Call("route53resolver", f"{verb}_resolver_query_log_config", given) for verb in _VERBS)
        return (Step(vpc, None, ASSOCIATED, *calls),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Log the DNS queries of {steps[0].aspect} again, with configuration {arn.name_of(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        shown = [f"{vpc} {'logs' if state.get(vpc) else 'does not log'} its DNS queries" for vpc in aspects]
        return f"With configuration {arn.name_of(resource.id)}, {', '.join(shown)}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        return (f"The configuration logs the queries of {len(state)} VPC(s) now.",)


_VERBS = ("associate", "disassociate")


def _vpc_in(finding: Finding) -> str:
    vpc = str(finding.detail.get("vpc") or "")
    if not _VPC.fullmatch(vpc):
        raise InvalidFinding("The finding names no VPC.", 'Let the search set detail to {"vpc": "vpc-..."}.')
    return vpc
