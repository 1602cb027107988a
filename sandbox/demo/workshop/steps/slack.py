"""Slack has been notified, and its thread has what was done."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof, listed
from sandbox.demo.workshop.shown import Output, Shown, Text
from sandbox.demo.workshop.site import NOWHERE, Site

TITLE, ORDER = "Notify: what Slack shows", 120
PARTS = ("slack",)
SHOWN = ("HIGH", "Who:", "What:", "Where:", "When:")


def play(site: Site) -> Iterator[Shown]:
    yield Text("The alert posts to #security-alerts. What happens later is a reply in the same thread.")
    site.world.work()
    messages = site.world.slack.messages()
    starts = [one for one in messages if not one.thread_ts or one.thread_ts == one.ts]
    lines = [line for start in starts for line in start.text.splitlines() if line.strip()]
    # What is below changes with the case.
    yield Output([line for line in lines if line.startswith(SHOWN)])
    shows = len(starts) == 1 and site.ci_key.user in starts[0].text and NOWHERE in starts[0].text
    yield Proof("One message names user and address", shows, f"{len(starts)} message")
    text = "\n".join(message.text for message in messages)
    yield Proof("It names the key that was deactivated", site.ci_key.access_key_id in text, site.ci_key.access_key_id)
    live = [mention for message in messages for mention in message.mentions]
    yield Proof("Nothing of the event became a mention", not live, f"mentions: {listed(live)}")
