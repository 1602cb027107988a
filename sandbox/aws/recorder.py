"""CloudTrail: records what actors do and delivers log files to the trail's bucket, while the trail is logging."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import secrets
import threading
from typing import Any

from sandbox.aws.actors import Actor
from sandbox.aws.calls import AwsCall
from sandbox.aws.hearing import After
from sandbox.aws.records import DATA_EVENTS, READS, record
from sandbox.aws.server import REGION, AwsStandIn


class Recorder:
    """Records every actor's calls; ``deliver`` writes the new ones, as CloudTrail does every few minutes."""

    def __init__(self, aws: AwsStandIn) -> None:
        self._aws = aws
        self._cloudtrail, self._s3 = aws.client("cloudtrail"), aws.client("s3")
        self._undelivered: list[tuple[str, str, dict[str, Any]]] = []
        self._buckets_before: dict[str, str] = {}
        self._lock = threading.Lock()
        #: Everything actors did, whether a trail logged it or not: what really happened.
        self.everything: list[dict[str, Any]] = []
        #: Event ids of what a trail has logged.
        self.logged: set[str] = set()

    def watch(self, actor: Actor) -> Actor:
        actor.url, actor.listener, actor.before = self._aws.url, self._on_response, self._before_call
        return actor

    def watch_key(self, actor: Actor) -> None:
        """Record what an actor changes whose calls other processes make: found by its key, at AWS's own door."""
        self._aws.listen(actor.access_key_id, lambda call: self._before_answer(actor, call))

    def _before_answer(self, actor: Actor, call: AwsCall) -> After:
        if call.operation.startswith(READS):
            return lambda parsed, request_id: None
        parameters, before = call.parameters(), set(self.logging_buckets().values())

        def answered(parsed: dict[str, Any], request_id: str) -> None:
            # A trail logs the call that stops it, and the one that starts it.
            buckets = before | set(self.logging_buckets().values())
            self._record(record(actor, call.model, call.region, parameters, parsed, request_id), buckets)

        return answered

    def logging_buckets(self) -> dict[str, str]:
        """Bucket by name of each trail that is logging."""
        trails = self._cloudtrail.describe_trails()["trailList"]
        on = (t for t in trails if self._cloudtrail.get_trail_status(Name=t["TrailARN"])["IsLogging"])
        return {t["Name"]: t["S3BucketName"] for t in on}

    def _before_call(self) -> None:
        # The call that stops a trail is the last one the trail logs.
        self._buckets_before = self.logging_buckets()

    def _on_response(
        self, actor: Actor, model: Any, region: str, parameters: dict[str, Any], parsed: dict[str, Any]
    ) -> None:
        self._record(record(actor, model, region, parameters, parsed), set(self._buckets_before.values()))

    def _record(self, entry: dict[str, Any], buckets: set[str]) -> None:
        # The history of management events needs no trail.
        self._aws.has_happened(entry)
        with self._lock:
            self.everything.append(entry)
            if entry["eventName"] in DATA_EVENTS:
                return
            self.logged.update([entry["eventID"]] if buckets else ())
            for bucket in buckets:
                self._undelivered.append((bucket, entry["awsRegion"], entry))

    def deliver(self) -> list[str]:
        """Write one log file a bucket and region, as gzip'd ``{"Records": [...]}``; returns their keys."""
        with self._lock:
            undelivered, self._undelivered = self._undelivered, []
        files: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for bucket, region, entry in undelivered:
            files.setdefault((bucket, region), []).append(entry)
        keys = []
        for (bucket, region), entries in files.items():
            key = log_key(entries[0]["recipientAccountId"], region or REGION)
            body = gzip.compress(json.dumps({"Records": entries}).encode())
            self._s3.put_object(Bucket=bucket, Key=key, Body=body)
            keys.append(key)
        return keys


def log_key(account: str, region: str) -> str:
    """Where CloudTrail puts a log file (CloudTrail user guide, "Finding your CloudTrail log files")."""
    now = dt.datetime.now(dt.timezone.utc)
    stamp, unique = now.strftime("%Y%m%dT%H%MZ"), secrets.token_hex(8)
    day = now.strftime("%Y/%m/%d")
    return f"AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{stamp}_{unique}.json.gz"
