"""EKS access entries, which moto lacks, and changes of a cluster, which it makes wrong (it forgets what is not sent).

Facts: EKS API Reference, CreateAccessEntry, DescribeAccessEntry, DeleteAccessEntry, AssociateAccessPolicy,
DisassociateAccessPolicy, ListAssociatedAccessPolicies, UpdateClusterConfig (what is so already is refused as
InvalidParameterException).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from moto.eks.models import eks_backends

from sandbox.aws.double import Answer, Refused, World

_NAMES = ("endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")


def _cluster(name: str, world: World) -> Any:
    found = eks_backends[world.account][world.region].clusters.get(name)
    if found is None:
        raise Refused("ResourceNotFoundException", f"No cluster found for name: {name}.")
    return found


def update_cluster(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    cluster = _cluster(given["name"], world)
    known = {"endpointPublicAccess": True, "endpointPrivateAccess": False, **(cluster.resources_vpc_config or {})}
    asked = {name: given["resourcesVpcConfig"][name] for name in _NAMES if name in given["resourcesVpcConfig"]}
    if all(known.get(name) == value for name, value in asked.items()):
        raise Refused("InvalidParameterException", "Cluster is already at the desired configuration.")
    cluster.resources_vpc_config = {**known, **asked}
    return {"update": {"id": str(uuid.uuid4()), "status": "InProgress", "type": "EndpointAccessUpdate"}}


def _entries(cluster: str, world: World) -> dict[str, dict[str, Any]]:
    _cluster(cluster, world)
    kept: dict[str, dict[str, dict[str, Any]]] = world.keep("eks_access_entries")
    return kept.setdefault(cluster, {})


def _entry(given: Mapping[str, Any], world: World) -> dict[str, Any]:
    found = _entries(given["clusterName"], world)
    if given["principalArn"] not in found:
        raise Refused("ResourceNotFoundException", "The specified principalArn could not be found.")
    return found[given["principalArn"]]


def _shown(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "policies"}


def create_entry(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _entries(given["clusterName"], world)
    if given["principalArn"] in found:
        raise Refused("ResourceInUseException", "The specified access entry resource is already in use.")
    made = {name: given[name] for name in ("clusterName", "principalArn")}
    made |= {"kubernetesGroups": given.get("kubernetesGroups") or [], "tags": given.get("tags") or {}}
    made |= {"username": given.get("username") or given["principalArn"], "type": given.get("type") or "STANDARD"}
    found[given["principalArn"]] = {**made, "policies": {}}
    return {"accessEntry": made}


def describe_entry(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return {"accessEntry": _shown(_entry(given, world))}


def delete_entry(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _entry(given, world)
    del _entries(given["clusterName"], world)[given["principalArn"]]
    return {}


def associate(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    policy = {name: given[name] for name in ("policyArn", "accessScope")}
    _entry(given, world)["policies"][given["policyArn"]] = policy
    return {"associatedAccessPolicy": policy}


def disassociate(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    policies = _entry(given, world)["policies"]
    if given["policyArn"] not in policies:
        raise Refused("ResourceNotFoundException", "The policy is not associated.")
    del policies[given["policyArn"]]
    return {}


def associated(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return {"associatedAccessPolicies": list(_entry(given, world)["policies"].values())}


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("eks", "UpdateClusterConfig"): update_cluster,
    ("eks", "CreateAccessEntry"): create_entry,
    ("eks", "DescribeAccessEntry"): describe_entry,
    ("eks", "DeleteAccessEntry"): delete_entry,
    ("eks", "AssociateAccessPolicy"): associate,
    ("eks", "DisassociateAccessPolicy"): disassociate,
    ("eks", "ListAssociatedAccessPolicies"): associated,
}
