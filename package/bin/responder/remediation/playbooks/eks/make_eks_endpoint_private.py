"""Take the endpoint of an EKS cluster off the internet.

Facts: EKS API Reference, UpdateClusterConfig (takes minutes, during which the cluster shows its old settings and takes
no other update: ResourceInUseException); EKS User Guide, "Cluster API server endpoint" (without the public endpoint,
only the private one is left, which has to be on).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim, resource_at
from ...model import Call, Observation, Resource, Step, Target
from ...named import names_no
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

CLUSTERS = "arn:aws:eks:*:*:cluster/*"
ACCESS = "endpoint access"


class MakeEksEndpointPrivate(Playbook):
    """Switches a cluster's public endpoint off and its private one on, so that only its VPC reaches it.

    AWS takes minutes for it: until the cluster shows it, the remediation waits and reads again.
    """

    id = "make_eks_endpoint_private"
    title = "Make EKS endpoint private"
    accepts = ("AWS::EKS::Cluster",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the cluster's name or ARN"
    services = ("eks",)
    permissions = (
        Permission("eks:DescribeCluster", CLUSTERS),
        Permission("eks:UpdateClusterConfig", CLUSTERS),
    )
    risk = "high"
    risk_note = (
        "People and pipelines outside the VPC no longer reach the cluster. Nodes that reached it by its public "
        "endpoint only need a way to the private one."
    )
    undo_note = "Switches the endpoints as they were, with the ranges that the public one was limited to."
    proved_on = "moto, with a double of the change, which moto makes wrong"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(cluster_in(finding), "eks", "name", "clusterName"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(cluster_in(finding), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        found = aws.read("eks", "describe_cluster", target.region, name=arn.name_of(target.id))["cluster"]
        return Observation(cluster_resource(found, target.region), _state(found))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(aws.read("eks", "describe_cluster", resource.region, name=arn.name_of(resource.id))["cluster"])

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, name = seen.state[ACCESS], arn.name_of(seen.resource.id)
        if not now["public"]:
            return ()
        private = {"endpointPublicAccess": False, "endpointPrivateAccess": True}
        former: dict[str, Any] = {"endpointPublicAccess": True, "endpointPrivateAccess": now["private"]}
        if seen.state["ranges"]:
            former["publicAccessCidrs"] = seen.state["ranges"]
        after = {"public": False, "private": True}
        return (Step(ACCESS, now, after, _update(name, private), _update(name, former)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Switch the public endpoint of EKS cluster {arn.name_of(resource.id)} off, and its private one on."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        said = [f"{name} endpoint {'on' if on else 'off'}" for name, on in sorted(state[ACCESS].items())]
        return f"EKS cluster {arn.name_of(resource.id)} has its {' and its '.join(said)}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        ranges = ", ".join(state.get("ranges", ())[:10]) or "everywhere"
        return [f"Until now the public endpoint could be reached from {ranges}."]


def cluster_in(finding: Finding) -> str:
    name = arn.name_of(finding.object_id)
    if not re.fullmatch(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}", name):
        raise names_no("EKS cluster", finding, "name")
    return name


def cluster_resource(found: Mapping[str, Any], region: str) -> Resource:
    named = arn.parse(str(found["arn"]))
    return Resource(
        id=str(found["arn"]),
        type="AWS::EKS::Cluster",
        account=named.account if named else "",
        region=region,
        tags={str(key): str(value) for key, value in (found.get("tags") or {}).items()},
        unique_id=str(found.get("createdAt") or ""),
    )


def _state(found: Mapping[str, Any]) -> dict[str, Any]:
    config = found["resourcesVpcConfig"]
    public, private = (bool(config.get(name)) for name in ("endpointPublicAccess", "endpointPrivateAccess"))
    return {
        ACCESS: {"public": public, "private": private},
        "ranges": sorted(str(one) for one in config.get("publicAccessCidrs") or ()),
    }


def _update(name: str, config: Mapping[str, Any]) -> Call:
    return Call("eks", "update_cluster_config", {"name": name, "resourcesVpcConfig": dict(config)})
