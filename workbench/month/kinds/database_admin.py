"""The database administrator: snapshots before upgrades, parameters, a copy for an analysis, a new password."""

from __future__ import annotations

from ..company import BROWSER, DATABASES, OFFICE, PROD, STAGING, person
from ..month import Month


def happens(month: Month) -> None:
    who = person(DATABASES, "DatabaseAdmin", PROD, console=True)
    for number, at in enumerate(month.runs(0.6, 9, 18, workdays=True)):
        month.steps(
            at,
            who,
            (
                ("rds:DescribeDBInstances", {}),
                ("pi:GetResourceMetrics", {}),
                ("rds:CreateDBSnapshot", {"dBInstanceIdentifier": "shop", "dBSnapshotIdentifier": f"before-{number}"}),
                (
                    "rds:ModifyDBParameterGroup",
                    {"dBParameterGroupName": "shop", "parameters": [{"parameterName": "work_mem"}]},
                ),
                ("rds:DeleteDBSnapshot", {"dBSnapshotIdentifier": f"before-{number - 3}"}),
                ("rds:ModifyDBInstance", {"dBInstanceIdentifier": "shop", "allocatedStorage": 200 + number}),
            ),
            seconds=60,
            ip=OFFICE,
            agent=BROWSER,
        )
    month.steps(
        month.on(7, 14),
        who,
        (
            (
                "rds:RestoreDBInstanceToPointInTime",
                {
                    "sourceDBInstanceIdentifier": "shop",
                    "targetDBInstanceIdentifier": "shop-analysis",
                    "publiclyAccessible": False,
                },
            ),
            ("rds:ModifyDBInstance", {"dBInstanceIdentifier": "shop-analysis", "masterUserPassword": "****"}),
        ),
        seconds=1800,
        ip=OFFICE,
        agent=BROWSER,
    )
    month.call(
        month.on(8, 16),
        who,
        "rds:ModifyDBInstance",
        {"dBInstanceIdentifier": "shop-analysis", "deletionProtection": False},
        ip=OFFICE,
        agent=BROWSER,
    )
    month.call(
        month.on(8, 16.1),
        who,
        "rds:DeleteDBInstance",
        {"dBInstanceIdentifier": "shop-analysis", "skipFinalSnapshot": True},
        ip=OFFICE,
        agent=BROWSER,
    )
    test = person(DATABASES, "DatabaseAdmin", STAGING, console=True)
    month.call(
        month.on(13, 11),
        test,
        "rds:ModifyDBInstance",
        {"dBInstanceIdentifier": "shop-test", "masterUserPassword": "****"},
        ip=OFFICE,
        agent=BROWSER,
    )
