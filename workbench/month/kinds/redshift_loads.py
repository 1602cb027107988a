"""The warehouse is loaded by functions through its data API; analysts' tools get temporary credentials."""

from __future__ import annotations

from ..company import ANALYSTS, JAVA, OFFICE, PROD, person, role
from ..month import Month


def happens(month: Month) -> None:
    for at in month.runs(10):
        month.steps(
            at,
            role("warehouse-load", "warehouse-load"),
            (
                ("redshift:GetClusterCredentials", {"clusterIdentifier": "dwh", "dbUser": "load"}),
                ("redshift-data:ExecuteStatement", {"clusterIdentifier": "dwh", "database": "dwh"}),
                ("redshift-data:DescribeStatement", {}),
            ),
        )
    for number, at in enumerate(month.runs(2, 9, 17, workdays=True)):
        month.call(
            at,
            person(ANALYSTS[number % 3], "DataAnalysis", PROD),
            "redshift:GetClusterCredentialsWithIAM",
            {"clusterIdentifier": "dwh"},
            ip=OFFICE,
            agent=JAVA,
        )
