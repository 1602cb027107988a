"""Clients of the stand-ins as the tests of this folder use them."""

from __future__ import annotations

from typing import Any

from responder.documents.document import Document, Heading, Paragraph, code, plain
from responder.jira.client import NewTicket, Tickets, label_of
from responder.settings.model import Http, JiraSite, SlackWorkspace
from responder.settings.secret import Secret
from responder.slack.client import Chat

from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn

HTTP = Http(connect_timeout=5.0, read_timeout=5.0)
#: For answers that never come.
IMPATIENT = Http(connect_timeout=2.0, read_timeout=0.4)
DOCUMENT = Document((Heading("Trail stopped", 1), Paragraph((plain("Somebody did "), code("StopLogging")))))
#: Before anything that a test writes.
LONG_AGO = 0.0
CASE = "c0ffee"
CHANNEL = "security-alerts"


def patience(fault: dict[str, Any]) -> Http:
    return IMPATIENT if fault["kind"].startswith("timeout") else HTTP


def site_of(jira: JiraStandIn, **changes: Any) -> JiraSite:
    own = jira.credentials
    token = own.api_token if jira.cloud else own.personal_access_token
    known: dict[str, Any] = {"email": own.email, "token": Secret(token), "default_project": "SEC"}
    return JiraSite(**{"name": "test", "deployment": jira.deployment, "url": jira.url, **known, **changes})


def tickets_of(jira: JiraStandIn, http: Http = HTTP, **changes: Any) -> Tickets:
    return Tickets(site_of(jira, **changes), http)


def new_ticket(**changes: Any) -> NewTicket:
    known: dict[str, Any] = {
        "project": "SEC",
        "issue_type": "Task",
        "summary": "[HIGH] Trail stopped",
        "document": DOCUMENT,
        "labels": (label_of(CASE), "cloud security"),
        "marker": f"{CASE}.ticket",
    }
    return NewTicket(**{**known, **changes})


def workspace_of(slack: SlackStandIn, **changes: Any) -> SlackWorkspace:
    """A workspace in which people can answer."""
    own = slack.credentials
    known: dict[str, Any] = {
        "name": "test",
        "auth_type": "bot",
        "bot_token": Secret(own.bot_token),
        "default_channel": CHANNEL,
        "api_url": own.api_url.rstrip("/"),
        "app_token": Secret(own.app_token),
        "answerers": ("U0ALICE001",),
    }
    return SlackWorkspace(**{**known, **changes})


def bot_of(slack: SlackStandIn, http: Http = HTTP, **changes: Any) -> Chat:
    return Chat(workspace_of(slack, **{"app_token": Secret(""), "answerers": (), **changes}), http)


def webhook_of(slack: SlackStandIn, http: Http = HTTP, url: str = "") -> Chat:
    return Chat(SlackWorkspace("test", "webhook", webhook_url=Secret(url or slack.credentials.webhook_url)), http)
