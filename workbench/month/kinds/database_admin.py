"""The database administrator: snapshots before upgrades, parameters, a copy for an analysis, a new password."""

from __future__ import annotations

from typing import Any

from ..company import BROWSER, DATABASES, OFFICE, PROD, STAGING, person
from ..month import Month, Step

_HOW: dict[str, Any] = {"ip": OFFICE, "agent": BROWSER}
_COPY = {"dBInstanceIdentifier": "shop-analysis"}


def happens(month: Month) -> None:
    who = person(DATABASES, "DatabaseAdmin", PROD, console=True)
    for number, at in enumerate(month.runs(0.6, 9, 18, workdays=True)):
        month.steps(at, who, _upgrade(number), seconds=60, **_HOW)
    restored = {
        "sourceDBInstanceIdentifier": "shop",
        "targetDBInstanceIdentifier": "shop-analysis",
        "publiclyAccessible": False,
    }
    copied = (
        ("rds:RestoreDBInstanceToPointInTime", restored),
        ("rds:ModifyDBInstance", {**_COPY, "masterUserPassword": "****"}),
    )
    month.steps(month.on(7, 14), who, copied, seconds=1800, **_HOW)
    month.call(month.on(8, 16), who, "rds:ModifyDBInstance", {**_COPY, "deletionProtection": False}, **_HOW)
    month.call(month.on(8, 16.1), who, "rds:DeleteDBInstance", {**_COPY, "skipFinalSnapshot": True}, **_HOW)
    test = person(DATABASES, "DatabaseAdmin", STAGING, console=True)
    password = {"dBInstanceIdentifier": "shop-test", "masterUserPassword": "****"}
    month.call(month.on(13, 11), test, "rds:ModifyDBInstance", password, **_HOW)


def _upgrade(number: int) -> tuple[Step, ...]:
    database, snapshot = {"dBInstanceIdentifier": "shop"}, {"dBSnapshotIdentifier": f"before-{number}"}
    parameters = {"dBParameterGroupName": "shop", "parameters": [{"parameterName": "work_mem"}]}
    return (
        ("rds:DescribeDBInstances", {}),
        ("pi:GetResourceMetrics", {}),
        ("rds:CreateDBSnapshot", {**database, **snapshot}),
        ("rds:ModifyDBParameterGroup", parameters),
        ("rds:DeleteDBSnapshot", {"dBSnapshotIdentifier": f"before-{number - 3}"}),
        ("rds:ModifyDBInstance", {**database, "allocatedStorage": 200 + number}),
    )
