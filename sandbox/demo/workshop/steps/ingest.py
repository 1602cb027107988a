"""The app's input brings the records into the index, each once."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof
from sandbox.demo.workshop.shown import Repeat, Shown, Text, table
from sandbox.demo.workshop.site import STEM, Site

TITLE, ORDER = "Ingest: the CloudTrail input reads the queue", 30
PARTS = ("queue", "dead", "input", "index")
FILES = "search index=main sourcetype=cloudtrail_responder:ingest | table source records written duplicates lag_seconds"


def play(site: Site) -> Iterator[Shown]:
    yield Text("On the Inputs page: Create New Input > CloudTrail. The app tests it, and splunkd starts it.")
    sqs = site.world.aws.client("sqs")
    fields = {
        "interval": "60",
        "aws_account": "production",
        "queue_url": site.queue_url,
        "dead_letter_queue": str(sqs.get_queue_url(QueueName=f"{STEM}-dead-letter")["QueueUrl"]),
        "index": "main",
        "disabled": "0",
    }
    answer = site.world.rest("POST", "data/inputs/responder_cloudtrail", data={"name": "workshop", **fields})
    yield Proof("The input is saved", answer.ok, f"responder_cloudtrail://workshop reads {STEM}")
    site.world.runner.input_schedule.start()
    site.deliver()
    site.until(lambda: site.waiting() == 0, "The queue was not empty")
    found = site.indexed()
    holds = sorted(found) == sorted(site.recorder.logged)
    yield Proof("Every record is an event, once", holds, f"{len(found)} events of {len(site.recorder.logged)} records")
    yield Proof("The message is gone, now that the index has the records", site.waiting() == 0, "the queue is empty")
    yield Text("For each file there is an event that says how it went.")
    yield Repeat(FILES)
    rows = site.search(FILES)
    yield table(rows)
    holds = bool(rows) and all(row["records"] == row["written"] for row in rows)
    yield Proof("The input says the same", holds, f"{len(rows)} file")
