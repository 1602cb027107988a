"""external-dns keeps records of the cluster's services."""

from __future__ import annotations

from ..company import CLUSTER, GO, pod
from ..month import Month


def happens(month: Month) -> None:
    who = pod("external-dns")
    for number, at in enumerate(month.runs(10)):
        changes = [
            {"action": "UPSERT", "resourceRecordSet": {"name": f"app{number % 40}.example.com", "type": kind}}
            for kind in ("A", "TXT")
        ]
        month.steps(
            at,
            who,
            (
                ("route53:ListHostedZones", {}),
                ("route53:ListResourceRecordSets", {"hostedZoneId": "Z0123456789EXAMPLE"}),
                (
                    "route53:ChangeResourceRecordSets",
                    {"hostedZoneId": "Z0123456789EXAMPLE", "changeBatch": {"changes": changes}},
                ),
            ),
            ip=CLUSTER,
            agent=GO + " external-dns/v0.14.2",
        )
