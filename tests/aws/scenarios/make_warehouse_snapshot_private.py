"""A Redshift snapshot that an account nobody knows may restore."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def shared(admin: Admin, name: str) -> dict[str, Any]:
    redshift = admin("redshift")
    redshift.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="admin",
        MasterUserPassword="Only-4-tests",
        ClusterType="single-node",
    )
    redshift.create_cluster_snapshot(SnapshotIdentifier=f"{name}-s", ClusterIdentifier=name)
    redshift.authorize_snapshot_access(SnapshotIdentifier=f"{name}-s", AccountWithRestoreAccess="444455556666")
    return {
        "object_category": "AWS::Redshift::ClusterSnapshot",
        "object_id": f"{name}-s",
        "detail": {"shared_with": "444455556666"},
    }


def fix(admin: Admin, fields: Fields) -> None:
    admin("redshift").revoke_snapshot_access(
        SnapshotIdentifier=fields["object_id"], AccountWithRestoreAccess=fields["detail"]["shared_with"]
    )


def remove(admin: Admin, fields: Fields) -> None:
    admin("redshift").delete_cluster_snapshot(SnapshotIdentifier=fields["object_id"])


drift = None
VARIANTS = {"shared": shared}
