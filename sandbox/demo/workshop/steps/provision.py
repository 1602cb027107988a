"""One command makes CloudTrail's way to Splunk."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof
from sandbox.demo.workshop.shown import Shown, Text
from sandbox.demo.workshop.site import LOG_BUCKET, STEM, Site

TITLE, ORDER = "Provision: CloudTrail, S3, SNS, SQS", 10
PARTS = ("trail", "bucket", "topic", "queue", "dead")


def play(site: Site) -> Iterator[Shown]:
    yield Text("CloudTrail writes files to a bucket. S3 announces each file to a topic; a queue keeps the messages.")
    yield from site.infra("apply", "--yes")
    yield Text("And does it work? The second command asks AWS.")
    yield from site.infra("verify")
    logging = site.recorder.logging_buckets()
    yield Proof("The trail is logging into the new bucket", logging == {STEM: LOG_BUCKET}, ", ".join(logging.values()))
    topics = site.world.aws.client("sns").list_subscriptions()["Subscriptions"]
    endpoints = [one["Endpoint"].rpartition(":")[2] for one in topics]
    yield Proof("The queue is subscribed to the topic", endpoints == [STEM], ", ".join(endpoints))
