"""AWS as the commands about a pipeline need it: a region that there is, and the account that the credentials are of."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from responder import arn
from responder.aws import regions
from responder.errors import ConfigurationError, ResponderError
from responder.pipeline.calls import Calls
from responder.pipeline.place import Place

from infra.cli import _terminal_aws


def connect(args: argparse.Namespace, on_wait: Callable[[str], None]) -> tuple[Calls, Place]:
    """Raises ResponderError where there are no credentials, no region, or no such profile."""
    terminal = _terminal_aws.terminal(args)
    region = terminal.region
    if not arn.is_region(region) or not regions.partition_of(region):
        raise ConfigurationError(f"'{region[:60]}' is no AWS region.", "Give --region as in eu-central-1.")
    try:
        found = terminal.aws().identity()
    except ResponderError as error:
        if "AWS accounts tab" in error.hint:
            error.hint = "Look at the credentials: aws sts get-caller-identity."
        raise
    if found.partition != regions.partition_of(region):
        raise ConfigurationError(
            f"The credentials are of partition {found.partition}, and {region} is in {regions.partition_of(region)}.",
            "Choose a region of that partition.",
        )
    place = Place(found.partition, found.account, region)
    return Calls(terminal.aws(found.account), time.sleep, on_wait), place
