"""AWS as the person at the terminal has it: the AWS CLI's own profiles, sign-ins, environment and proxy.

In Splunk an account entry says all of this, and nothing of the host counts.
"""

from __future__ import annotations

import argparse
import os
import urllib.request
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError
from responder.aws.client import Aws
from responder.errors import ConfigurationError, ResponderError
from responder.settings.model import AwsAccount, Http
from responder.settings.parsing import loopback_only
from responder.settings.proxy_exceptions import ProxyExceptions
from responder.settings.secret import Secret


def add_arguments(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--profile", default="", help="of the AWS CLI (default: AWS_PROFILE, or what the CLI takes)")
    parser.add_argument("--region", default="", help="default: AWS_REGION, or the profile's")
    parser.add_argument("--endpoint-url", default="", metavar="URL", help="a stand-in of AWS on this host")


@dataclass(frozen=True)
class Terminal:
    """What the AWS CLI would use here."""

    region: str
    endpoint_url: str
    profile: str
    http: Http
    session: Any

    def aws(self, account_id: str = "") -> Aws:
        """``account_id``: where it is known already."""
        account = AwsAccount(
            name=self.profile or "default",
            account_id=account_id,
            auth_type="host_role",
            default_region=self.region,
            endpoint_url=self.endpoint_url,
        )
        return Aws(account, self.http, open_session=lambda: self.session)


def terminal(args: argparse.Namespace) -> Terminal:
    """Raises ConfigurationError for what the AWS CLI would not take either."""
    try:
        session = botocore.session.Session(profile=args.profile or None)
        region = args.region or os.environ.get("AWS_REGION") or session.get_config_variable("region")
        bundle = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
        has_credentials = session.get_credentials() is not None
    except BotoCoreError as error:
        raise ConfigurationError(f"{error}.", "Give another --profile, or run 'aws configure'.") from error
    if not has_credentials:
        raise ConfigurationError("No AWS credentials were found.", "Give --profile, or run 'aws configure'.")
    if not region:
        raise ConfigurationError("No region is chosen.", "Give --region, or set it in the profile.")
    trusting = _Trusting(session, bundle or True)
    return Terminal(region, loopback_only(args.endpoint_url), args.profile, _http(), trusting)


def connect(args: argparse.Namespace) -> Aws:
    """The same, as one account. Raises ConfigurationError."""
    return terminal(args).aws()


def explained(error: ResponderError) -> str:
    """For somebody who has no setup page."""
    is_of_the_app = "AWS accounts tab" in error.hint
    return f"{error.message} {'Look at the profile of the AWS CLI.' if is_of_the_app else error.hint}".strip()


class _Trusting:
    """A session whose clients trust the authorities that the AWS CLI would."""

    def __init__(self, session: Any, verify: Any) -> None:
        self._session = session
        self._verify = verify

    def create_client(self, *arguments: Any, **named: Any) -> Any:
        return self._session.create_client(*arguments, **{**named, "verify": self._verify})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


def _http() -> Http:
    proxies = urllib.request.getproxies()
    try:
        exceptions = ProxyExceptions.parse(proxies.get("no", ""))
    except ValueError as entry:
        raise ConfigurationError(f"NO_PROXY names '{entry}', which is no host.", "Correct NO_PROXY.") from entry
    proxy = Secret(proxies.get("https", ""))
    return Http(proxy_url=proxy, exceptions=exceptions, is_direct=not proxy, read_timeout=60)
