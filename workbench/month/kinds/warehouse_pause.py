"""Test warehouses and caches are made in the morning and deleted in the evening by a pipeline."""

from __future__ import annotations

from ..company import STAGING, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("data-platform", "airflow", STAGING)
    for number, at in enumerate(month.runs(0.6, 8, 9, workdays=True)):
        month.call(
            at, who, "redshift:CreateCluster", {"clusterIdentifier": f"test-{number}", "publiclyAccessible": False}
        )
        month.call(at, who, "elasticache:CreateReplicationGroup", {"replicationGroupId": f"test-{number}"})
        month.call(
            at + 10,
            who,
            "redshift:DeleteCluster",
            {"clusterIdentifier": f"test-{number}", "skipFinalClusterSnapshot": True},
        )
        month.call(at + 10, who, "elasticache:DeleteReplicationGroup", {"replicationGroupId": f"test-{number}"})
