"""Reads the setup page's settings from splunkd, each file once, only when asked for, and only when it may have changed.

Runs with system rights (executor, worker) or as the administrator who saves an account: it reads secrets.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, TypeVar

from ..errors import ConfigurationError, Unavailable
from ..remembered import Remembered
from ..splunk.client import APP, Splunkd
from . import on_disk, operations
from .incidents import Grouping
from .model import (
    SECRETS,
    AwsAccount,
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

T = TypeVar("T")
Stanzas = Mapping[str, Mapping[str, str]]
#: How often settings and secrets are read, until they are of the same moment.
TRIES = 4
SETTINGS = f"{APP}_settings"
AWS_ACCOUNT = f"{APP}_aws_account"
JIRA_SITE = f"{APP}_jira_site"
SLACK_WORKSPACE = f"{APP}_slack_workspace"
NOTIFIER = f"{APP}_notifier"
DISPATCH = f"{APP}_dispatch"
#: Files of the tabs with a table; the other tabs are stanzas of ``SETTINGS``.
TABLES: Mapping[str, str] = {
    "aws_account": AWS_ACCOUNT,
    "jira_site": JIRA_SITE,
    "slack_workspace": SLACK_WORKSPACE,
    "notifier": NOTIFIER,
    "dispatch": DISPATCH,
}
#: Seconds for which a file that splunkd could not give is not asked for again.
FAILED_FOR = 2.0
#: Tabs that the engine's work depends on.
KINDS = (*TABLES, "general", "safety", "proxy")


class Configuration:
    """The settings as of now. Make one a run: a change on the setup page then counts from the next run on."""

    def __init__(self, splunkd: Splunkd, ask: bool = False) -> None:
        """``ask``: splunkd is asked, also where its files tell that it would say the same as the last time."""
        self._splunkd = splunkd
        self._read: Callable[[str], dict[str, dict[str, str]]] = (
            splunkd.conf if ask else lambda file: on_disk.READINGS.conf(splunkd, file)
        )
        self._known: dict[tuple[str, str], Any] = {}
        self._failed: dict[tuple[str, str], tuple[float, Unavailable]] = {}
        self._lock = threading.RLock()

    def _once(self, key: tuple[str, str], read: Callable[[], T]) -> T:
        """One thread reads for all. What splunkd does not answer now fails for all of them, not one after the other."""
        with self._lock:
            if key not in self._known:
                failed_at, error = self._failed.get(key, (0.0, None))
                if error is not None and time.monotonic() - failed_at < FAILED_FOR:
                    raise error
                try:
                    self._known[key] = read()
                except Unavailable as error:
                    self._failed[key] = time.monotonic(), error
                    raise
            found: T = self._known[key]
            return found

    def _conf(self, file: str) -> dict[str, dict[str, str]]:
        return self._once(("conf", file), lambda: self._read(file))

    def _secrets(self, file: str) -> dict[str, dict[str, str]]:
        """To be asked before the stanzas they belong to: those are read again when they have changed meanwhile."""
        return self._once(("secrets", file), lambda: self._read_secrets(file))

    def _read_secrets(self, file: str) -> dict[str, dict[str, str]]:
        """Those of the stanzas as they are read here: never a new secret for what the old stanza names."""
        for _ in range(TRIES):
            stanzas = self._conf(file)
            known = _SECRETS.of(self._splunkd.uri, file, stanzas)
            if known is not None:
                return known
            version = _SECRETS.version()
            found = self._splunkd.secrets(file)
            again = self._again(file, version)
            if again == stanzas:
                _SECRETS.keep(self._splunkd.uri, file, stanzas, found, version)
                return found
            self._known["conf", file] = again
        raise Unavailable("The setup page is being saved at the moment.", "It is read again.")

    def _again(self, file: str, version: _Version) -> dict[str, dict[str, str]]:
        """The stanzas after their secrets were read; they are not asked for where files tell that nothing has changed.

        ``version``: of the credentials, before they were read.
        """
        is_settled = version.is_settled and _SECRETS.version() == version
        return self._read(file) if is_settled else self._splunkd.conf(file)

    def stanza(self, name: str) -> Mapping[str, str]:
        """One stanza of the settings file; empty when it was never saved."""
        return self._conf(SETTINGS).get(name, {})

    @property
    def general(self) -> General:
        """Raises ConfigurationError when a list of what alerts may choose cannot be read."""
        return self._once(("", "general"), lambda: General.from_conf(self.stanza("general")))

    @property
    def safety(self) -> Safety:
        """Raises ConfigurationError when a guardrail cannot be read."""
        return self._once(("", "safety"), lambda: Safety.from_conf(self.stanza("safety")))

    @classmethod
    def known_safety(cls, splunkd: Splunkd) -> Safety | None:
        """``safety`` as of this moment, where that is known without asking splunkd. Raises ConfigurationError."""
        known = on_disk.READINGS.known(splunkd, SETTINGS)
        return Safety.from_conf(known.get("safety", {})) if known is not None else None

    @property
    def http(self) -> Http:
        def read() -> Http:
            has_password = bool(self.stanza("proxy").get("proxy_username"))
            secrets = self._secrets(SETTINGS).get("proxy", {}) if has_password else {}
            return Http.from_conf(self.stanza("proxy"), secrets, self.stanza("general"))

        return self._once(("", "http"), read)

    @property
    def log_level(self) -> str:
        level = self.stanza("logging").get("loglevel", "").upper()
        return level if level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL") else "INFO"

    @property
    def audit_index(self) -> str:
        """Not part of ``general``: what is wrong there must not keep audit events back."""
        return self.stanza("general").get("audit_index") or "main"

    @property
    def es_notes(self) -> bool:
        """Whether findings of Enterprise Security get notes. Raises ConfigurationError."""
        return es_notes(self.stanza("general"))

    @property
    def operations_channel(self) -> str:
        """Of the default Slack workspace; empty for none. Raises ConfigurationError."""
        return operations.channel(self.stanza("general"))

    @property
    def grouping(self) -> Grouping:
        """What one ticket tells of. Raises ConfigurationError."""
        return Grouping.from_conf(self.stanza("general"))

    @property
    def retention_days(self) -> int:
        """Raises ConfigurationError."""
        return retention_days(self.stanza("general"))

    def fingerprint(self, *kinds: str) -> str:
        """16 hex digits that change whenever one of these tabs (``KINDS``) is saved, also with the same values.

        Compared with an earlier one, it tells that a person may have cured what a task waits for. The setup page
        stamps what it saves (``saved_at``), so a new secret counts without being part of this, and so does an edit of
        the .conf file. A secret that is written to splunkd's credential store past the page does not. Raises
        ValueError for an unknown kind.
        """
        found: dict[str, Any] = {}
        for kind in kinds:
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is not one of {', '.join(KINDS)}")
            saved = self._conf(TABLES[kind]) if kind in TABLES else {kind: dict(self.stanza(kind))}
            found[kind] = {name: _public(kind, stanza) for name, stanza in saved.items()}
        return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]

    def aws_entry_naming(self, account_id: str) -> AwsEntry | None:
        """The entry that names an account, for itself or in its list; the first of several.

        Accounts of an organization are named by no entry: ``aws.accounts`` knows them.
        """
        return next((entry for entry in self.aws_entries() if account_id in entry.named_accounts), None)

    def aws_entries(self) -> tuple[AwsEntry, ...]:
        """Every entry, also those that cannot be used as they are: what they name is ours all the same."""
        return self._once(("", "aws_entries"), self._read_aws_entries)

    def _read_aws_entries(self) -> tuple[AwsEntry, ...]:
        secrets = self._secrets(AWS_ACCOUNT)
        endpoint = self.stanza("developer").get("aws_endpoint_url", "")
        found = []
        for name, stanza in self._conf(AWS_ACCOUNT).items():
            try:
                found.append(AwsEntry.from_conf(name, stanza, secrets.get(name, {}), endpoint))
            except ConfigurationError as problem:
                found.append(AwsEntry.unusable(name, stanza, problem))
        return tuple(found)

    def aws_accounts(self) -> tuple[AwsAccount, ...]:
        """What every entry is made of; see ``AwsAccount`` for those that stand for many."""
        return tuple(entry.template for entry in self.aws_entries())

    def jira_site(self, name: str = "") -> JiraSite:
        """The named site, the default one, or the only one. Raises ConfigurationError."""
        secrets = self._secrets(JIRA_SITE)
        name, stanza = self._choose(JIRA_SITE, name, "default_jira_site", "Jira site", "Jira sites")
        api_url = self.stanza("developer").get("atlassian_api_url", "")
        return JiraSite.from_conf(name, stanza, secrets.get(name, {}), api_url)

    def jira_sites(self, answering: bool = False) -> tuple[JiraSite, ...]:
        """Every entry that can be used; ``answering``: if people may answer in any. Then no secret is read for none."""
        stanzas = self._conf(JIRA_SITE).values()
        if answering and not any(one.get("answerers") or one.get("answer_groups") for one in stanzas):
            return ()
        secrets = self._secrets(JIRA_SITE)
        api_url, found = self.stanza("developer").get("atlassian_api_url", ""), []
        for name, stanza in self._conf(JIRA_SITE).items():
            try:
                found.append(JiraSite.from_conf(name, stanza, secrets.get(name, {}), api_url))
            except ConfigurationError:
                # Whoever uses it is told.
                continue
        return tuple(found)

    @property
    def jira_site_names(self) -> tuple[str, ...]:
        """Also of entries that cannot be used."""
        return tuple(self._conf(JIRA_SITE))

    def slack_workspace(self, name: str = "") -> SlackWorkspace:
        """The named workspace, the default one, or the only one. Raises ConfigurationError."""
        secrets = self._secrets(SLACK_WORKSPACE)
        name, stanza = self._choose(SLACK_WORKSPACE, name, "default_slack_workspace", "Slack workspace", "Slack")
        api_url = self.stanza("developer").get("slack_api_url", "")
        return SlackWorkspace.from_conf(name, stanza, secrets.get(name, {}), api_url)

    @property
    def slack_workspace_names(self) -> tuple[str, ...]:
        """Also of entries that cannot be used."""
        return tuple(self._conf(SLACK_WORKSPACE))

    @property
    def lists_answerers(self) -> bool:
        """Whether any Slack workspace says who may answer; costs no secrets."""
        return any(stanza.get("answerers") for stanza in self._conf(SLACK_WORKSPACE).values())

    def slack_workspaces(self) -> tuple[SlackWorkspace, ...]:
        """Every entry that can be used."""
        secrets = self._secrets(SLACK_WORKSPACE)
        api_url, found = self.stanza("developer").get("slack_api_url", ""), []
        for name, stanza in self._conf(SLACK_WORKSPACE).items():
            try:
                found.append(SlackWorkspace.from_conf(name, stanza, secrets.get(name, {}), api_url))
            except ConfigurationError:
                # Whoever uses it is told.
                continue
        return tuple(found)

    def notifier(self, name: str = "") -> NotifierEntry:
        """The named notifier, or the only one. Raises ConfigurationError."""
        secrets = self._secrets(NOTIFIER)
        if not name and len(self.notifier_names) > 1:
            raise ConfigurationError("No notifier is chosen.", "Enter the name of one in the alert action.")
        name, stanza = self._choose(NOTIFIER, name, "", "notifier", "Notifiers")
        return NotifierEntry.from_conf(name, stanza, secrets.get(name, {}))

    @property
    def notifier_names(self) -> tuple[str, ...]:
        """Of every entry, also those that cannot be used as they are."""
        return tuple(self._conf(NOTIFIER))

    def dispatch_target(self, name: str = "") -> DispatchTarget:
        """The named target, or the only one. Raises ConfigurationError."""
        if not name and len(self.dispatch_target_names) > 1:
            raise ConfigurationError("No dispatch target is chosen.", "Enter the name of one in the alert action.")
        name, stanza = self._choose(DISPATCH, name, "", "dispatch target", "Dispatch")
        return DispatchTarget.from_conf(name, stanza)

    @property
    def dispatch_target_names(self) -> tuple[str, ...]:
        """Of every entry, also those that cannot be used as they are."""
        return tuple(self._conf(DISPATCH))

    @property
    def remediation_names(self) -> tuple[str, ...]:
        """Of dispatch targets that are remediations, also those that cannot be used as they are."""
        off = {"", "0", "f", "false", "n", "no"}
        conf = self._conf(DISPATCH)
        return tuple(name for name in conf if (conf[name].get("is_remediation") or "").strip().lower() not in off)

    def _choose(self, file: str, name: str, default: str, what: str, tab: str) -> tuple[str, Mapping[str, str]]:
        table = self._conf(file)
        wanted = name or self.stanza("general").get(default, "")
        if not wanted and len(table) == 1:
            wanted = next(iter(table))
        if wanted in table:
            return wanted, table[wanted]
        if wanted:
            raise ConfigurationError(
                f"There is no {what} named '{wanted}'.", f"Add it on the {tab} tab, or correct the name."
            )
        hint = f"Add one on the {tab} tab." if not table else f"Choose the default {what} on the General tab."
        raise ConfigurationError(f"No {what} is chosen.", hint)


@dataclass(frozen=True)
class _Version:
    """How splunkd's file of the app's credentials is; None where it tells nothing."""

    file: on_disk.Signature | None
    #: Whether splunkd has read it for certain.
    is_settled: bool


@dataclass(frozen=True)
class _Kept:
    """Secrets as they were read: of which stanzas, when, and how splunkd's file of credentials was before that."""

    stanzas: str
    at: float
    file: on_disk.Signature | None
    secrets: Mapping[str, Mapping[str, str]]


class _Secrets:
    """Secrets that this process has read. The setup page stamps what it saves: the same stanzas, the same secrets.

    A secret that was written past the page counts at once where splunkd's file of credentials shows it; where that
    tells nothing, after ``KEPT`` seconds. What is in the file cannot be compared with what splunkd says, so that of a
    file which has just changed nothing is kept, and of one that splunkd reads late it counts for ``LONGEST`` seconds.
    """

    KEPT, LONGEST = 20.0, 60.0

    def __init__(self) -> None:
        self._known: Remembered[_Kept] = Remembered(self.LONGEST, most=64)

    def of(self, uri: str, file: str, stanzas: Stanzas) -> dict[str, dict[str, str]] | None:
        known = self._known.get((uri, file))
        if known is None or known.stanzas != _digest(stanzas):
            return None
        version, age = self.version(), time.monotonic() - known.at
        if version.file != known.file or age >= (self.KEPT if known.file is None else self.LONGEST):
            return None
        return {name: dict(secrets) for name, secrets in known.secrets.items()}

    def keep(
        self,
        uri: str,
        file: str,
        stanzas: Stanzas,
        secrets: dict[str, dict[str, str]],
        version: _Version,
    ) -> None:
        """``version``: what it was before they were read."""
        if version.is_settled:
            self._known.put((uri, file), _Kept(_digest(stanzas), time.monotonic(), version.file, secrets))

    @staticmethod
    def version() -> _Version:
        found = on_disk.signature(on_disk.PASSWORDS)
        return _Version(found, found is None or on_disk.settled(on_disk.PASSWORDS, on_disk.SETTLED) == found)


def _digest(stanzas: Stanzas) -> str:
    return hashlib.sha256(json.dumps(stanzas, sort_keys=True).encode()).hexdigest()


_SECRETS = _Secrets()


def no_aws_entry(account_id: str, left_out: str = "") -> ConfigurationError:
    """``left_out``: which entries might be meant, and why they do not stand for it."""
    return ConfigurationError(
        f"No AWS account entry for account {account_id or '(none in the finding)'}{left_out}.",
        "Add one on the AWS accounts tab of the app's Configuration page"
        f"{', or correct the one that should stand for it' if left_out else ''}.",
    )


def _public(kind: str, stanza: Mapping[str, str]) -> dict[str, str]:
    """A stanza without splunkd's own keys, and without secrets: by hand, somebody may have written one in clear."""
    return {
        name: value
        for name, value in stanza.items()
        if not name.startswith("eai:") and name not in SECRETS.get(kind, ())
    }
