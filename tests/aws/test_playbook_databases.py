"""Playbooks about databases: instances, clusters and their members, and how long backups were kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Tasks

Admin = Callable[..., Any]
Find = Callable[..., Finding]
BOTH = "deletion protection, automated backups"


@pytest.fixture
def database(admin: Admin, name: str) -> str:
    admin("rds").create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="mysql", BackupRetentionPeriod=0
    )
    return name


def about(finding: Find, name: str, disabled: str = BOTH, kind: str = "DBInstance") -> Finding:
    return finding(object_category=f"AWS::RDS::{kind}", object_id=name, detail={"disabled": disabled})


def protection(admin: Admin, name: str) -> tuple[bool, int]:
    (found,) = admin("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return found["DeletionProtection"], found["BackupRetentionPeriod"]


def past(name: str, **request: Any) -> dict[str, Any]:
    return {
        "eventID": "e",
        "eventSource": "rds.amazonaws.com",
        "eventName": "ModifyDBInstance",
        "recipientAccountId": ACCOUNT,
        "requestParameters": {"dBInstanceIdentifier": name, **request},
    }


def test_only_what_the_event_turned_off_is_turned_on(tasks: Tasks, admin: Admin, database: str, finding: Find) -> None:
    tasks.past = [past(database, backupRetentionPeriod=7)]
    assert tasks.run(about(finding, database, "deletion protection"), "restore_rds_protection").status == "done"
    assert protection(admin, database) == (True, 0)


def test_backups_are_kept_as_long_as_they_were(tasks: Tasks, admin: Admin, database: str, finding: Find) -> None:
    tasks.past = [
        past(database, backupRetentionPeriod=0),
        past(database, backupRetentionPeriod="9999"),
        past(database, backupRetentionPeriod="no"),
        past(f"{database}-other", backupRetentionPeriod=3, note=database),
        past(database.upper(), backupRetentionPeriod="21", note=database),
    ]
    done = tasks.run(about(finding, database), "restore_rds_protection")
    assert done.status == "done" and "kept for 21 days" in done.message
    assert protection(admin, database) == (True, 21)
    assert tasks.undo().status == "undone" and protection(admin, database) == (False, 0)


def test_how_long_is_not_guessed(tasks: Tasks, admin: Admin, database: str, finding: Find) -> None:
    with pytest.raises(InvalidFinding, match="How long.*by hand"):
        tasks.run(about(finding, database, "automated backups"), "restore_rds_protection")
    assert protection(admin, database) == (False, 0)


def test_a_member_of_a_cluster_has_none_of_its_own(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    rds = admin("rds")
    rds.create_db_cluster(
        DBClusterIdentifier=f"{name}-c",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="only-for-tests",
    )
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
        DBClusterIdentifier=f"{name}-c",
    )
    with pytest.raises(InvalidFinding, match=f"belongs to cluster {name}-c"):
        tasks.run(about(finding, name, "deletion protection"), "restore_rds_protection")


@pytest.mark.parametrize("disabled", ["", "its activity stream", "export of its audit log"])
def test_what_has_no_call_here_is_refused(tasks: Tasks, database: str, finding: Find, disabled: str) -> None:
    with pytest.raises(InvalidFinding, match="does not say"):
        tasks.run(about(finding, database, disabled), "restore_rds_protection")


@pytest.mark.parametrize(
    ("named", "kind"),
    [("x y", "DBInstance"), ("orders", "GlobalCluster"), (f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster:x", "DBInstance")],
)
def test_what_is_no_database_is_refused(tasks: Tasks, finding: Find, named: str, kind: str) -> None:
    with pytest.raises(InvalidFinding):
        tasks.run(about(finding, named, kind=kind), "restore_rds_protection")


@pytest.mark.parametrize(
    ("request_", "proved"),
    [
        ({"deletionProtection": False, "backupRetentionPeriod": 0}, True),
        ({"deletionProtection": "false", "backupRetentionPeriod": "0"}, True),
        ({"deletionProtection": False}, False),
        ({"deletionProtection": True, "backupRetentionPeriod": 0}, False),
        ({"note": BOTH}, False),
    ],
)
def test_what_was_turned_off_is_proved(finding: Find, request_: dict[str, Any], proved: bool) -> None:
    claims = registry.get("restore_rds_protection").claims(about(finding, "orders"))
    record = CloudTrailRecord(past("orders", **request_))
    assert all(claim.value in list(claim.values_in(record)) for claim in claims) is proved


def test_a_name_in_another_case_is_the_same_database(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    """RDS keeps names in lower case; events have them as they were sent."""
    admin("rds").create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="mysql", PubliclyAccessible=True
    )
    found = finding(object_category="AWS::RDS::DBInstance", object_id=name.upper())
    assert tasks.run(found, "make_rds_private").status == "done"
    (now,) = admin("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    assert now["PubliclyAccessible"] is False
