"""A message of the queue, layer by layer, without consuming it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sandbox.aws import estate
from sandbox.demo.proof import Proof
from sandbox.demo.workshop.shown import Output, Shown, Text
from sandbox.demo.workshop.site import LOG_BUCKET, Site, StepFailed

TITLE, ORDER = "Look under the hood: one message, three layers of JSON", 20
PARTS = ("bucket", "topic", "queue")


def play(site: Site) -> Iterator[Shown]:
    yield Text("Alice works at the office. A thief asks from another country whose key it has stolen: deploy-bot's.")
    alice = site.actor(site.estate.admin_key, estate.OFFICE_IP)
    alice.client("ec2").describe_instances()
    thief = site.actor(site.estate.deploy_key, estate.ATTACKER_IP)
    thief.client("sts").get_caller_identity()
    (key,) = site.recorder.deliver()
    yield Text("CloudTrail has written a file with what they did. In front of the message about it is S3's test event:")
    yield Output([_take_test_event(site)])
    yield Text("It names no file, so we take it out of the queue. This is the next message.")
    before = site.waiting()
    printed: list[str] = []
    for shown in site.infra("peek"):
        printed += shown.lines if isinstance(shown, Output) else []
        yield shown
    yield Proof("It shows the file that CloudTrail has just written", f"s3://{LOG_BUCKET}/{key}" in printed, key)
    shows = f"Records: {len(site.recorder.logged)}." in " ".join(printed)
    yield Proof("It counts the records in the file", shows, f"{len(site.recorder.logged)} records")
    yield Proof("Nothing was consumed", site.waiting() == before > 0, f"{site.waiting()} messages wait, as before")


def _take_test_event(site: Site) -> str:
    """S3 sends it when notifications are set. Raises StepFailed where there is none."""
    sqs = site.world.aws.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=site.queue_url, MaxNumberOfMessages=1)["Messages"]
    inner = str(json.loads(message["Body"])["Message"])
    if "s3:TestEvent" not in inner:
        raise StepFailed(f"The first message is not S3's test event: {inner[:200]}")
    sqs.delete_message(QueueUrl=site.queue_url, ReceiptHandle=message["ReceiptHandle"])
    return inner
