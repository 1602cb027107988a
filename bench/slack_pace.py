"""``python -m bench.slack_pace``: requests that each of 2,000 messages to one channel costs, at Slack's pace.

Slack takes one message a second in a channel. The app's client is driven in this process, and time is virtual: it
passes when the client waits, and with each request.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.figures import Figure, table
from sandbox.faults import Fault
from sandbox.loopback import Exchange
from sandbox.slack import SlackStandIn

if TYPE_CHECKING:
    from tests.virtual_clock import VirtualClock

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = 2_000


class OneASecond(SlackStandIn):
    """Takes one message a second in each channel, by the virtual clock. Each request is on its way for a while.

    Source: docs.slack.dev, "Rate limits".
    """

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self.clock = clock
        self.chance = random.Random(11)
        self.last: dict[str, float] = {}

    def fault_of(self, exchange: Exchange) -> Fault | None:
        self.clock.time += self.chance.uniform(0.02, 0.3)
        if not exchange.path.endswith("/chat.postMessage"):
            return super().fault_of(exchange)
        # The stand-in's channels: a name and an id are the same one.
        wanted = exchange.json["channel"]
        channel = next((one.id for one in self.channels() if wanted in (one.id, one.name)), wanted)
        too_early = self.clock.time - self.last.get(channel, -1.0) < 1.0
        if not too_early:
            self.last[channel] = self.clock.time
        return Fault("rate_limit", 429, headers={"Retry-After": "1"}) if too_early else super().fault_of(exchange)


def main(messages: int = MESSAGES) -> list[Figure]:
    sys.path[:0] = [str(ROOT), str(ROOT / "package" / "bin")]
    from responder.engine.pacing import Paces
    from responder.errors import Unavailable
    from responder.slack.client import Chat
    from responder.slack.rate_limits import WORKSPACE

    from tests.outward.outward_clients import CHANNEL, DOCUMENT, HTTP, workspace_of
    from tests.virtual_clock import VirtualClock

    clock = VirtualClock()
    with OneASecond(clock) as slack:
        # As patient as a round of the worker.
        chat = Chat(workspace_of(slack), HTTP, Paces(lambda: 20.0, clock).service("slack:test", WORKSPACE))
        began, marker = clock.time, 0
        while marker < messages:
            try:
                with chat.admitted(CHANNEL):
                    chat.post(CHANNEL, DOCUMENT, f"m{marker}")
            except Unavailable:
                # Again, as the engine does.
                continue
            marker += 1
        posted, asked, seconds = len(slack.messages()), len(slack.requests), clock.time - began
    if posted != messages:
        raise RuntimeError(f"{posted} messages were posted, not {messages}")
    return [
        Figure(
            f"requests to Slack for each of {messages:,} messages to one channel",
            f"{asked / posted:.3f}",
            "posted: 1",
            asked / posted,
            "at most 1.1",
        ),
        Figure(
            "time until all of them are posted, by the virtual clock",
            f"{seconds:,.0f} s",
            f"one a second: {messages:,} s",
            seconds / messages,
            "at most 1.4",
        ),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    print(table(main(parser.parse_args().messages)))
