"""The alert's message reaches whoever has subscribed to the topic."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof, listed
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Text, table
from sandbox.demo.workshop.site import Site
from sandbox.demo.workshop.steps.alert import TEMPLATE

TITLE, ORDER = "Dispatch: a topic, and a subscriber gets the message", 60
PARTS = ("alert", "dispatch")
AUDIT = "search index=main sourcetype=cloudtrail_responder:audit step=dispatched | table target message_id"


def play(site: Site) -> Iterator[Shown]:
    yield Text("The subscriber is a queue here. It might be a function, an address or a pager. Its template:")
    yield Output([TEMPLATE])
    sqs = site.world.aws.client("sqs")
    messages = sqs.receive_message(QueueUrl=site.subscriber, MaxNumberOfMessages=10).get("Messages", [])
    bodies = [str(one["Body"]) for one in messages]
    yield Output(bodies)
    key = site.estate.deploy_key
    expected = [f"{key.access_key_id} {key.user} Canada"] * len(site.happened(key.user))
    yield Proof("Key, user and country arrived: one message", bodies == expected, f"{len(bodies)} messages")
    yield Proof("The second run sent nothing again", site.waiting(site.subscriber) == len(expected), "each event once")
    yield Text("What the app has sent is in its audit.")
    yield Repeat(AUDIT)
    rows = site.search(AUDIT)
    yield table(rows)
    targets = listed(row["target"] for row in rows)
    yield Proof("The audit has each of them", len(rows) == len(expected), f"targets: {targets}")
