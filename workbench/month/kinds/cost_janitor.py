"""Each week a function deletes volumes, snapshots and images that nobody uses."""

from __future__ import annotations

from ..company import DEV, PROD, STAGING, digest, role
from ..month import Month


def happens(month: Month) -> None:
    for account in (DEV, STAGING, PROD):
        for number, at in enumerate(month.runs(0.15, 5, 6)):
            who = role("cost-janitor", "cost-janitor", account)
            for item in range(15):
                name = digest(f"{account}{number}{item}")
                month.steps(
                    at + item / 600,
                    who,
                    (
                        ("ec2:DeleteVolume", {"volumeId": f"vol-{name}"}),
                        ("ec2:DeleteSnapshot", {"snapshotId": f"snap-{name}"}),
                        ("ec2:DeregisterImage", {"imageId": f"ami-{name}"}),
                        ("ec2:ReleaseAddress", {"allocationId": f"eipalloc-{name}"}),
                    ),
                )
