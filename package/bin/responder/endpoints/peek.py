"""``peek``: the queues of an account and one message of a queue, which stays there.

Post ``{"account": entry or account ID}``, optionally with ``"queue"`` (name, URL or ARN; the only one that something
fills where it is left out) and ``"region"`` (the entry's own where it is left out).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..aws.accounts import Accounts
from ..errors import ConfigurationError, NotPermitted, Rejected, one_line
from ..pipeline.peek import peek
from ..pipeline.peek_rows import rows
from ..settings.model import AwsAccount
from ..settings.reader import Configuration
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    """``{"rows": [{"part", "label", "detail", "why"}]}``, all texts; see ``pipeline.peek_rows``."""
    config = Configuration(request.splunkd)
    account = _account(request, config).to_read()
    aws = request.services.aws(account, config.http)
    region = request.text("region", 40) or account.default_region
    try:
        return {"rows": rows(peek(aws, region, request.text("queue", 400)))}
    except NotPermitted as error:
        # It is the entry that may not, and not whoever asks.
        raise Rejected(error.message, error.hint) from error


def _account(request: Request, config: Configuration) -> AwsAccount:
    """The account that is named, by the name of its entry or by its ID."""
    named = request.text("account", 200)
    for entry in config.aws_entries():
        if named != entry.name:
            continue
        if entry.problem is not None:
            raise entry.problem
        if entry.accounts_from != "one":
            raise Rejected(f"Entry '{entry.name}' stands for several accounts.", "Name one of them by its ID.")
        return entry.account(entry.template.account_id)
    if not named.isdigit():
        raise ConfigurationError(
            f"There is no AWS account entry '{one_line(named)}'.", "Name one of the AWS accounts tab, or an account ID."
        )
    accounts = Accounts(config, lambda entry: request.services.organization(entry, config.http))
    return accounts.account_for(named)


ENDPOINT = Endpoint("peek", "cloudtrail_responder_admin", answer)
