"""A Redshift cluster that was made publicly accessible."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def public(admin: Admin, name: str) -> dict[str, Any]:
    admin("redshift").create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword="Only-4-tests",
        ClusterType="single-node",
        PubliclyAccessible=True,
    )
    return {"object_category": "AWS::Redshift::Cluster", "object_id": name}


def fix(admin: Admin, fields: Fields) -> None:
    admin("redshift").modify_cluster(ClusterIdentifier=fields["object_id"], PubliclyAccessible=False)


def remove(admin: Admin, fields: Fields) -> None:
    admin("redshift").delete_cluster(ClusterIdentifier=fields["object_id"], SkipFinalClusterSnapshot=True)


drift = None
VARIANTS = {"public": public}
