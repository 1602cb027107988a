"""An instance without backups and deletion protection, and a cluster without the latter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields

PASSWORD = {"MasterUsername": "admin", "MasterUserPassword": "only-for-tests"}


def instance(admin: Admin, name: str) -> dict[str, Any]:
    admin("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        BackupRetentionPeriod=0,
        DeletionProtection=False,
    )
    detail = {"disabled": "deletion protection, automated backups"}
    return {"object_category": "AWS::RDS::DBInstance", "object_id": name, "detail": detail}


def cluster(admin: Admin, name: str) -> dict[str, Any]:
    admin("rds").create_db_cluster(DBClusterIdentifier=name, Engine="aurora-mysql", **PASSWORD)
    detail = {"disabled": "deletion protection"}
    return {"object_category": "AWS::RDS::DBCluster", "object_id": name, "detail": detail}


def past(fields: Fields) -> Sequence[Fields]:
    """The call that had made the instance."""
    return [
        {
            "eventID": "e-1",
            "eventSource": "rds.amazonaws.com",
            "eventName": "CreateDBInstance",
            "recipientAccountId": ACCOUNT,
            "requestParameters": {"dBInstanceIdentifier": fields["object_id"], "backupRetentionPeriod": 14},
        }
    ]


def fix(admin: Admin, fields: Fields) -> None:
    if fields["object_category"] == "AWS::RDS::DBCluster":
        admin("rds").modify_db_cluster(DBClusterIdentifier=fields["object_id"], DeletionProtection=True)
    else:
        _set(admin, fields, 14)


def _set(admin: Admin, fields: Fields, days: int) -> None:
    admin("rds").modify_db_instance(
        DBInstanceIdentifier=fields["object_id"], BackupRetentionPeriod=days, DeletionProtection=True
    )


def remove(admin: Admin, fields: Fields) -> None:
    if fields["object_category"] == "AWS::RDS::DBCluster":
        admin("rds").delete_db_cluster(DBClusterIdentifier=fields["object_id"], SkipFinalSnapshot=True)
    else:
        admin("rds").delete_db_instance(DBInstanceIdentifier=fields["object_id"], SkipFinalSnapshot=True)


drift = None
VARIANTS = {"instance": instance, "cluster": cluster}
