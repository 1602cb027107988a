"""Messages about the app itself in the operations channel: services that are away or back, work for a person.

A task like any other, so it is sent once, looked up where no answer came, and waits while Slack is away. What becomes
of such a message is no failure that people hear of: ``KIND`` is left out wherever failures are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases import outages
from ..cases.keys import case_id, follow_up
from ..cases.outcomes import MessagePosted
from ..cases.task import Task
from ..documents import operations
from ..documents.document import Document
from ..errors import ConfigurationError, DamagedDocument
from ..settings import validation
from ..settings.operations import LABEL, TAB
from ..settings.reader import Configuration
from .base import Context, Kind, Result, request_text
from .slack import find, post, service

KIND, OWNER = "slack.operations", "cloudtrail_responder"
#: What messages are about.
AWAY, BACK, ATTENTION = "away", "back", "attention"


def message(about: str, subject: str, stage: str, facts: Mapping[str, Any], channel: str) -> Task:
    """A message to be recorded; the same subject and stage are the same message, whoever records it.

    ``channel`` empty: the default channel of the default workspace.
    """
    request = {"about": about, "channel": channel, "facts": dict(facts)}
    key = follow_up(case_id(f"operations|{subject}"), "slack", KIND, about, stage)
    return Task(key, KIND, request, service(request, None), owner=OWNER)


def channel_of(config: Configuration, is_outage: bool) -> str | None:
    """Where messages go now; empty for the default channel, None for nowhere. Of outages people hear in any case."""
    try:
        config.slack_workspace("")
        chosen = config.operations_channel
    except ConfigurationError:
        # The bulletin message and the health page say it all the same.
        return None
    return chosen if chosen or is_outage else None


def report(context: Context) -> Result:
    """Post it where the settings say now."""
    about, facts = request_text(context.task.request, "about"), context.task.request.get("facts")
    if not isinstance(facts, dict):
        raise DamagedDocument(f"Task {context.task.key} has no facts.", "Delete it.")
    channel = channel_of(context.config, about != ATTENTION)
    if channel is None:
        return Result("No operations channel is set.")
    if about == AWAY and _is_over(context, facts):
        return Result("The service answers again.")
    workspace = context.config.slack_workspace("")
    if channel:
        validation.escalation(workspace, LABEL, TAB)
    posted = MessagePosted(
        turn=context.turn.number,
        workspace=workspace.name,
        requested_channel=channel,
        channel=channel or workspace.default_channel,
    )
    return post(context, _document(about, facts), posted, is_alerts_choice=False)


def _is_over(context: Context, facts: Mapping[str, Any]) -> bool:
    outage = outages.fetch(context.splunkd, str(facts.get("service")))
    return outage is None or outage.since != facts.get("since") or bool(outage.back or outage.over_at)


def _document(about: str, facts: Mapping[str, Any]) -> Document:
    """Raises DamagedDocument for facts that this version did not write."""
    try:
        if about == ATTENTION:
            return operations.attention([operations.Waiting(**group) for group in facts["groups"]], facts["at"])
        name, since = facts["name"], facts["since"]
        if about == AWAY:
            return operations.late(name, since, facts["late"])
        return operations.caught_up(name, since, facts["back"], facts["what"], facts["counts"])
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedDocument("The facts of a message are damaged.", "Delete the task.") from error


KINDS = (Kind(KIND, "slack", report, find, service=service),)
