"""A database instance that was made publicly accessible."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def public(admin: Admin, name: str) -> dict[str, Any]:
    admin("rds").create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="mysql", PubliclyAccessible=True
    )
    return {"object_category": "AWS::RDS::DBInstance", "object_id": name}


def fix(admin: Admin, fields: Fields) -> None:
    admin("rds").modify_db_instance(DBInstanceIdentifier=fields["object_id"], PubliclyAccessible=False)


def remove(admin: Admin, fields: Fields) -> None:
    admin("rds").delete_db_instance(DBInstanceIdentifier=fields["object_id"], SkipFinalSnapshot=True)


drift = None
VARIANTS = {"public": public}
