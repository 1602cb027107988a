"""Data Lifecycle Manager: snapshots by policy."""

from __future__ import annotations

from ..company import STAGING, digest, role, through
from ..month import Month


def happens(month: Month) -> None:
    who = through(role("AWSDataLifecycleManagerDefaultRole", "dlm", STAGING, "service-role/"), "dlm")
    for number, at in enumerate(month.runs(1, 3, 4)):
        for disk in range(12):
            month.call(at, who, "ec2:CreateSnapshots", {"instanceSpecification": {"instanceId": f"i-{disk}"}})
            month.call(at + 0.1, who, "ec2:DeleteSnapshot", {"snapshotId": f"snap-{digest(f'dlm{number}{disk}')}"})
