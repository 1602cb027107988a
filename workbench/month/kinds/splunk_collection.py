"""Splunk itself collects: the add-on reads queues and buckets of logs."""

from __future__ import annotations

from ..company import BOTO, LOGS, NAT, user
from ..month import Month


def happens(month: Month) -> None:
    who = user("splunk-collector", LOGS)
    for at in month.runs(20):
        month.call(at, who, "sqs:GetQueueAttributes", {"queueUrl": "trail"}, ip=NAT, agent=BOTO)
        for number in range(4):
            key = f"AWSLogs/o-example/CloudTrail/{number}-{at:.3f}.json.gz"
            month.data(
                at + number / 3600, who, "s3:GetObject", {"bucketName": "org-trail", "key": key}, ip=NAT, agent=BOTO
            )
