"""An application writes temporary files and deletes them by the hundred at night."""

from __future__ import annotations

from ..company import JAVA, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("invoice-fn", "invoice-fn")
    for number, at in enumerate(month.runs(30)):
        for verb in ("PutObject", "GetObject"):
            month.data(at, who, f"s3:{verb}", {"bucketName": "invoices-tmp", "key": f"tmp/{number}.pdf"}, agent=JAVA)
    for number, at in enumerate(month.runs(1, 3, 4)):
        for part in range(60):
            month.data(
                at + part / 3600,
                who,
                "s3:DeleteObject",
                {"bucketName": "invoices-tmp", "key": f"tmp/{number}-{part}.pdf"},
                agent=JAVA,
            )
