"""Between a form that was posted on the setup page and a form that is saved: who posts it, and does it work?

UCC's REST handlers (``bin/custom_hook_mixin.py``) ask with the session key of whoever posts. Nothing is read, opened or
asked before splunkd has confirmed that this user may save: a test of an account sends requests to a host of the
poster's choice, and a test of the CA bundle opens a file of his choice. Those handlers share a process with other
apps', and so perhaps other versions of the libraries that a test needs; therefore the test is made in the app's own
process, by the endpoint ``check``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Callable

from ..errors import ConfigurationError, NotPermitted, Rejected, ResponderError, Unavailable
from ..ingest import settings as ingest
from ..remediation import registry
from ..remediation.target_playbook import PREFIX
from ..settings import operations, validation
from ..settings.model import Http, SlackWorkspace
from ..settings.parsing import StanzaReader
from ..settings.reader import SETTINGS, TABLES, Configuration
from ..settings.validation import Form
from ..splunk.client import APP, Splunkd, message_of

#: The right to save the setup page; default/authorize.conf gives it to admin and sc_admin.
CAPABILITY = "cloudtrail_responder_admin"
#: A person waits for the answer.
CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 10.0
#: Seconds that a whole test may take: it asks a service for several things.
PATIENCE = 120.0
#: When a form was saved, in seconds since 1970. Not on the page; ``Configuration.fingerprint`` counts on it.
STAMP = "saved_at"
CHECKED = (*TABLES, "general", "safety", "proxy")
#: Inputs whose forms are checked; splunkd itself keeps them.
INPUTS = (ingest.SCHEME,)


class NotAdministrator(NotPermitted):
    """The user who posted the form has no right to save it."""


class NameTaken(Rejected):
    """There is an entry of this name already."""


class FormRefused(ResponderError):
    """The endpoint ``check`` refused a form; ``status`` is the HTTP status that goes with it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Accepted:
    """A form that may be saved."""

    #: One line for the log: what the service answered, empty when none was asked.
    message: str = ""
    #: Fields to save along with the posted ones.
    fields: Mapping[str, str] = field(default_factory=dict)
    #: Posted fields that are as they were: they are not saved, so that they undo nothing that was saved meanwhile.
    unchanged: tuple[str, ...] = ()
    #: What the audit has to know.
    step: str = ""
    #: Names of posted fields that are not as they are stored; a secret only where it was entered.
    changed: tuple[str, ...] = ()


def require_administrator(splunkd: Splunkd) -> str:
    """The name of the user whose session key this is. Raises NotAdministrator unless he holds ``CAPABILITY``.

    Asked of splunkd each time: restmap.conf demands the capability as well, but whether splunkd heeds that for a
    handler of this kind depends on its version, and an administrator may take it out.
    """
    try:
        answer = splunkd.get_json("/services/authentication/current-context", {"output_mode": "json"})
        context = answer["entry"][0]["content"]
        user, capabilities = str(context["username"]), list(context["capabilities"])
    except (NotPermitted, KeyError, IndexError, TypeError) as error:
        raise NotAdministrator(
            "Splunk does not confirm who saves this.", "Log in again as an administrator of the app."
        ) from error
    if CAPABILITY not in capabilities:
        raise NotAdministrator(
            f"User '{user}' may not change the settings of this app (capability {CAPABILITY}).",
            "Ask an administrator to do it, or to give one of your roles that capability.",
        )
    return user


def ask(splunkd: Splunkd, kind: str, name: str, posted: Mapping[str, str], new: bool) -> Accepted:
    """Have the app's own process test a form, as ``check`` does there. Raises ResponderError."""
    body = {"form": kind, "entry": name, "new": new, "fields": {field: v or "" for field, v in posted.items()}}
    # Who waits for a slow service does not want to wait again.
    once = Splunkd(splunkd.uri, splunkd.session_key, timeout=PATIENCE, pauses=())
    status, data = once.request("POST", f"{APP}/check", {"output_mode": "json"}, json.dumps(body).encode())
    try:
        answer = json.loads(data)
        if "refused" in answer:
            raise FormRefused(int(answer["refused"]["status"]), str(answer["refused"]["message"]))
        if status == 200:
            return Accepted(str(answer["message"]), dict(answer["fields"]), tuple(answer["unchanged"]))
        why = str(answer.get("error") or message_of(data))
    except (ValueError, KeyError, TypeError, AttributeError):
        why = message_of(data)
    raise Unavailable(f"Not saved, because the app's endpoint gave no answer (HTTP {status}): {why}", "Try again.")


def check(
    splunkd: Splunkd,
    kind: str,
    name: str,
    posted: Mapping[str, str],
    new: bool,
    clock: Callable[[], float] = time.time,
) -> Accepted:
    """Test a form of somebody who may save it. Raises ResponderError with what is wrong.

    ``kind`` is the name of the tab; ``name`` the entry's (of a tab without table: the tab's again); ``posted`` the
    fields as posted, secrets possibly masked; ``new`` whether the entry is being created.
    """
    if kind in INPUTS:
        return _checked_input(splunkd, kind, name, posted, new)
    if kind not in CHECKED:
        return Accepted()
    table = splunkd.conf(TABLES.get(kind, SETTINGS))
    if new and name in table:
        raise NameTaken(f'Name "{name}" is already in use')
    others = {other: stanza for other, stanza in table.items() if other != name}
    form = Form(kind, name, posted, table.get(name, {}), others)
    validation.check_kept_secrets(form)
    stored = splunkd.secrets(TABLES.get(kind, SETTINGS)).get(name, {}) if form.kept else {}
    secrets = validation.clear_secrets(form, stored)
    unchanged, step = _kill_switch(form) if kind == "safety" else ((), "")
    message, stamp = _CHECKS[kind](splunkd, form, secrets), {STAMP: f"{clock():.6f}"}
    return Accepted(message, stamp, unchanged, step, _changed(form, unchanged))


def _checked_input(splunkd: Splunkd, kind: str, name: str, posted: Mapping[str, str], new: bool) -> Accepted:
    scheme = f"{kind}://"
    table = {one[len(scheme) :]: values for one, values in splunkd.conf("inputs").items() if one.startswith(scheme)}
    if new and name in table:
        raise NameTaken(f'Name "{name}" is already in use')
    form = Form(kind, name, posted, table.get(name, {}), {})
    validation.check_kept_secrets(form)
    stored = splunkd.secrets_at(ingest.SECRETS_OF).get(name, {}) if form.kept else {}
    secrets = validation.clear_secrets(form, stored)
    settings = ingest.IngestSettings.from_stanza(name, form.stanza, secrets)
    saved = Configuration(splunkd)

    def ask(http: Http) -> str:
        from ..ingest.trying import tried

        return tried(splunkd, saved, settings, http)

    # Nothing but its own fields can be saved with an input.
    return Accepted(_ask(form, saved, ask), changed=_changed(form))


def _changed(form: Form, unchanged: Sequence[str] = ()) -> tuple[str, ...]:
    known = {*form.kept, *unchanged}
    return tuple(
        sorted(name for name, value in form.posted.items() if name not in known and value != form.stored.get(name, ""))
    )


def status_of(error: ResponderError) -> int:
    """The HTTP status of a refusal."""
    if isinstance(error, FormRefused):
        return error.status
    statuses = ((NotAdministrator, 403), (NameTaken, 409), (Unavailable, 503))
    return next((status for kind, status in statuses if isinstance(error, kind)), 400)


def _aws_account(splunkd: Splunkd, form: Form, secrets: Mapping[str, str]) -> str:
    saved = Configuration(splunkd)
    entry = validation.aws_account(form, secrets, saved.stanza("developer").get("aws_endpoint_url", ""))

    if entry.template.auth_type == "host_role" and splunkd.is_cloud_instance():
        raise ConfigurationError(
            f"{form.where}: on Splunk Cloud there is no role of the Splunk host.",
            "Choose an access key, and a role to assume with it.",
        )

    def ask(http: Http) -> str:
        from ..aws import accounts
        from ..aws.client import Aws
        from ..aws.organization import Organization

        meant = entry.named_accounts
        if entry.is_organization:
            meant = Organization(entry, Aws(accounts.listing(entry), http)).accounts(accounts.TRIED)
        return accounts.check(entry, meant, lambda account: Aws(account, http))

    return _ask(form, saved, ask)


def _jira_site(splunkd: Splunkd, form: Form, secrets: Mapping[str, str]) -> str:
    saved = Configuration(splunkd)
    site = validation.jira_site(form, secrets, saved.stanza("developer").get("atlassian_api_url", ""))

    def ask(http: Http) -> str:
        from ..jira.client import Tickets

        return Tickets(site, http).check()

    return _ask(form, saved, ask)


def _slack_workspace(splunkd: Splunkd, form: Form, secrets: Mapping[str, str]) -> str:
    saved = Configuration(splunkd)
    workspace = validation.slack_workspace(form, secrets, saved.stanza("developer").get("slack_api_url", ""))

    def ask(http: Http) -> str:
        from ..slack.client import Chat

        return Chat(workspace, http).check()

    return _ask(form, saved, ask)


def _notifier(splunkd: Splunkd, form: Form, secrets: Mapping[str, str]) -> str:
    saved = Configuration(splunkd)
    entry = validation.notifier(form, secrets)
    from ..notifiers.registry import notifier_of

    # Also where nothing is asked: what this kind cannot be used with is not saved.
    notifier_of(entry)

    def ask(http: Http) -> str:
        from ..notifiers.client import NotifierClient

        return NotifierClient(entry, http).check()

    return _ask(form, saved, ask)


def _dispatch(splunkd: Splunkd, form: Form, _secrets: Mapping[str, str]) -> str:
    saved = Configuration(splunkd)
    target = validation.dispatch(form, {entry.name for entry in saved.aws_entries()})
    from ..aws.dispatch.registry import dispatcher_of

    # Also where nothing is asked: what this service cannot be used with is not saved.
    dispatcher_of(target)

    def ask(http: Http) -> str:
        from ..aws import accounts
        from ..aws.client import Aws
        from ..aws.dispatch.client import Dispatch, account_of
        from ..aws.organization import Organization

        account = account_of(target, saved, lambda entry: Organization(entry, Aws(accounts.listing(entry), http)))
        return Dispatch(target, Aws(account, http)).check()

    return _ask(form, saved, ask)


def _ask(form: Form, saved: Configuration, ask: Callable[[Http], str]) -> str:
    """Try the settings with the service, unless the form says not to."""
    if form.untested:
        return ""
    http = replace(saved.http, connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)
    try:
        return ask(http)
    except ResponderError as error:
        if not error.transient:
            raise
        raise ConfigurationError(
            f"Not saved, because the test got no answer: {error.message}",
            "Try again, or select 'Save without testing' if this host cannot reach the service yet.",
        ) from error


def _general(splunkd: Splunkd, form: Form, _secrets: Mapping[str, str]) -> str:
    tab = validation.general(form, splunkd.conf(TABLES["jira_site"]), splunkd.conf(TABLES["slack_workspace"]))
    channel = operations.channel(form.stanza)
    tested = (operations.FIELD, "default_slack_workspace")
    if not channel or all((form.stanza.get(name) or "") == (form.stored.get(name) or "") for name in tested):
        return ""
    workspace = Configuration(splunkd).slack_workspace(tab.default_slack_workspace)
    return _test_channel(Configuration(splunkd), workspace, channel, operations.LABEL, operations.TAB)


def _safety(splunkd: Splunkd, form: Form, _secrets: Mapping[str, str]) -> str:
    own = {f"{PREFIX}{name}": () for name in Configuration(splunkd).dispatch_target_names}
    tab = validation.safety(form, {**{one.id: one.measures for one in registry.every()}, **own})
    if not tab.escalation_channel or form.stanza["escalation_channel"] == form.stored.get("escalation_channel"):
        return ""
    saved = Configuration(splunkd)
    return _test_channel(saved, saved.slack_workspace(""), tab.escalation_channel, "Escalation channel", "Safety")


def _test_channel(saved: Configuration, default: SlackWorkspace, channel: str, label: str, tab: str) -> str:
    """Ask Slack whether the default workspace has the channel. It would be found out at the worst moment."""
    from ..slack.client import Chat

    workspace = replace(default, default_channel=channel)
    validation.escalation(workspace, label, tab)
    http = replace(saved.http, connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)
    try:
        return Chat(workspace, http).check()
    except ResponderError as error:
        raise ConfigurationError(
            f"{tab}: the {label.lower()} '{channel}' was not accepted: {error.message}",
            error.hint or f"Correct '{label}' on the {tab} tab, or leave it empty for now.",
        ) from error


def _kill_switch(form: Form) -> tuple[tuple[str, ...], str]:
    """Which fields are left out, and what the audit has to know. Raises ConfigurationError where it would be lowered.

    A page shows the tab as it was when it was opened. Whoever saves it has not seen that changes were stopped since.
    """
    field = "kill_switch"
    was, now = (
        StanzaReader(stanza, "Safety", "Safety").flag(field, "Kill switch") for stanza in (form.stored, form.stanza)
    )
    if was and not now:
        raise ConfigurationError(
            "Safety: the kill switch is on, and this page does not switch it off.",
            "Open the page again to save anything else. To allow changes in AWS: | respondkillswitch state=off",
        )
    return ((field,) if was == now else ()), "kill_switch_on" if now and not was else ""


def _proxy(_splunkd: Splunkd, form: Form, secrets: Mapping[str, str]) -> str:
    validation.proxy(form, secrets)
    return ""


_CHECKS: Mapping[str, Callable[[Splunkd, Form, Mapping[str, str]], str]] = {
    "aws_account": _aws_account,
    "jira_site": _jira_site,
    "slack_workspace": _slack_workspace,
    "notifier": _notifier,
    "dispatch": _dispatch,
    "general": _general,
    "safety": _safety,
    "proxy": _proxy,
}
