"""Where a finding goes: what the alert itself names, else the route for it, else the defaults of the settings.

An alert's owner may choose among what the General tab allows. A route is the administrators' own choice, and so is a
default: neither is held against that list. What a route says counts only where it can be meant: its project, issue
type, components and parent for its own site and project, its people for its own site or workspace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..cases import enrichment
from ..cases.recording import TaskRequest
from ..cases.task import Task
from ..errors import ConfigurationError, ResponderError
from ..findings.finding import Finding
from ..settings import routes
from ..settings.model import JiraSite, SlackWorkspace
from ..settings.reader import Configuration
from ..settings.routes import NOWHERE, Route
from ..splunk.client import Splunkd
from .base import Context, request_text


@dataclass(frozen=True)
class TicketPlace:
    site: JiraSite
    #: Key, or empty where neither alert nor route nor site names one.
    project: str
    #: What of the route counts here.
    route: Route = NOWHERE


@dataclass(frozen=True)
class MessagePlace:
    workspace: SlackWorkspace
    channel: str
    route: Route = NOWHERE


def ticket_place(context: Context) -> TicketPlace:
    """Raises ConfigurationError, Curable for an entry that cannot be read, and what reading the lookup raises."""
    return _ticket_place(context.config, context.request, route_for(context.splunkd, context.finding))


def message_place(context: Context) -> MessagePlace:
    """As ``ticket_place``."""
    return _message_place(context.config, context.request, route_for(context.splunkd, context.finding))


def notifier_named(splunkd: Splunkd, request: Mapping[str, Any], finding: Finding | None) -> str:
    """The notifier that an alert names, else its route; empty for the only one. Raises as ``ticket_place``."""
    named = request_text(request, "notifier")
    return named or (route_for(splunkd, finding).notifier if finding is not None else "")


def route_for(splunkd: Splunkd, finding: Finding) -> Route:
    """The route for a finding; ``NOWHERE`` where there is none."""
    entries = routes.read(splunkd)
    if not entries:
        return NOWHERE
    known = enrichment.account(splunkd, finding.vendor_account)
    subject = {
        "account": finding.vendor_account,
        "ou": known.get("ou", ""),
        "owner": known.get("owner", ""),
        "detection": finding.signature_id,
        "severity": finding.severity,
    }
    entry = routes.chosen(entries, subject)
    return entry.route() if entry is not None else NOWHERE


def route_at(splunkd: Splunkd, config: Configuration, finding: Finding, site: str) -> Route:
    """The route for a finding whose ticket is at a site; ``NOWHERE`` where it is for another one."""
    route = route_for(splunkd, finding)
    return route if _is_default_or(site, route.site, lambda: config.jira_site().name) else NOWHERE


def account_for(splunkd: Splunkd, finding: Finding) -> dict[str, str]:
    """What is known of a finding's account (``cases/enrichment.py``), and who is on call for the finding itself."""
    known, on_call = enrichment.account(splunkd, finding.vendor_account), route_for(splunkd, finding).on_call
    return {**known, "oncall_team": on_call} if on_call else known


def service_of(splunkd: Splunkd, config: Configuration, task: Task) -> str:
    """The service that a task needs (as in ``Kind.service``), with the site or channel that its route names now."""
    return _service(splunkd, config, task.kind, task.request, task.finding) or task.service


def routed(
    splunkd: Splunkd, config: Configuration, asked: Sequence[tuple[Finding, TaskRequest]]
) -> list[tuple[Finding, TaskRequest]]:
    """What alerts ask for, with the services of their routes: by these the worker has shares and leaves out."""
    found = []
    for finding, wanted in asked:
        service = _service(splunkd, config, wanted.kind, wanted.request, finding)
        found.append((finding, replace(wanted, service=service or wanted.service)))
    return found


def _service(
    splunkd: Splunkd, config: Configuration, kind: str, request: Mapping[str, Any], finding: Finding | None
) -> str:
    """Empty where no route says more. What cannot be read changes nothing: the task itself tells what is wrong."""
    if kind not in ("ticket.finding", "slack.finding", "notify.finding") or finding is None:
        return ""
    try:
        route = route_for(splunkd, finding)
        if route == NOWHERE:
            return ""
        if kind == "notify.finding":
            return f"notify:{request_text(request, 'notifier') or route.notifier}"
        if kind == "ticket.finding":
            return f"jira:{_ticket_place(config, request, route).site.name}"
        place = _message_place(config, request, route)
        return f"slack:{place.workspace.name}:{place.channel}"
    except ResponderError:
        return ""


def _ticket_place(config: Configuration, request: Mapping[str, Any], route: Route) -> TicketPlace:
    named = request_text(request, "jira_site")
    if named and not _is_default_or(named, route.site, lambda: config.jira_site().name):
        site = config.jira_site(named)
        return TicketPlace(site, request_text(request, "project") or site.default_project)
    site = config.jira_site(named or route.site)
    routed = route.project or site.default_project
    project = request_text(request, "project") or routed
    if project.upper() != routed.upper():
        route = replace(route, issue_type="", components=(), parent="")
    return TicketPlace(site, project, route)


def _message_place(config: Configuration, request: Mapping[str, Any], route: Route) -> MessagePlace:
    named, chosen = request_text(request, "slack_workspace"), request_text(request, "channel")
    if named and not _is_default_or(named, route.workspace, lambda: config.slack_workspace().name):
        workspace = config.slack_workspace(named)
        return MessagePlace(workspace, chosen or workspace.default_channel)
    workspace = config.slack_workspace(named or route.workspace)
    return MessagePlace(workspace, chosen or route.channel or workspace.default_channel, route)


def _is_default_or(named: str, routed: str, default: Any) -> bool:
    """Whether the entry that an alert names is the one that a route is for."""
    try:
        return named == (routed or str(default()))
    except ConfigurationError:
        # There is no default: such a route is for none.
        return False
