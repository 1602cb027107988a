"""Names of services with the names of defaults as of now: the default site and the same site by its name are one.

Alerts and findings name sites, workspaces and accounts, so there may be any number of names. Those without an entry on
the setup page are one service for each family: nothing is sent for them, and none of them gets a share of its own.
"""

from __future__ import annotations

import hashlib

from ..errors import ConfigurationError
from ..settings.reader import Configuration, no_aws_entry

#: Characters of a name; it becomes a part of keys and addresses.
LONGEST = 200


def resolved(config: Configuration, service: str) -> str:
    """``<service>:<name>[:<channel>]`` as in ``Kind.service``, with what it leaves to the settings filled in.

    ``<service>:`` where the settings have no such entry.
    """
    family, _, rest = service.partition(":")
    try:
        if family == "aws":
            service = _aws(config, rest)
        elif family == "jira":
            service = f"jira:{config.jira_site(rest).name}"
        elif family == "slack":
            name, _, channel = rest.partition(":")
            workspace = config.slack_workspace(name)
            bot = workspace.auth_type == "bot"
            service = f"slack:{workspace.name}:{(channel or workspace.default_channel) if bot else ''}"
        elif family == "notify":
            service = f"notify:{config.notifier(rest).name}"
        elif family == "dispatch":
            service = f"dispatch:{config.dispatch_target(rest).name}"
    except ConfigurationError:
        # The task itself says what is missing.
        return f"{family}:"
    return service if len(service) <= LONGEST else _shortened(service)


def _aws(config: Configuration, account_id: str) -> str:
    """An account of its own where an entry names it, else the organization's: findings may name any account."""
    named = config.aws_entry_naming(account_id)
    if named is not None:
        named.account(account_id)
        return f"aws:{account_id}"
    organization = next((entry for entry in config.aws_entries() if entry.is_organization), None)
    if organization is None or not account_id:
        raise no_aws_entry(account_id)
    return f"aws:{organization.name}"


def site_of(service: str) -> str:
    """``slack:<workspace>`` of ``slack:<workspace>:<channel>``: what is away is away for all of its channels."""
    return ":".join(service.split(":")[:2])


def _shortened(service: str) -> str:
    digest = hashlib.sha256(service.encode("utf-8", "replace")).hexdigest()[:20]
    return f"{service[: LONGEST - 21]}#{digest}"
