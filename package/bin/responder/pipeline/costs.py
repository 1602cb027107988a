"""What a pipeline costs a month, roughly: list prices of us-east-1 in 2026, without free tiers and discounts.

Prices change, and differ between regions; the order of magnitude is what a plan is for. Source: AWS's price pages of
CloudTrail, S3, SNS, SQS, KMS and EventBridge.
"""

from __future__ import annotations

from dataclasses import dataclass

from .options import Options

#: Bytes of an event in a file as CloudTrail compresses it, and events in a file, as measured on logs of a few accounts.
EVENT_BYTES, EVENTS_A_FILE = 230, 20
GIB = 2**30
S3_GIB, ARCHIVE_GIB, S3_GET = 0.023, 0.004, 0.40e-6
SNS_PUBLISH, SQS_REQUEST, EVENTBRIDGE_EVENT = 0.50e-6, 0.40e-6, 1e-6
KMS_KEY, KMS_REQUEST = 1.0, 0.03 / 10_000
#: Requests to SQS for a file: sent, received, deleted.
REQUESTS_A_MESSAGE = 3
DATA_EVENT = 0.10 / 100_000


@dataclass(frozen=True)
class Cost:
    what: str
    dollars: float
    note: str = ""


def monthly(options: Options) -> list[Cost]:
    """For ``events_per_month``, once as many days are there as are kept."""
    events = options.events_per_month
    files = events / EVENTS_A_FILE
    found = [Cost("CloudTrail, management events", 0.0, "The first copy is free; a further one is $2.00 per 100,000.")]
    if options.data_events:
        note = f"${DATA_EVENT * 1_000_000:.2f} per million; how many there are, only your account knows."
        found.append(Cost("CloudTrail, data events", 0.0, note))
    months = min(options.retention_days or 365, 3650) / 30
    warm = min(options.archive_days / 30, months) if options.archive_days else months
    gib = events * EVENT_BYTES / GIB
    stored = gib * (warm * S3_GIB + (months - warm) * ARCHIVE_GIB)
    after = f"after {options.retention_days} days" if options.retention_days else "after a year, and rising"
    kept = f"{gib * months:.1f} GiB {after}"
    found.append(Cost("S3 storage", stored, kept))
    found.append(Cost("S3 requests", files * S3_GET, "CloudTrail's own writes are free."))
    if options.notifier == "eventbridge":
        found.append(Cost("EventBridge", files * EVENTBRIDGE_EVENT))
    else:
        found.append(Cost("SNS", files * SNS_PUBLISH, "To SQS it delivers for free."))
    found.append(Cost("SQS", files * SQS_REQUEST * REQUESTS_A_MESSAGE))
    if options.encryption == "kms":
        found.append(Cost("KMS", KMS_KEY + files * KMS_REQUEST, "One key, and a request a file: bucket keys are on."))
    return found


def total(costs: list[Cost]) -> float:
    return sum(one.dollars for one in costs)
