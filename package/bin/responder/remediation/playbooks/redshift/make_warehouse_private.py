"""Take a Redshift cluster off the internet.

Facts: Redshift API Reference, ModifyCluster (``PubliclyAccessible``; a change moves the cluster for minutes),
DescribeClusters (``PendingModifiedValues`` while it does).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import NotFound
from ....findings.claims import Claim, resource_at
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import arn_in, names_no
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

CLUSTERS = "arn:aws:redshift:*:*:cluster:*"
PUBLIC = "PubliclyAccessible"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")


class MakeWarehousePrivate(Playbook):
    """Sets a Redshift cluster to not publicly accessible, which takes its public address away.

    Clients in the VPC, and those that come through a VPN or a peering, reach it as before. Serverless workgroups have a
    setting of their own and are left to a person.
    """

    id = "make_warehouse_private"
    title = "Make Redshift cluster private"
    accepts = ("AWS::Redshift::Cluster",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the cluster's name or ARN"
    services = ("redshift",)
    permissions = (
        Permission("redshift:DescribeClusters", CLUSTERS),
        Permission("redshift:ModifyCluster", CLUSTERS),
    )
    risk = "medium"
    risk_note = (
        "Clients that come over the internet can no longer connect. The cluster cannot be reached for some minutes "
        "while it changes."
    )
    undo_note = "Makes the cluster publicly accessible again; it gets another public address."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "redshift", "clusterIdentifier"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named, name = arn.parse(finding.object_id), arn.name_of(finding.object_id)
        if not _NAME.fullmatch(name) or (named and (named.service != "redshift" or named.kind != "cluster")):
            raise names_no("Redshift cluster", finding, "name or ARN")
        return (Target(name, finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        found = _cluster(aws, arn.name_of(target.id), target.region)
        name = str(found["ClusterIdentifier"])
        resource = Resource(
            # Redshift answers about clusters of the caller's account only.
            id=arn_in(aws, "redshift", target.region, f"cluster:{name}"),
            type="AWS::Redshift::Cluster",
            account=aws.account.account_id,
            region=target.region,
            tags=tags_of(found.get("Tags") or ()),
            unique_id=str(found.get("ClusterNamespaceArn") or found.get("ClusterCreateTime") or ""),
        )
        return Observation(resource, {PUBLIC: bool(found[PUBLIC])})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {PUBLIC: bool(_cluster(aws, arn.name_of(resource.id), resource.region)[PUBLIC])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if not seen.state[PUBLIC]:
            return ()
        return (Step(PUBLIC, True, False, _set(seen.resource, False), _set(seen.resource, True)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Make Redshift cluster {arn.name_of(resource.id)} not publicly accessible."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Redshift cluster {arn.name_of(resource.id)} is {'' if state[PUBLIC] else 'not '}publicly accessible."


def _cluster(aws: Aws, name: str, region: str) -> Mapping[str, Any]:
    found = aws.read("redshift", "describe_clusters", region, ClusterIdentifier=name)["Clusters"]
    if not found:
        raise NotFound(f"Redshift cluster {name} does not exist (any more) in {region}.")
    cluster: Mapping[str, Any] = found[0]
    return cluster


def _set(resource: Resource, public: bool) -> Call:
    return Call("redshift", "modify_cluster", {"ClusterIdentifier": arn.name_of(resource.id), PUBLIC: public})
