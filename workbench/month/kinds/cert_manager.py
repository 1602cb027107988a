"""cert-manager proves by DNS records that a name is ours, and takes them away again."""

from __future__ import annotations

from ..company import CLUSTER, GO, pod
from ..month import Month


def happens(month: Month) -> None:
    who = pod("cert-manager")
    for number, at in enumerate(month.runs(4)):
        record = {"name": f"_acme-challenge.app{number % 30}.example.com", "type": "TXT"}
        month.steps(
            at,
            who,
            (
                ("route53:ListHostedZonesByName", {}),
                *(
                    (
                        "route53:ChangeResourceRecordSets",
                        {
                            "hostedZoneId": "Z0123456789EXAMPLE",
                            "changeBatch": {"changes": [{"action": action, "resourceRecordSet": record}]},
                        },
                    )
                    for action in ("UPSERT", "DELETE")
                ),
                ("route53:GetChange", {"id": "C0123456789"}),
            ),
            seconds=30,
            ip=CLUSTER,
            agent=GO + " cert-manager-challenges/v1.15.1",
        )
