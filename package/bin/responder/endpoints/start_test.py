"""``start_test``: a test ticket or a test message.

Post ``{"service": "jira", "entry": site, "project": key, "issue_type": name}`` or ``{"service": "slack", "entry":
workspace, "channel": name}``; what is empty is as on the setup page. What was stopped is looked up by the next test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Rejected, one_line
from ..settings.reader import Configuration
from ..starting import trials
from .base import Endpoint, Request
from .start import CAPABILITY


def answer(request: Request) -> Mapping[str, Any]:
    """``{"name": key or channel, "url": text}``."""
    splunkd, config, by = request.splunkd, Configuration(request.splunkd), request.caller.user
    service, entry, general = request.text("service", 20), request.text("entry", 200), config.general
    if service == "jira":
        site, project = config.jira_site(entry), request.text("project", 100)
        if not general.allows_project(project or site.default_project, site.default_project):
            raise Rejected(f"The General tab does not allow project '{one_line(project)}'.", "Choose another one.")
        tickets = request.services.tickets(site, config.http)
        made = trials.ticket(splunkd, site, tickets, project, request.text("issue_type", 200), by)
    elif service == "slack":
        workspace, channel = config.slack_workspace(entry), request.text("channel", 200)
        if not general.allows_channel(channel or workspace.default_channel, workspace.default_channel):
            raise Rejected(f"The General tab does not allow channel '{one_line(channel)}'.", "Choose another one.")
        made = trials.message(splunkd, workspace, request.services.chat(workspace, config.http), channel, by)
    else:
        raise Rejected(f"'{one_line(service)}' is not jira or slack.")
    return {"name": made.name, "url": made.url}


ENDPOINT = Endpoint("start_test", CAPABILITY, answer)
