"""S3 replicates to the recovery account by its role."""

from __future__ import annotations

from ..company import RECOVERY, role, through
from ..month import Month


def happens(month: Month) -> None:
    who = through(role("s3-replication", "s3-replication"), "s3")
    for number, at in enumerate(month.runs(25)):
        month.data(at, who, "s3:GetObject", {"bucketName": "invoices", "key": f"{number}.pdf"})
        month.data(
            at, who, "s3:PutObject", {"bucketName": "invoices-recovery", "key": f"{number}.pdf"}, account=RECOVERY
        )
