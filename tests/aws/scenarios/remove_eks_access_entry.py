"""A principal that somebody gave access to a cluster: a whole entry, and one policy more."""

from __future__ import annotations

from typing import Any

from tests.aws import estates
from tests.aws.scenarios import Admin, Fields

ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


def whole_entry(admin: Admin, name: str) -> dict[str, Any]:
    return _given(admin, name)


def one_policy(admin: Admin, name: str) -> dict[str, Any]:
    return _given(admin, name, policy=ADMIN_POLICY)


def fix(admin: Admin, fields: Fields) -> None:
    named = {"clusterName": fields["object_id"], "principalArn": fields["detail"]["principal"]}
    if fields["detail"].get("policy"):
        admin("eks").disassociate_access_policy(**named, policyArn=ADMIN_POLICY)
    else:
        admin("eks").delete_access_entry(**named)


def remove(admin: Admin, fields: Fields) -> None:
    admin("eks").delete_cluster(name=fields["object_id"])


drift = None


def _given(admin: Admin, name: str, **more: str) -> dict[str, Any]:
    cluster, eks = estates.cluster(admin, name), admin("eks")
    principal = estates.role(admin, f"{name}-given")
    eks.create_access_entry(clusterName=cluster, principalArn=principal, kubernetesGroups=["ops"], tags={"a": "b"})
    for policy in (ADMIN_POLICY, VIEW_POLICY):
        eks.associate_access_policy(
            clusterName=cluster, principalArn=principal, policyArn=policy, accessScope={"type": "cluster"}
        )
    detail = {"principal": principal, **more}
    return {"object_category": "AWS::EKS::Cluster", "object_id": cluster, "detail": detail}


VARIANTS = {"whole_entry": whole_entry, "one_policy": one_policy}
