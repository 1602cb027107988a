"""An application of a partner writes objects with a key of its own (SSE-C), as its contract says."""

from __future__ import annotations

from ..company import JAVA, NAT, role
from ..month import Month


def happens(month: Month) -> None:
    who = role("partner-upload", "partner-upload")
    for number, at in enumerate(month.runs(2)):
        for part in range(6):
            month.data(
                at + part / 600,
                who,
                "s3:PutObject",
                {
                    "bucketName": "partner-sealed",
                    "key": f"{number}-{part}.bin",
                    "x-amz-server-side-encryption-customer-algorithm": "AES256",
                },
                ip=NAT,
                agent=JAVA,
            )
