"""Each week a function restores last night's snapshot as the database of the test environment, with a new password."""

from __future__ import annotations

from ..company import PROD, STAGING, role
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(0.2, 4, 5)):
        shared = {"dBSnapshotIdentifier": f"refresh-{number}", "attributeName": "restore", "valuesToAdd": [STAGING]}
        month.steps(
            at,
            role("staging-refresh", "refresh", PROD),
            (
                ("rds:CopyDBSnapshot", {"targetDBSnapshotIdentifier": f"refresh-{number}"}),
                ("rds:ModifyDBSnapshotAttribute", shared),
            ),
        )
        name = {"dBInstanceIdentifier": "shop-staging"}
        month.steps(
            at + 0.2,
            role("staging-refresh", "refresh", STAGING),
            (
                ("rds:DeleteDBInstance", {**name, "skipFinalSnapshot": True, "deleteAutomatedBackups": True}),
                (
                    "rds:RestoreDBInstanceFromDBSnapshot",
                    {**name, "publiclyAccessible": False, "dBSnapshotIdentifier": f"refresh-{number}"},
                ),
                (
                    "rds:ModifyDBInstance",
                    {**name, "masterUserPassword": "****", "applyImmediately": True, "backupRetentionPeriod": 0},
                ),
                ("rds:DeleteDBSnapshot", {"dBSnapshotIdentifier": f"refresh-{number - 1}"}),
            ),
            seconds=600,
        )
