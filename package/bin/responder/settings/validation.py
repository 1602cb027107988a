"""What must hold before a form of the setup page is saved, as far as no service has to be asked.

The door (``endpoints/setup_page.py``) reads what is stored, calls these checks, and then asks the service.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from . import operations
from .incidents import Grouping
from .model import (
    AGE,
    SECRETS,
    USES,
    AwsEntry,
    DispatchTarget,
    General,
    Http,
    JiraSite,
    NotifierEntry,
    Safety,
    SlackWorkspace,
    es_notes,
    retention_days,
)
from .parsing import TRUE, StanzaReader
from .ticket_files import attaches

#: What the page shows, and posts back, in place of a stored secret. Source: splunktaucclib, ``RestCredentials``.
MASKS = ("******", "********")
#: What an entry of a table is called, and the title of its tab.
ENTRIES = {
    "aws_account": ("AWS account", "AWS accounts"),
    "jira_site": ("Jira site", "Jira sites"),
    "slack_workspace": ("Slack workspace", "Slack"),
    "notifier": ("Notifier", "Notifiers"),
    "dispatch": ("Dispatch target", "Dispatch"),
}
#: Fields that decide where a stored secret goes, with their labels; and the one that says which secret is used.
#: AWS accounts have none: a request to AWS carries a signature, never the secret access key itself, and no field leads
#: elsewhere than to AWS. Whatever role, account or region is entered, the key's owner's rights do not grow.
_DESTINATIONS: Mapping[str, Mapping[str, str]] = {
    "jira_site": {"url": "URL", "deployment": "Deployment", "auth_type": "Kind of API token"},
    "slack_workspace": {"auth_type": "Credentials"},
    # What is signed for one receiver must not reach another, who could pass it on.
    "notifier": {"type": "Type", "webhook_url": "Webhook URL"},
    "proxy": {"proxy_url": "Host", "proxy_port": "Port"},
}
_DEFAULTS = {
    "jira_site": {"deployment": "cloud", "auth_type": "api_token"},
    "slack_workspace": {"auth_type": "bot"},
}
#: The field that chooses the secret, and its secret by value.
_USED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "jira_site": ("deployment", {"cloud": "api_token", "datacenter": "personal_access_token"}),
    "slack_workspace": ("auth_type", {"bot": "bot_token", "webhook": "webhook_url"}),
}


@dataclass(frozen=True)
class Form:
    """A form that somebody wants to save."""

    #: Name of the tab.
    kind: str
    #: Name of the entry; of a tab without a table, the tab's again.
    name: str
    #: The fields as posted: secrets may be masked, and what is left out stays as it is.
    posted: Mapping[str, str]
    #: The entry as it is stored, with its secrets masked; empty when there is none yet.
    stored: Mapping[str, str]
    #: The table's other entries.
    others: Mapping[str, Mapping[str, str]]

    @property
    def where(self) -> str:
        return f"{ENTRIES[self.kind][0]} '{self.name}'" if self.kind in ENTRIES else self.kind.capitalize()

    @property
    def stanza(self) -> dict[str, str]:
        """The entry as it would be stored."""
        return {**self.stored, **self.posted}

    @property
    def kept(self) -> tuple[str, ...]:
        """Fields whose stored secret would stay: the mask was posted, or nothing."""
        return tuple(field for field in SECRETS.get(self.kind, ()) if self.stanza.get(field) in MASKS)

    @property
    def untested(self) -> bool:
        """Whether the person wants the entry saved although the service was not asked."""
        read = StanzaReader(self.stanza, self.where, ENTRIES[self.kind][1])
        return read.flag("save_untested", "Save without testing")


def check_kept_secrets(form: Form) -> None:
    """Raises ConfigurationError when a stored secret would be copied, or be sent elsewhere than before.

    Otherwise whoever may change an address could have the secret sent to a host of his own.
    """
    labels = SECRETS.get(form.kind, {})
    if form.kept and not form.stored:
        # A clone shows the other entry's mask; saved as it is, the mask itself would become the secret.
        label = labels[form.kept[0]]
        raise ConfigurationError(
            f"{form.where}: {label} cannot be copied from another entry.", f"Enter '{label}' again."
        )
    moved = [label for field, label in _DESTINATIONS.get(form.kind, {}).items() if _changed(form, field)]
    secret = next((field for field in form.kept if field in _in_use(form)), "")
    if moved and secret:
        raise ConfigurationError(
            f"{form.where}: '{moved[0]}' has changed, and the stored {labels[secret]} is not sent to a new address.",
            f"Enter '{labels[secret]}' again.",
        )


def _in_use(form: Form) -> Collection[str]:
    """The secrets that would be sent. Of two, the other is asked for anew as soon as it is chosen."""
    if form.kind not in _USED:
        return SECRETS[form.kind]
    choice, secrets = _USED[form.kind]
    return (secrets.get(_place(form.kind, form.stanza, choice), ""),)


def _changed(form: Form, field: str) -> bool:
    return _place(form.kind, form.stored, field) != _place(form.kind, form.stanza, field)


def _place(kind: str, stanza: Mapping[str, str], field: str) -> str:
    """A field's value in one form for all ways to write it."""
    value = (stanza.get(field) or "").strip() or _DEFAULTS.get(kind, {}).get(field, "")
    if value in MASKS:
        # It stays as it is.
        return MASKS[0]
    if field == "url":
        try:
            parts = urlsplit(value)
            port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
            return f"{parts.scheme}://{parts.hostname}:{port}{parts.path.rstrip('/')}"
        except ValueError:
            return value
    return value.lower()


def clear_secrets(form: Form, stored: Mapping[str, str]) -> dict[str, str]:
    """The secrets as they would be stored: posted ones, and ``stored`` for those that are kept.

    Raises ConfigurationError when one is to be kept that is not there: the mask itself would become the secret.
    """
    labels, secrets = SECRETS.get(form.kind, {}), {}
    for field in labels:
        value = form.stanza.get(field, "")
        secrets[field] = stored.get(field, "") if field in form.kept else value
        if field in form.kept and not secrets[field]:
            raise ConfigurationError(f"{form.where}: no {labels[field]} is stored.", f"Enter '{labels[field]}' again.")
    return secrets


def aws_account(form: Form, secrets: Mapping[str, str], endpoint_url: str) -> AwsEntry:
    """The entry. Raises ConfigurationError: incomplete, malformed, or a second one for the same account."""
    entry = AwsEntry.from_conf(form.name, form.stanza, secrets, endpoint_url)
    for name, other in form.others.items():
        # Its secret does not matter here, and whether it is whole neither.
        named = AwsEntry.unusable(name, other, ConfigurationError("")).named_accounts
        twice = next((account for account in entry.named_accounts if account in named), "")
        if twice:
            raise ConfigurationError(f"AWS account {twice} already has the entry '{name}'.", "Edit that entry.")
    _check_ca_bundle(entry.template.network.ca_bundle)
    return entry


def jira_site(form: Form, secrets: Mapping[str, str], atlassian_api_url: str) -> JiraSite:
    """The entry. Raises ConfigurationError: incomplete or malformed. Reads the file of the CA bundle."""
    site = JiraSite.from_conf(form.name, form.stanza, secrets, atlassian_api_url)
    _check_ca_bundle(site.network.ca_bundle)
    if site.answers.problem is not None:
        raise site.answers.problem
    return site


def slack_workspace(form: Form, secrets: Mapping[str, str], api_url: str) -> SlackWorkspace:
    """The entry. Raises ConfigurationError: incomplete or malformed. Reads the file of the CA bundle."""
    workspace = SlackWorkspace.from_conf(form.name, form.stanza, secrets, api_url)
    _check_ca_bundle(workspace.network.ca_bundle)
    if workspace.app_token and not workspace.answerers:
        raise ConfigurationError(
            f"{form.where}: an app-level token is set, and nobody may answer.",
            "Enter 'Who may answer' on the Slack tab, or remove the token.",
        )
    if workspace.asks_actors and not workspace.app_token:
        raise ConfigurationError(
            f"{form.where}: 'Ask the person behind a finding' needs an app-level token.",
            "Enter 'App-level token' on the Slack tab, or clear 'Ask the person behind a finding'.",
        )
    return workspace


def notifier(form: Form, secrets: Mapping[str, str]) -> NotifierEntry:
    """The entry. Raises ConfigurationError: incomplete or malformed. Reads the file of the CA bundle."""
    entry = NotifierEntry.from_conf(form.name, form.stanza, secrets)
    _check_ca_bundle(entry.network.ca_bundle)
    return entry


def dispatch(form: Form, accounts: Collection[str]) -> DispatchTarget:
    """The entry. Raises ConfigurationError: incomplete or malformed, or it names an entry that is not there."""
    target = DispatchTarget.from_conf(form.name, form.stanza)
    if target.aws_account not in accounts:
        raise ConfigurationError(
            f"{form.where}: there is no AWS account '{target.aws_account[:60]}'.",
            "Add it on the AWS accounts tab first, or correct 'AWS account' on the Dispatch tab.",
        )
    if target.undo_target and not target.is_remediation:
        raise ConfigurationError(
            f"{form.where}: an undo target is entered, and the target is no remediation.",
            "Select 'Remediation' on the Dispatch tab, or remove the undo target.",
        )
    _check_undo_target(form, target)
    return target


def _check_undo_target(form: Form, target: DispatchTarget) -> None:
    if not target.undo_target:
        return
    other = form.others.get(target.undo_target)
    if other is None or other.get("is_remediation", "0") not in TRUE:
        raise ConfigurationError(
            f"{form.where}: '{target.undo_target}' is not the name of another remediation.",
            "Add it on the Dispatch tab first, with 'Remediation' selected, or correct 'Undo target'.",
        )


def general(form: Form, sites: Collection[str], workspaces: Collection[str]) -> General:
    """The tab. Raises ConfigurationError: malformed, or it names what is not there. Reads the file of the CA bundle."""
    tab = General.from_conf(form.stanza)
    for wanted, known, title, label in (
        (tab.default_jira_site, sites, "Jira site", "Default Jira site"),
        (tab.default_slack_workspace, workspaces, "Slack workspace", "Default Slack workspace"),
    ):
        if wanted and wanted not in known:
            raise ConfigurationError(
                f"There is no {title} named '{wanted}'.", f"Add it on its tab first, or correct '{label}'."
            )
    _check_ca_bundle(form.stanza.get("ca_bundle", ""))
    retention_days(form.stanza)
    es_notes(form.stanza)
    Grouping.from_conf(form.stanza)
    attaches(form.stanza, "")
    operations.channel(form.stanza)
    return tab


def _check_ca_bundle(path: str) -> None:
    if not path:
        return
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as error:
        reason = "holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else "cannot be read"
        raise ConfigurationError(
            f"The CA bundle '{path}' {reason}.", "It must be a PEM file on every search head."
        ) from error


def safety(form: Form, playbooks: Mapping[str, Collection[str]]) -> Safety:
    """The tab; ``playbooks``: what each can tell of a resource (``Playbook.measures``).

    Raises ConfigurationError: malformed, or a limit for a playbook that does not exist or cannot tell what it limits.
    """
    tab = Safety.from_conf(form.stanza)
    for label, named, measure in (
        ("Highest mode by playbook", tab.playbook_ceilings, ""),
        ("Oldest resource by playbook", tab.oldest_resources, AGE),
        ("Most uses by playbook", tab.most_uses, USES),
        ("Change windows", _playbooks_of(tab), ""),
    ):
        fit = [playbook for playbook, measures in playbooks.items() if not measure or measure in measures]
        unknown = next((playbook for playbook in named if playbook not in fit), "")
        if unknown:
            why = f"and it cannot tell the {measure} of a resource" if unknown in playbooks else _NO_SUCH
            raise ConfigurationError(
                f"Safety: {label} names '{unknown}', {why}.",
                f"Correct '{label}' on the Safety tab; the playbooks are {', '.join(sorted(fit))}.",
            )
    return tab


_NO_SUCH = "and there is no such playbook"


def _playbooks_of(tab: Safety) -> Collection[str]:
    return [window.subject for window in tab.change_windows if window.subject[:1].isalpha()]


def escalation(workspace: SlackWorkspace, label: str = "Escalation channel", tab: str = "Safety") -> None:
    """Raises ConfigurationError for a workspace in which no channel can be chosen, by the field ``label``."""
    if workspace.auth_type == "webhook":
        raise ConfigurationError(
            f"{tab}: the default Slack workspace '{workspace.name}' is a webhook, and posts in its own channel only.",
            f"Choose one with a bot token as the default on the General tab, or leave '{label}' empty.",
        )


def proxy(form: Form, secrets: Mapping[str, str]) -> Http:
    """The tab. Raises ConfigurationError: malformed, or enabled without a host."""
    return Http.from_conf(form.stanza, secrets, {})
