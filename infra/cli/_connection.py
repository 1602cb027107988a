"""AWS for a person at a terminal: the credentials, region and profile that AWS's own tools use."""

from __future__ import annotations

import argparse
import os
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace

from responder import arn
from responder.aws import regions
from responder.aws.client import Aws
from responder.errors import ConfigurationError, ResponderError
from responder.pipeline.calls import Calls
from responder.pipeline.place import Place
from responder.settings.model import AwsAccount, Http
from responder.settings.parsing import loopback_only
from responder.settings.proxy_exceptions import ProxyExceptions
from responder.settings.secret import Secret


def connect(args: argparse.Namespace, on_wait: Callable[[str], None]) -> tuple[Calls, Place]:
    """Raises ResponderError where there are no credentials, no region, or no such profile."""
    import botocore.session
    from botocore.exceptions import BotoCoreError

    from infra.cli import _terminal_aws

    session = botocore.session.Session(profile=args.profile or None)
    try:
        region = args.region or os.environ.get("AWS_REGION") or session.get_config_variable("region") or ""
        bundle = session.get_config_variable("ca_bundle") or ""
        has_credentials = session.get_credentials() is not None
    except BotoCoreError as error:
        raise ConfigurationError(f"AWS configuration: {error}.", "Correct ~/.aws/config, or --profile.") from error
    if not has_credentials:
        raise ConfigurationError("No AWS credentials were found.", "Give --profile, or run 'aws configure'.")
    if not region:
        raise ConfigurationError("No region is chosen.", "Give --region, or set it in the profile.")
    if not arn.is_region(region) or not regions.partition_of(region):
        raise ConfigurationError(f"'{region[:60]}' is no AWS region.", "Give --region as in eu-central-1.")
    account = AwsAccount(
        name=f"profile {args.profile or 'default'}",
        account_id="",
        auth_type="host_role",
        default_region=region,
        endpoint_url=loopback_only(args.endpoint_url),
    )
    http = Http(
        proxy_url=Secret(urllib.request.getproxies().get("https", "")),
        exceptions=_no_proxy(),
        read_timeout=60.0,
    )
    trusting = _terminal_aws.Trusting(session, bundle or True)
    try:
        found = Aws(account, http, open_session=lambda: trusting).identity()
    except ResponderError as error:
        if "AWS accounts tab" in error.hint:
            error.hint = "Look at the credentials: aws sts get-caller-identity."
        raise
    if found.partition != regions.partition_of(region):
        raise ConfigurationError(
            f"The credentials are of partition {found.partition}, and {region} is in {regions.partition_of(region)}.",
            "Choose a region of that partition.",
        )
    known = Aws(replace(account, account_id=found.account), http, open_session=lambda: trusting)
    return Calls(known, time.sleep, on_wait), Place(found.partition, found.account, region)


def _no_proxy() -> ProxyExceptions:
    try:
        return ProxyExceptions.parse(os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "")
    except ValueError as error:
        raise ConfigurationError(
            f"NO_PROXY has the entry '{str(error)[:60]}', which is no host, suffix or network.", "Correct it."
        ) from None
