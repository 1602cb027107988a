"""The options that commands about a pipeline share."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from responder.pipeline.events import TYPES
from responder.pipeline.names import NAMED
from responder.pipeline.options import ENCRYPTIONS, EXCLUDABLE, MANAGEMENT_EVENTS, NOTIFIERS, Options

from infra.cli import _terminal_aws

DEFAULTS = Options()


def add_connection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where")
    _terminal_aws.add_arguments(group)
    group.add_argument(
        "--records",
        type=Path,
        default=Path("~/.cloudtrail-responder"),
        metavar="DIR",
        help="where it is recorded what was made (default: %(default)s)",
    )
    group.add_argument("--json", action="store_true", help="print JSON in place of text")


def add_stem(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stem",
        default=argparse.SUPPRESS,
        help=f"what the names of all resources begin with (default: {DEFAULTS.stem})",
    )


def add_pipeline(parser: argparse.ArgumentParser) -> None:
    """Every option of a pipeline. What is not given is as it was recorded, else its default."""
    add_stem(parser)
    group = parser.add_argument_group("pipeline", argument_default=argparse.SUPPRESS)
    group.add_argument(
        "--name",
        dest="names",
        action="append",
        metavar="RESOURCE=NAME",
        help=f"use this name, and what has it; RESOURCE is one of {', '.join(NAMED)}",
    )
    group.add_argument("--notifier", choices=NOTIFIERS, help=f"who announces new files ({DEFAULTS.notifier})")
    group.add_argument(
        "--raw-delivery", action=argparse.BooleanOptionalAction, help="whether SNS leaves its envelope away (no)"
    )
    group.add_argument(
        "--encryption", choices=ENCRYPTIONS, help="by a KMS key of the pipeline's own, or by AWS's keys (kms)"
    )
    group.add_argument(
        "--trail", action=argparse.BooleanOptionalAction, help="whether there is a trail here, or only elsewhere (yes)"
    )
    group.add_argument("--organization", action=argparse.BooleanOptionalAction, help="a trail of the organization (no)")
    group.add_argument("--source-trail", dest="source_trails", action="append", metavar="ARN", help="a trail elsewhere")
    group.add_argument("--key-prefix", help="what the keys of files begin with (nothing)")
    group.add_argument("--management-events", choices=MANAGEMENT_EVENTS, help="which of them (all)")
    group.add_argument(
        "--exclude-event-source",
        dest="exclude_event_sources",
        action="append",
        choices=EXCLUDABLE,
        help="management events that are left out",
    )
    group.add_argument(
        "--data-events",
        action="append",
        metavar="TYPE[:read|:write][=ARN]",
        help=f"data events to record: {', '.join(TYPES)}, or a type such as AWS::SNS::Topic (none)",
    )
    for name, metavar, about in _NUMBERS:
        flag = f"--{name.replace('_', '-')}"
        default = getattr(DEFAULTS, name)
        group.add_argument(flag, dest=name, type=int, metavar=metavar, help=f"{about} ({default})")
    group.add_argument("--reader", metavar="ARN", help="IAM user or role that reads by a role of the pipeline (none)")
    group.add_argument("--external-id", help="external ID of that role")
    group.add_argument(
        "--reader-network",
        dest="reader_networks",
        action="append",
        metavar="CIDR",
        help="from where the role may be assumed (anywhere)",
    )
    group.add_argument("--tag", dest="tags", action="append", metavar="KEY=VALUE", help="a tag for all that is made")
    group.add_argument("--record-id", default="", help="go on where the record was lost: the tag has its ID")


_NUMBERS = (
    ("retention_days", "DAYS", "how long files are kept; 0: for good"),
    ("archive_days", "DAYS", "when files move to Glacier Instant Retrieval; 0: never"),
    ("max_receive_count", "N", "how often a message is read before it is a dead letter"),
    ("visibility_seconds", "SECONDS", "how long a message that was received stays hidden"),
    ("message_days", "DAYS", "how long a message waits in the queue"),
    ("events_per_month", "N", "for the estimate of costs"),
)


def given(args: argparse.Namespace) -> dict[str, Any]:
    """What was chosen, as ``Options.of`` takes it. Raises ValueError, one line, for a pair that is none."""
    found = {name: value for name, value in vars(args).items() if name in vars(DEFAULTS)}
    for name, flag in (("names", "--name"), ("tags", "--tag")):
        if name in found:
            found[name] = _pairs(found[name], flag)
    return found


def _pairs(texts: list[str], flag: str) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in texts]
    for text, (key, equals, _) in zip(texts, pairs):
        if not equals or not key:
            raise ValueError(f"{flag} {text[:80]}: write it as KEY=VALUE.")
    return {key: value for key, _, value in pairs}
