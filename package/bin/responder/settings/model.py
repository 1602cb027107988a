"""What the setup page saves, as checked, typed values.

One class per tab or table row; ``from_conf`` is the border where a stanza (strings, as splunkd returns
them) and its decrypted secrets become one. Field names are those of ``globalConfig.json``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..errors import ConfigurationError
from . import change_windows
from .aws_account import MODES, AwsAccount, AwsEntry
from .change_windows import ChangeWindow
from .excuses import DEFAULT as LONGEST_EXCUSE
from .excuses import longest_days
from .jira_answers import JiraAnswers
from .jira_fields import JiraFields
from .network import EntryNetwork, Http
from .notifier import NotifierEntry
from .parsing import LOOPBACK, StanzaReader, base_url, loopback_only
from .protections import Protection
from .secret import Secret
from .ticket_life import TicketLife

__all__ = [
    "AGE",
    "LOOPBACK",
    "MODES",
    "SECRETS",
    "USES",
    "AwsAccount",
    "AwsEntry",
    "EntryNetwork",
    "General",
    "Http",
    "JiraSite",
    "NotifierEntry",
    "Safety",
    "SlackWorkspace",
]

#: What some playbooks can tell of a resource: how old it is, and how many others use it.
AGE, USES = "age", "uses"
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
#: Source: docs.slack.dev, "conversations.create" (names are lower case) and "Conversation object" (ids).
CHANNEL_NAME, CHANNEL_ID = r"[^\s#@:,.*;A-Z]{1,80}", r"[CGDUW][A-Z0-9]{7,}"
#: An email address stands for the conversation with that member, as the id of one does.
EMAIL = r"[\w.+'-]{1,64}@[A-Za-z0-9.-]{1,190}"
CHANNEL = rf"(?:#?(?:{CHANNEL_ID}|{CHANNEL_NAME})|{EMAIL})"
#: A member (who may be named as Splunk knows them), an address, or a user group. Source: docs.slack.dev, "Users" and
#: "User groups" (ids).
SLACK_ANSWERER = r"[UW][A-Z0-9]{7,}(?:=[\w.+@\\-]{1,80})?|S[A-Z0-9]{7,}|" + EMAIL


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


@dataclass(frozen=True)
class Safety:
    """Tab ``safety``: what may be changed in AWS at all. Only administrators write it."""

    #: The mode of an alert that chooses none.
    default_mode: str = "simulate"
    #: The highest mode an alert may choose; empty means the default mode.
    mode_ceiling: str = ""
    #: The highest mode by playbook id; a playbook that is not named has no further limit.
    playbook_ceilings: Mapping[str, str] = field(default_factory=dict)
    #: Whether a finding must match its own CloudTrail events before anything is enforced.
    require_proof: bool = True
    #: True refuses every change, whatever an alert asks for.
    kill_switch: bool = False
    protected_accounts: tuple[str, ...] = ()
    #: ARNs, user or role names, access key ids; ``*`` is a wildcard.
    protected_principals: tuple[str, ...] = ()
    #: Resource ids or ARNs; ``*`` is a wildcard.
    protected_resources: tuple[str, ...] = ()
    #: ``key=value`` or ``key``; a resource that carries one is left alone.
    protected_tags: tuple[str, ...] = ()
    #: Entries of the lookup ``responder_protected`` that count now: not of the tab, and read together with it wherever
    #: guardrails decide (``remediation.recent_safety``).
    protections: tuple[Protection, ...] = ()
    #: Days before an entry of ``protections`` ends from which on people are warned.
    protection_warning_days: int = 14
    #: Days for which a case may be excused at most.
    longest_excuse_days: int = LONGEST_EXCUSE
    #: When changes are made by themselves; without a window of its playbook, its account or ``*`` a change always is.
    change_windows: tuple[ChangeWindow, ...] = ()
    #: By playbook: days, and uses, beyond which a resource is left alone.
    oldest_resources: Mapping[str, int] = field(default_factory=dict)
    most_uses: Mapping[str, int] = field(default_factory=dict)
    #: Hours for which a plan waits for an answer, and how many approvals it takes.
    approval_hours: int = 4
    approvals_needed: int = 1
    #: Whether the approval of the alert's owner, of who asked and of who did it does not count.
    four_eyes: bool = False
    #: A channel of the default workspace that is asked, too, once half of the time is over; empty for none.
    escalation_channel: str = ""
    #: By playbook: minutes between plan and change in which anybody may say no, and hours after which a change is taken
    #: back unless somebody keeps it.
    playbook_delays: Mapping[str, int] = field(default_factory=dict)
    playbook_time_limits: Mapping[str, int] = field(default_factory=dict)
    max_changes_per_run: int = 20
    #: Of all runs together, in any hour; and of these, by one playbook in one account.
    max_changes_per_hour: int = 100
    max_changes_per_account_and_playbook: int = 50
    #: Ports that may be open to the world (playbook ``revoke_open_ingress``).
    allowed_open_ports: tuple[int, ...] = (80, 443)

    @classmethod
    def from_conf(cls, stanza: Mapping[str, str]) -> Safety:
        """Raises ConfigurationError: a guardrail that cannot be read must stop the run, not be skipped."""
        read = StanzaReader({"allowed_open_ports": "80,443", **stanza}, "Safety", "Safety")
        ports = read.items("allowed_open_ports", "Allowed open ports", r"[0-9]{1,5}", "a port number")
        unknown = next((port for port in ports if not 1 <= int(port) <= 65535), "")
        if unknown:
            raise read.wrong("Allowed open ports", f"has the entry '{unknown}', which is not a port from 1 to 65535")
        return cls(
            default_mode=read.choice("default_mode", "Default mode", MODES, "simulate"),
            mode_ceiling=read.choice("mode_ceiling", "Highest mode", MODES, ""),
            playbook_ceilings=_playbook_ceilings(read),
            require_proof=read.flag("require_proof", "Require proof", default=True),
            kill_switch=read.flag("kill_switch", "Kill switch"),
            protected_accounts=read.items("protected_accounts", "Protected accounts"),
            protected_principals=read.items("protected_principals", "Protected principals"),
            protected_resources=read.items("protected_resources", "Protected resources"),
            protected_tags=read.items("protected_tags", "Protected tags"),
            protection_warning_days=read.number("protection_warning_days", "Days of warning", 14, 1, 365),
            longest_excuse_days=longest_days(read),
            change_windows=_change_windows(read),
            oldest_resources=_numbers(read, "oldest_resources", "Oldest resource by playbook", 36500),
            most_uses=_numbers(read, "most_uses", "Most uses by playbook", 99999, low=0),
            approval_hours=read.number("approval_hours", "Hours to answer", 4, 1, 72),
            approvals_needed=read.number("approvals_needed", "Approvals needed", 1, 1, 2),
            four_eyes=read.flag("four_eyes", "Four eyes"),
            escalation_channel=_channel_name(read),
            playbook_delays=_numbers(read, "playbook_delays", "Delay by playbook", 1440),
            playbook_time_limits=_numbers(read, "playbook_time_limits", "Time limit by playbook", 720),
            max_changes_per_run=read.number("max_changes_per_run", "Changes per run", 20, 1, 1000),
            max_changes_per_hour=read.number("max_changes_per_hour", "Changes per hour", 100, 1, 10000),
            max_changes_per_account_and_playbook=read.number(
                "max_changes_per_account_and_playbook", "Changes per account and playbook", 50, 1, 10000
            ),
            allowed_open_ports=tuple(int(port) for port in ports),
        )


def _channel_name(read: StanzaReader) -> str:
    channels = read.items(
        "escalation_channel",
        "Escalation channel",
        CHANNEL,
        "a channel such as #security-oncall or C0123456789",
    )
    return channels[0].lstrip("#") if channels else ""


def _change_windows(read: StanzaReader) -> tuple[ChangeWindow, ...]:
    label, text = "Change windows", read.text("change_windows")
    try:
        found = change_windows.parse(text)
    except ValueError as error:
        raise read.wrong(label, str(error)) from None
    if text and not found:
        raise read.wrong(label, f"is '{text[:60]}', which has no entry")
    return found


def _numbers(read: StanzaReader, name: str, label: str, most: int, low: int = 1) -> Mapping[str, int]:
    found = _by_playbook(read, name, label, "[0-9]{1,5}", "a pair such as revoke_open_ingress=10")
    for playbook, number in found.items():
        if not low <= int(number) <= most:
            raise read.wrong(label, f"gives {playbook} the number {number}, which is not from {low} to {most}")
    return MappingProxyType({playbook: int(number) for playbook, number in found.items()})


def _playbook_ceilings(read: StanzaReader) -> Mapping[str, str]:
    label, form = "Highest mode by playbook", "a pair such as deactivate_access_key=approve"
    found = _by_playbook(read, "playbook_ceilings", label, "[a-z]+", form)
    for playbook, mode in found.items():
        if mode not in MODES:
            raise read.wrong(label, f"gives {playbook} the mode '{mode}', which is not one of {', '.join(MODES)}")
    # One reading of the tab serves all threads.
    return MappingProxyType(found)


def _by_playbook(read: StanzaReader, name: str, label: str, value: str, form: str) -> dict[str, str]:
    """Pairs of a playbook and a value of this pattern, blanks around ``=`` or not."""
    joined = replace(read, stanza={name: re.sub(r"\s*=\s*", "=", read.text(name))})
    found: dict[str, str] = {}
    for pair in joined.items(name, label, f"[a-z][a-z0-9_]*={value}", form):
        playbook, _, given = pair.partition("=")
        if found.setdefault(playbook, given) != given:
            raise read.wrong(label, f"names {playbook} twice")
    return found
