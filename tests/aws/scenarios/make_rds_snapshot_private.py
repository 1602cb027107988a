"""A database snapshot that everyone may restore, and one of a cluster that an account nobody knows may restore."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def public(admin: Admin, name: str) -> dict[str, Any]:
    rds = admin("rds")
    rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="mysql")
    rds.create_db_snapshot(DBSnapshotIdentifier=f"{name}-s", DBInstanceIdentifier=name)
    return _shared(admin, "AWS::RDS::DBSnapshot", f"{name}-s", "all")


def of_a_cluster(admin: Admin, name: str) -> dict[str, Any]:
    rds = admin("rds")
    password = {"MasterUsername": "admin", "MasterUserPassword": "only-for-tests"}
    rds.create_db_cluster(DBClusterIdentifier=name, Engine="aurora-mysql", **password)
    rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=f"{name}-s", DBClusterIdentifier=name)
    return _shared(admin, "AWS::RDS::DBClusterSnapshot", f"{name}-s", "444455556666")


def _shared(admin: Admin, category: str, snapshot: str, whom: str) -> dict[str, Any]:
    fields = {"object_category": category, "object_id": snapshot, "detail": {"shared_with": whom}}
    _modify(admin, fields, "ValuesToAdd")
    return fields


def _modify(admin: Admin, fields: Fields, values: str) -> None:
    given = {"AttributeName": "restore", values: [fields["detail"]["shared_with"]]}
    if fields["object_category"] == "AWS::RDS::DBSnapshot":
        admin("rds").modify_db_snapshot_attribute(DBSnapshotIdentifier=fields["object_id"], **given)
    else:
        admin("rds").modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier=fields["object_id"], **given)


def fix(admin: Admin, fields: Fields) -> None:
    _modify(admin, fields, "ValuesToRemove")


def remove(admin: Admin, fields: Fields) -> None:
    if fields["object_category"] == "AWS::RDS::DBSnapshot":
        admin("rds").delete_db_snapshot(DBSnapshotIdentifier=fields["object_id"])
    else:
        admin("rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=fields["object_id"])


drift = None
VARIANTS = {"public": public, "of_a_cluster": of_a_cluster}
