"""What moto lacks of Route 53 Resolver's query logging: to take a VPC out of a configuration, and tags of one.

Facts: Route 53 Resolver API Reference, DisassociateResolverQueryLogConfig (``ResourceNotFoundException`` where there is
no such association), ListTagsForResource. Configurations and associations are moto's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.route53resolver.models import route53resolver_backends

from sandbox.aws.double import Answer, Refused, World


def disassociate(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    backend = route53resolver_backends[world.account][world.region]
    wanted = given["ResolverQueryLogConfigId"], given["ResourceId"]
    for key, one in list(backend.resolver_query_log_config_associations.items()):
        if (one.resolver_query_log_config_id, one.resource_id) == wanted:
            del backend.resolver_query_log_config_associations[key]
            shown = {"Id": key, "ResolverQueryLogConfigId": wanted[0], "ResourceId": wanted[1], "Status": "DELETING"}
            return {"ResolverQueryLogConfigAssociation": shown}
    raise Refused("ResourceNotFoundException", f"VPC {wanted[1]} is not associated with {wanted[0]}.")


def list_tags(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    backend = route53resolver_backends[world.account][world.region]
    every = (backend.resolver_query_log_configs, backend.resolver_endpoints, backend.resolver_rules)
    if given["ResourceArn"] not in {one.arn for kind in every for one in kind.values()}:
        raise Refused("ResourceNotFoundException", f"There is no {given['ResourceArn']}.")
    return {"Tags": backend.tagger.list_tags_for_resource(given["ResourceArn"])["Tags"]}


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("route53resolver", "DisassociateResolverQueryLogConfig"): disassociate,
    ("route53resolver", "ListTagsForResource"): list_tags,
}
