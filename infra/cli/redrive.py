"""Send dead letters back to their queue, once the reason is cured; the CloudTrail input reads them again."""

from __future__ import annotations

import argparse
import json
import sys

from responder.errors import ConfigurationError, ResponderError
from responder.ingest.dead_letters import redrive
from responder.ingest.queue import Queue
from responder.ingest.settings import QueueName

from infra.cli import _terminal_aws
from infra.cli._terminal import Page, neutral

#: Seconds for which a dead letter that is being sent back is hidden.
HIDDEN = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="dead_letters", required=True, metavar="URL", help="the dead-letter queue")
    parser.add_argument("--to", dest="queue", required=True, metavar="URL", help="the queue that the input reads")
    parser.add_argument("--most", type=int, default=100_000, metavar="N", help="messages at most (default: 100000)")
    parser.add_argument("--json", action="store_true", help="for machines")
    _terminal_aws.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0; 2 where AWS does not let us."""
    try:
        aws = _terminal_aws.connect(args)
        queues = [_queue(url) for url in (args.dead_letters, args.queue)]
        if queues[0].url == queues[1].url:
            raise ConfigurationError("Both queues are the same.", "Name the dead-letter queue with --from.")
        region = aws.account.default_region
        dead_letters, queue = (Queue(aws, one.url, one.region or region, HIDDEN) for one in queues)
        found = redrive(dead_letters, queue, args.most)
    except ResponderError as error:
        print(neutral(error), file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({"messages": found.messages, "reasons": found.reasons}))
        return 0
    page = Page()
    page.line(f"{found.messages:,} {'message was' if found.messages == 1 else 'messages were'} sent back.", "good")
    for reason in found.reasons:
        page.line(f"was dead because: {reason}", "quiet", indent=2)
    return 0


def _queue(url: str) -> QueueName:
    found = QueueName.parse(url)
    if found is None:
        raise ConfigurationError(
            f"'{url[:80]}' is not the URL of a standard SQS queue.", "Copy it from the SQS console."
        )
    return found
