"""What must hold before the setup page saves a form: it is complete, and the service accepts it.

Called by the setup page's REST handlers (``custom_hook_mixin``) with the form as it was posted.
"""

from __future__ import annotations

import ssl
from dataclasses import replace
from typing import Callable, Dict, Mapping

from ..errors import ConfigurationError, ResponderError
from ..splunk.client import Splunkd
from .model import AwsAccount, Http, JiraSite, Safety, SlackWorkspace
from .parsing import parse_bool
from .reader import AWS_ACCOUNT, JIRA_SITE, SETTINGS, SLACK_WORKSPACE, Configuration

#: What the page shows, and posts back, in place of a stored secret.
PLACEHOLDERS = ("******", "********")
#: A person waits for the answer.
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 10.0
_FILES = {"aws_account": AWS_ACCOUNT, "jira_site": JIRA_SITE, "slack_workspace": SLACK_WORKSPACE}
_TITLES = {"aws_account": "AWS account", "jira_site": "Jira site", "slack_workspace": "Slack workspace"}
_SECRETS = {
    "aws_account": ("secret_access_key",),
    "jira_site": ("api_token", "personal_access_token"),
    "slack_workspace": ("bot_token", "webhook_url"),
    "proxy": ("proxy_password",),
}


class Form:
    """A form about to be saved: what is stored, overlaid with what was posted."""

    def __init__(self, splunkd: Splunkd, kind: str, name: str, posted: Mapping[str, str], new: bool) -> None:
        file = _FILES.get(kind, SETTINGS)
        self.kind, self.name, self.splunkd = kind, name, splunkd
        self.table = splunkd.conf(file)
        self.stanza: Dict[str, str] = {**({} if new else self.table.get(name, {})), **posted}
        self.secrets = self._clear_secrets(file, new)

    def _clear_secrets(self, file: str, new: bool) -> Dict[str, str]:
        fields = _SECRETS.get(self.kind, ())
        values = {field: self.stanza[field] for field in fields if self.stanza.get(field)}
        masked = [field for field, value in values.items() if value in PLACEHOLDERS]
        if masked and new:
            # A clone shows the other entry's mask; saved as it is, the mask itself would become the secret.
            what = masked[0].replace("_", " ")
            raise ConfigurationError(f"The {what} cannot be copied from another entry.", "Enter it again.")
        stored = self.splunkd.secrets(file).get(self.name, {}) if masked else {}
        return {field: stored.get(field, "") if field in masked else value for field, value in values.items()}


def check(splunkd: Splunkd, kind: str, name: str, posted: Mapping[str, str], new: bool) -> str:
    """What the service said, empty when nothing was asked. Raises ResponderError with what is wrong.

    ``kind`` is the name of the tab; ``name`` the entry's (of a tab without table: the tab's again); ``posted`` the
    fields as posted, secrets possibly masked; ``new`` whether the entry is being created.
    """
    form = Form(splunkd, kind, name, posted, new)
    if new and name in form.table:
        return ""  # The handler itself refuses a second entry of the same name.
    return _CHECKS[kind](form) if kind in _CHECKS else ""


def _aws_account(form: Form) -> str:
    account_id = form.stanza.get("account_id")
    others = [n for n, other in form.table.items() if other.get("account_id") == account_id and n != form.name]
    if others:
        raise ConfigurationError(f"Account {account_id} is there already, as '{others[0]}'.", "Edit that entry.")
    stored = Configuration(form.splunkd)
    endpoint = stored.stanza("developer").get("aws_endpoint_url", "")
    account = AwsAccount.from_conf(form.name, form.stanza, form.secrets, endpoint)

    def ask(http: Http) -> str:
        from ..aws.client import Aws

        return Aws(account, http).check()

    return _ask(form, stored, ask)


def _jira_site(form: Form) -> str:
    site = JiraSite.from_conf(form.name, form.stanza, form.secrets)

    def ask(http: Http) -> str:
        from ..jira.client import Tickets

        return Tickets(site, http).check()

    return _ask(form, Configuration(form.splunkd), ask)


def _slack_workspace(form: Form) -> str:
    stored = Configuration(form.splunkd)
    api_url = stored.stanza("developer").get("slack_api_url", "")
    workspace = SlackWorkspace.from_conf(form.name, form.stanza, form.secrets, api_url)

    def ask(http: Http) -> str:
        from ..slack.client import Chat

        return Chat(workspace, http).check()

    return _ask(form, stored, ask)


def _ask(form: Form, stored: Configuration, ask: Callable[[Http], str]) -> str:
    """Try the settings at the service, unless the form says not to."""
    if parse_bool(form.stanza.get("save_untested")):
        return ""
    http = replace(stored.http, connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)
    try:
        return ask(http)
    except ResponderError as error:
        if not error.transient:
            raise
        raise ConfigurationError(
            f"Not saved, because the test got no answer: {error.message}",
            "Try again, or select 'Save without testing' if this host cannot reach the service yet.",
        ) from error


def _general(form: Form) -> str:
    for field, kind in (("default_jira_site", "jira_site"), ("default_slack_workspace", "slack_workspace")):
        wanted = form.stanza.get(field, "")
        if wanted and wanted not in form.splunkd.conf(_FILES[kind]):
            raise ConfigurationError(f"There is no {_TITLES[kind]} named '{wanted}'.", "Add it on its tab first.")
    bundle = form.stanza.get("ca_bundle", "")
    if bundle:
        try:
            ssl.create_default_context(cafile=bundle)
        except (OSError, ssl.SSLError) as error:
            reason = "holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else "cannot be read"
            raise ConfigurationError(
                f"The CA bundle '{bundle}' {reason}.", "It must be a PEM file on every search head."
            ) from error
    return ""


def _safety(form: Form) -> str:
    Safety.from_conf(form.stanza)
    return ""


def _proxy(form: Form) -> str:
    Http.from_conf(form.stanza, form.secrets, {})
    return ""


_CHECKS: Mapping[str, Callable[[Form], str]] = {
    "aws_account": _aws_account,
    "jira_site": _jira_site,
    "slack_workspace": _slack_workspace,
    "general": _general,
    "safety": _safety,
    "proxy": _proxy,
}
