"""The search becomes an alert that runs by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import quote

from sandbox.aws.server import ACCOUNT, REGION
from sandbox.demo.proof import Proof, listed
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Text
from sandbox.demo.workshop.site import MINUTES, OWNER, Site, stanza
from sandbox.demo.workshop.steps.search import ABROAD

TITLE, ORDER = f"Alert: the same search every {MINUTES} minutes", 50
PARTS = ("search", "alert")
NAME, TARGET = "Use from abroad", "subscribers"
TEMPLATE = "$result.userIdentity.accessKeyId$ $result.userIdentity.userName$ $result.Country$"
DISPATCH = {"action.responder_dispatch": "1", "action.responder_dispatch.param.target": TARGET}


def play(site: Site) -> Iterator[Shown]:
    yield Text("An administrator names a topic as a target (Dispatch tab). Pat saves an alert that uses it.")
    _make_target(site)
    settings = {"search": ABROAD, **DISPATCH}
    site.save_alert(NAME, settings)
    yield Output(stanza(NAME, settings))
    first, second = site.next_run(NAME), site.next_run(NAME)
    apart = (second.scheduled_time - first.scheduled_time) / 60
    times = listed(time.strftime("%H:%M", time.gmtime(run.scheduled_time)) for run in (first, second))
    yield Proof(f"It ran twice, {MINUTES} minutes apart", apart == MINUTES, times)
    found = len(site.happened(site.estate.deploy_key.user))
    counts = [run.result_count for run in (first, second)]
    yield Proof("Both times it found the thief's call", counts == [found, found], f"results: {listed(counts)}")
    codes = [run.exit_code for firing in (first, second) for run in firing.actions]
    yield Proof("Both times its action went well", codes == [0, 0], f"exit codes: {listed(codes)}")
    yield Text("To run it at once, without the clock:")
    yield Repeat(f'| savedsearch "{NAME}"')
    answer = site.world.rest("GET", f"/servicesNS/{OWNER}/search/saved/searches/{quote(NAME)}", OWNER)
    yield Proof("Splunk keeps it for its owner", answer.ok, f"owner {OWNER}, who is no administrator")


def _make_target(site: Site) -> None:
    """A topic with a subscriber, as another team may have it; and the app's name for it."""
    sns, sqs = site.world.aws.client("sns"), site.world.aws.client("sqs")
    topic = str(sns.create_topic(Name="security-findings")["TopicArn"])
    site.subscriber = str(sqs.create_queue(QueueName="soc")["QueueUrl"])
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:soc",
        Attributes={"RawMessageDelivery": "true"},
    )
    form = {"type": "sns", "aws_account": "production", "arn": topic, "message": "template", "template": TEMPLATE}
    site.world.save("dispatch", TARGET, form)
