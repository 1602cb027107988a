"""What the first step has made is removed: that, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.aws.estate import DATA_BUCKET
from sandbox.demo.proof import Proof, listed
from sandbox.demo.workshop.shown import Shown, Text
from sandbox.demo.workshop.site import Site

TITLE, ORDER = "Tear down: nothing is left", 140
PARTS = ("trail", "bucket", "topic", "queue", "dead")


def play(site: Site) -> Iterator[Shown]:
    yield Text("First the input is switched off. Without --delete-data the bucket and its files would stay.")
    disabled = site.world.rest("POST", "data/inputs/responder_cloudtrail/workshop", data={"disabled": "1"})
    disabled.raise_for_status()
    site.world.runner.input_schedule.stop()
    yield from site.infra("teardown", "--delete-data", "--yes")
    aws = site.world.aws
    buckets = [one["Name"] for one in aws.client("s3").list_buckets()["Buckets"]]
    yield Proof("Only the bucket is left that was there before", buckets == [DATA_BUCKET], listed(buckets))
    queues = [url.rpartition("/")[2] for url in aws.client("sqs").list_queues().get("QueueUrls", ())]
    yield Proof("Only the subscriber's queue is left", queues == ["soc"], listed(queues))
    trails = [one["Name"] for one in aws.client("cloudtrail").describe_trails()["trailList"]]
    yield Proof("There is no trail", not trails, f"trails: {listed(trails)}")
