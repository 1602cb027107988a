"""What the setup page saves, as checked, typed values.

One class per tab or table row; ``from_conf`` is the border where a stanza (strings, as splunkd returns
them) and its decrypted secrets become one. Field names are those of ``globalConfig.json``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import ConfigurationError
from .aws_account import MODES, AwsAccount, AwsEntry
from .dispatch_target import DispatchTarget
from .jira_answers import JiraAnswers
from .jira_fields import JiraFields
from .network import EntryNetwork, Http
from .notifier import NotifierEntry
from .parsing import LOOPBACK, StanzaReader, base_url, loopback_only
from .safety import AGE, USES, Safety
from .secret import Secret
from .slack_names import CHANNEL, CHANNEL_ID, EMAIL, SLACK_ANSWERER
from .ticket_life import TicketLife

__all__ = [
    "AGE",
    "EMAIL",
    "LOOPBACK",
    "MODES",
    "SECRETS",
    "USES",
    "AwsAccount",
    "AwsEntry",
    "DispatchTarget",
    "EntryNetwork",
    "General",
    "Http",
    "JiraSite",
    "NotifierEntry",
    "Safety",
    "SlackWorkspace",
]

#: Encrypted fields by tab or table, each with its label on the setup page.
SECRETS: Mapping[str, Mapping[str, str]] = {
    "aws_account": {"secret_access_key": "Secret access key"},
    "jira_site": {"api_token": "API token", "personal_access_token": "Personal access token"},
    "slack_workspace": {"bot_token": "Bot token", "webhook_url": "Webhook URL", "app_token": "App-level token"},
    "notifier": {"webhook_url": "Webhook URL", "signing_secret": "Signing secret"},
    "proxy": {"proxy_password": "Password"},
}
#: Source: Atlassian, "Changing the project key format": keys are upper case, whatever pattern an administrator sets.
PROJECT_KEY = r"[A-Z][A-Z0-9_]+"


@dataclass(frozen=True)
class JiraSite:
    """One Jira to open tickets in (table ``jira_site``)."""

    name: str
    #: ``cloud`` or ``datacenter``.
    deployment: str
    #: Base URL without a trailing slash; https unless loopback.
    url: str
    email: str = ""
    #: API token (cloud) or personal access token (datacenter).
    token: Secret = Secret("")
    default_project: str = ""
    default_issue_type: str = "Task"
    #: Of a cloud site: ``api_token``, or ``scoped_token`` (with scopes, or of a service account).
    auth_type: str = "api_token"
    #: Loopback only, for the sandbox; empty means Atlassian itself.
    atlassian_api_url: str = ""
    network: EntryNetwork = EntryNetwork()
    #: Who may answer in its tickets, and how.
    answers: JiraAnswers = JiraAnswers()
    fields: JiraFields = JiraFields()
    life: TicketLife = TicketLife()

    @property
    def is_scoped(self) -> bool:
        """Whether its API is at api.atlassian.com, and not at the site's address."""
        return self.deployment == "cloud" and self.auth_type == "scoped_token"

    @classmethod
    def from_conf(
        cls, name: str, stanza: Mapping[str, str], secrets: Mapping[str, str], atlassian_api_url: str = ""
    ) -> JiraSite:
        """Raises ConfigurationError naming the field that is missing or malformed."""
        read = StanzaReader(stanza, f"Jira site '{name}'", "Jira sites")
        deployment = read.choice("deployment", "Deployment", ("cloud", "datacenter"), "cloud")
        token = "api_token" if deployment == "cloud" else "personal_access_token"
        if not secrets.get(token):
            label = SECRETS["jira_site"][token]
            raise ConfigurationError(f"{read.where}: no token is saved.", f"Enter '{label}' on the Jira sites tab.")
        if deployment == "cloud" and not read.text("email"):
            raise ConfigurationError(
                f"{read.where}: no email address is saved.",
                "Enter 'Email' on the Jira sites tab: the address of the account that owns the API token.",
            )
        url = read.url("url", "URL")
        if not url:
            raise ConfigurationError(f"{read.where}: no URL is saved.", "Enter 'URL' on the Jira sites tab.")
        return cls(
            name=name,
            deployment=deployment,
            url=url,
            email=read.text("email"),
            token=Secret(secrets[token]),
            auth_type=read.choice("auth_type", "Kind of API token", ("api_token", "scoped_token"), "api_token"),
            atlassian_api_url=loopback_only(atlassian_api_url),
            default_project=read.text("default_project"),
            default_issue_type=read.text("default_issue_type", "Task"),
            network=EntryNetwork.from_conf(read),
            answers=JiraAnswers.saved(read, deployment == "cloud"),
            fields=JiraFields.from_conf(read),
            life=TicketLife.from_conf(read),
        )


@dataclass(frozen=True)
class SlackWorkspace:
    """One Slack to post to (table ``slack_workspace``)."""

    name: str
    #: ``bot`` (token; threads, look-up) or ``webhook`` (one channel; neither).
    auth_type: str
    bot_token: Secret = Secret("")
    webhook_url: Secret = Secret("")
    default_channel: str = ""
    #: Loopback only, for the sandbox; empty means Slack itself.
    api_url: str = ""
    network: EntryNetwork = EntryNetwork()
    #: For Socket Mode, by which people answer.
    app_token: Secret = Secret("")
    #: Who may answer: as ``SLACK_ANSWERER``.
    answerers: tuple[str, ...] = ()
    #: Whether the person behind a finding is asked in Slack if it was them.
    asks_actors: bool = False

    @property
    def takes_answers(self) -> bool:
        """Whether people can answer in Slack by a click or a command."""
        return self.auth_type == "bot" and bool(self.app_token) and bool(self.answerers)

    @property
    def takes_reactions(self) -> bool:
        """Whether they can by a reaction instead: no link brings their clicks."""
        return self.auth_type == "bot" and not self.app_token and bool(self.answerers)

    @property
    def is_answered(self) -> bool:
        """Whether people can answer in Slack at all."""
        return self.takes_answers or self.takes_reactions

    @classmethod
    def from_conf(
        cls, name: str, stanza: Mapping[str, str], secrets: Mapping[str, str], api_url: str = ""
    ) -> SlackWorkspace:
        """Raises ConfigurationError naming the field that is missing or malformed."""
        read = StanzaReader(stanza, f"Slack workspace '{name}'", "Slack")
        auth_type = read.choice("auth_type", "Credentials", ("bot", "webhook"), "bot")
        secret = "bot_token" if auth_type == "bot" else "webhook_url"
        label, value = SECRETS["slack_workspace"][secret], secrets.get(secret, "")
        if not value:
            raise ConfigurationError(f"{read.where}: no {label} is saved.", f"Enter '{label}' on the Slack tab.")
        if auth_type == "webhook":
            try:
                base_url(value)
            except ValueError:
                raise read.wrong(label, "is not a plain https:// address") from None
        return cls(
            name=name,
            auth_type=auth_type,
            bot_token=Secret(value if auth_type == "bot" else ""),
            webhook_url=Secret(value if auth_type == "webhook" else ""),
            default_channel=read.text("default_channel"),
            api_url=loopback_only(api_url),
            network=EntryNetwork.from_conf(read),
            app_token=Secret(secrets.get("app_token", "") if auth_type == "bot" else ""),
            answerers=read.items(
                "answerers",
                "Who may answer",
                SLACK_ANSWERER,
                "a member ID (U0123456789 or U0123456789=kim), an email address or a user group ID (S0123456789)",
            ),
            asks_actors=auth_type == "bot" and read.flag("asks_actors", "Ask the person behind a finding"),
        )


def retention_days(general: Mapping[str, str]) -> int:
    """Days for which closed cases are kept. Not part of ``General``: a wrong number must keep nobody from a ticket.

    Raises ConfigurationError: then nothing is removed.
    """
    read = StanzaReader(general, "General", "General")
    return read.number("retention_days", "Days to keep closed cases", 400, 30, 36_500)


def es_notes(general: Mapping[str, str]) -> bool:
    """Whether findings of Enterprise Security get notes. Not part of ``General``: it must keep nobody from a ticket.

    Raises ConfigurationError: then no note is written.
    """
    return StanzaReader(general, "General", "General").flag("es_notes", "Notes in Enterprise Security", default=True)


@dataclass(frozen=True)
class General:
    """Tab ``general``: defaults, and what alerts may choose."""

    default_jira_site: str = ""
    default_slack_workspace: str = ""
    #: Keys of the projects that alerts may choose; empty means any.
    allowed_jira_projects: tuple[str, ...] = ()
    #: Names (without ``#``) and ids of the channels that alerts may choose; empty means any.
    allowed_slack_channels: tuple[str, ...] = ()
    #: Base URL of Splunk Web for links in tickets and messages, without a trailing slash; empty when none is set.
    splunk_web_url: str = ""

    @classmethod
    def from_conf(cls, stanza: Mapping[str, str]) -> General:
        """Raises ConfigurationError: a list that cannot be read must not be taken for an empty one."""
        read = StanzaReader(stanza, "General", "General")
        channels = read.items(
            "allowed_slack_channels",
            "Allowed Slack channels",
            CHANNEL,
            "a channel such as #security-alerts or C0123456789",
        )
        return cls(
            default_jira_site=read.text("default_jira_site"),
            default_slack_workspace=read.text("default_slack_workspace"),
            allowed_jira_projects=read.items(
                "allowed_jira_projects", "Allowed Jira projects", PROJECT_KEY, "a project key such as SEC"
            ),
            allowed_slack_channels=tuple(channel.lstrip("#") for channel in channels),
            splunk_web_url=read.url("splunk_web_url", "Splunk Web URL"),
        )

    def allows_project(self, key: str, default: str = "") -> bool:
        """Whether an alert may choose a project.

        ``default`` is the site's default project: an administrator chose it, so it needs no place in the list. Jira's
        keys are upper case, so ``sec`` can only mean ``SEC``.
        """
        allowed = {_project(known) for known in (*self.allowed_jira_projects, default) if known}
        return not self.allowed_jira_projects or _project(key) in allowed

    def allows_channel(self, name_or_id: str, default: str = "") -> bool:
        """Whether an alert may choose a channel, by name (with or without ``#``) or by id.

        ``default`` is the workspace's default channel: an administrator chose it, so it needs no place in the list.
        A name is not resolved to its id: the list has to hold what alerts use.
        """
        allowed = {_channel(known) for known in (*self.allowed_slack_channels, default) if known}
        return not self.allowed_slack_channels or _channel(name_or_id) in allowed


def _project(key: str) -> str:
    """One form for the ways to write a key. ASCII only: ``str.upper`` makes letters of look-alikes, Jira does not."""
    return key.strip().upper() if key.isascii() else key


def _channel(name_or_id: str) -> str:
    """One form for the ways to write a channel. Case tells an id (upper) from a name (lower)."""
    bare = name_or_id.strip().lstrip("#")
    return bare.lower() if bare.isascii() and not re.fullmatch(CHANNEL_ID, bare) else bare
