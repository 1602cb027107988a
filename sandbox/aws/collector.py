"""Plays the Splunk Add-on for AWS: reads the queue of new log files and hands their records to the index."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from sandbox.aws.server import AwsStandIn

#: Takes the records of one log file and its source (s3://bucket/key).
Sink = Callable[[list[dict[str, Any]], str], None]


class Collector:
    """An SQS-based S3 input: at least once, so it remembers which objects it has read."""

    def __init__(self, aws: AwsStandIn, queue_url: str, sink: Sink) -> None:
        self._sqs, self._s3 = aws.client("sqs"), aws.client("s3")
        self._queue, self._sink = queue_url, sink
        self._read: set[tuple[str, str, str]] = set()

    def collect(self) -> int:
        """Read what waits in the queue; returns the number of records handed on."""
        handed_on = 0
        while messages := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                for bucket, key in objects(message["Body"]):
                    handed_on += self._read_log(bucket, key)
                # Deleted only now: a crash before this line reads the file again.
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return handed_on

    def _read_log(self, bucket: str, key: str) -> int:
        answer = self._s3.get_object(Bucket=bucket, Key=key)
        identity = (bucket, key, answer["ETag"])
        if identity in self._read or "/CloudTrail-Digest/" in key:
            return 0
        records = json.loads(gzip.decompress(answer["Body"].read()))["Records"]
        self._sink(records, f"s3://{bucket}/{key}")
        self._read.add(identity)
        return len(records)


def objects(body: str) -> Iterator[tuple[str, str]]:
    """Bucket and key of each object in a queue message, whichever envelope it came in."""
    message = json.loads(body)
    if message.get("Type") == "Notification":
        message = json.loads(message["Message"])
    if "s3ObjectKey" in message:
        yield from ((message["s3Bucket"], key) for key in message["s3ObjectKey"])
    for entry in message.get("Records", ()):
        yield entry["s3"]["bucket"]["name"], unquote_plus(entry["s3"]["object"]["key"])
