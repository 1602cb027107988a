"""Look under the hood: the queues, one message layer by layer, and its log file. Nothing is consumed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from responder.errors import ResponderError
from responder.pipeline import peek_rows
from responder.pipeline.file_signature import FileSignature
from responder.pipeline.log_file import LogFile
from responder.pipeline.peek import Message, Peeked, peek
from responder.pipeline.queues import Queue

from infra.cli import _terminal_aws
from infra.cli._terminal import Page, neutral

EPILOG = """\
To look at a message is to receive it: it is given back at once, and its receive count is one higher. docs/peek.md
explains what is shown.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = EPILOG
    parser.add_argument("--queue", default="", metavar="NAME", help="a name, URL or ARN; default: the only one in use")
    parser.add_argument("--force", action="store_true", help="also where a look makes a message a dead letter")
    parser.add_argument("--json", action="store_true", help="for machines")
    _terminal_aws.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """0; 2 where AWS does not let us look."""
    try:
        aws = _terminal_aws.connect(args)
        region = aws.account.default_region
        found = peek(aws, region, args.queue, force=args.force)
    except ResponderError as error:
        print(neutral(_terminal_aws.explained(error)), file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(peek_rows.as_json(found), indent=2, default=str))
    else:
        Tutorial(Page(), region).show(found)
    return 0


class Tutorial:
    """What was found, step by step, and why it matters."""

    def __init__(self, page: Page, region: str) -> None:
        self._page = page
        self._region = region
        self._step = 0

    def show(self, found: Peeked) -> None:
        page = self._page
        self._title(f"The queues in {self._region}")
        page.paragraph(
            "CloudTrail writes a file to S3 about every five minutes. S3 reports it to a queue, directly or through "
            "SNS or EventBridge, and Splunk reads the queue: so no file is missed while Splunk is down."
        )
        for queue in found.queues:
            self._queue(queue)
        for note in found.notes:
            page.paragraph(note, "bad")
        if found.queue is None:
            page.line()
            page.paragraph(peek_rows.no_queue(found), "label")
            if found.queues:
                page.line(".venv/bin/python -m infra peek --queue NAME", "name", 2)
        elif found.message is None:
            self._title(f"No message in {found.queue.name}")
            page.paragraph(peek_rows.nothing_there(found.queue))
        else:
            self._message(found, found.queue, found.message)

    def _title(self, text: str) -> None:
        self._step += 1
        self._page.title(f"{self._step}. {text}")

    def _queue(self, queue: Queue) -> None:
        self._page.label(queue.name)
        self._page.facts(_readable(peek_rows.queue_facts(queue)))
        self._page.paragraph(peek_rows.about_queue(queue), "quiet", 2)

    def _message(self, found: Peeked, queue: Queue, message: Message) -> None:
        page = self._page
        self._title(f"One message of {queue.name}")
        page.facts(_readable(peek_rows.message_facts(message)))
        page.paragraph(peek_rows.about_message(queue, message), "good" if message.is_given_back else "bad", 2)
        self._title(f"Its {len(found.layers)} layers" if len(found.layers) > 1 else "What is in it")
        for number, layer in enumerate(found.layers, 1):
            page.label(f"Layer {number}: {layer.label}")
            page.paragraph(layer.why, "quiet", 2)
            page.value(layer.content)
        for file, signature in zip(found.files, found.signatures):
            self._file(file)
            if signature is not None:
                self._signature(signature)
        if found.more_files:
            page.paragraph(f"The message names {found.more_files} more files.")

    def _file(self, file: LogFile) -> None:
        page = self._page
        self._title("The file in S3")
        page.line(f"s3://{file.named.bucket}/{file.named.key}", "name")
        page.paragraph(peek_rows.about_file(file), "bad" if file.problem else "quiet", 2)
        if not file.exists:
            return
        facts = _readable(peek_rows.file_facts(file))
        page.facts({name: fact for name, fact in facts.items() if name not in ("bucket", "key")})
        if file.records:
            self._title(f"Records: {file.records}. The first {len(file.first)}:")
            page.paragraph(
                "Who (userIdentity) did what (eventName of eventSource), when, from where, and whether it worked "
                "(errorCode). In Splunk each becomes an event of sourcetype aws:cloudtrail.",
                "quiet",
            )
        for number, record in enumerate(file.first, 1):
            page.label(f"Record {number}: {record.get('eventName')} of {record.get('eventSource')}")
            page.value(record)

    def _signature(self, signature: FileSignature) -> None:
        page = self._page
        self._title("Is the file as CloudTrail wrote it?")
        page.paragraph("Every hour CloudTrail signs a digest: the hashes of the log files that it has delivered.")
        page.paragraph(signature.detail, {"signed": "good", "not yet": "quiet"}.get(signature.state, "bad"))
        if signature.digest:
            page.line(signature.digest, "name", 2)
        page.paragraph("This checks all files of a day, and names what was changed, deleted or added:", "quiet")
        page.line(".venv/bin/python -m infra validate --trail NAME --start 24h", "name", 2)


def _readable(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("_seconds", ""): _with_unit(name, fact) for name, fact in facts.items()}


def _with_unit(name: str, fact: Any) -> Any:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, datetime):
        return f"{fact:%Y-%m-%d %H:%M:%S} UTC"
    return f"{fact:.0f} s" if name.endswith("_seconds") and fact is not None else fact
