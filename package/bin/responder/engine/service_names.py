"""Names of services with the names of defaults as of now: the default site and the same site by its name are one."""

from __future__ import annotations

from ..errors import ConfigurationError
from ..settings.reader import Configuration


def resolved(config: Configuration, service: str) -> str:
    """``<service>:<name>[:<channel>]`` as in ``Kind.service``, with what it leaves to the settings filled in."""
    family, _, rest = service.partition(":")
    try:
        if family == "jira":
            return f"jira:{config.jira_site(rest).name}"
        if family == "slack":
            name, _, channel = rest.partition(":")
            workspace = config.slack_workspace(name)
            bot = workspace.auth_type == "bot"
            return f"slack:{workspace.name}:{(channel or workspace.default_channel) if bot else ''}"
    except ConfigurationError:
        # The task itself says what is missing.
        return service
    return service
