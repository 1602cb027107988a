"""What the setup page saves, as checked, typed values.

One class per tab or table row; ``from_conf`` is the border where a stanza (strings, as splunkd returns
them) and its decrypted secrets become one. Field names are those of ``globalConfig.json``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Mapping, Optional, Tuple
from urllib.parse import quote, urlsplit

from ..errors import ConfigurationError
from .secret import Secret

MODES = ("simulate", "approve", "enforce")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Http:
    """How outgoing connections are made: one for Jira, Slack and AWS alike. TLS is always verified."""

    proxy_url: Secret = Secret("")
    ca_bundle: str = ""
    connect_timeout: float = 5.0
    read_timeout: float = 20.0

    @classmethod
    def from_conf(cls, proxy: Mapping[str, str], secrets: Mapping[str, str], general: Mapping[str, str]) -> Http:
        """Stanzas ``proxy`` and ``general``; raises ConfigurationError for a proxy without a host."""
        url = ""
        if truth(proxy.get("proxy_enabled")):
            host, port = proxy.get("proxy_url", ""), proxy.get("proxy_port", "")
            if not host:
                raise ConfigurationError(
                    "The proxy is enabled but has no host.", "Enter one on the Proxy tab, or disable it."
                )
            scheme = proxy.get("proxy_type") or "http"
            if scheme == "socks5" and truth(proxy.get("proxy_rdns")):
                scheme = "socks5h"
            login = ""
            if proxy.get("proxy_username"):
                login = (
                    f"{quote(proxy['proxy_username'], safe='')}:{quote(secrets.get('proxy_password', ''), safe='')}@"
                )
            url = f"{scheme}://{login}{host}" + (f":{port}" if port else "")
        return cls(proxy_url=Secret(url), ca_bundle=general.get("ca_bundle", ""))


@dataclass(frozen=True)
class AwsAccount:
    """One AWS account to act in (table ``aws_account``)."""

    name: str
    #: 12 digits; what ``sts:GetCallerIdentity`` must answer before the first write.
    account_id: str
    #: ``access_key`` (a key pair) or ``host_role`` (the instance or container role of the Splunk host).
    auth_type: str = "access_key"
    access_key_id: str = ""
    secret_access_key: Secret = Secret("")
    role_arn: str = ""
    external_id: str = ""
    default_region: str = "us-east-1"
    #: Regions in which changes are allowed; empty means every region.
    regions: Tuple[str, ...] = ()
    #: The highest mode in this account; empty: no further limit.
    mode_ceiling: str = ""
    #: Loopback only, for the sandbox; see ``loopback_only``.
    endpoint_url: str = ""

    @classmethod
    def from_conf(
        cls, name: str, stanza: Mapping[str, str], secrets: Mapping[str, str], endpoint_url: str = ""
    ) -> AwsAccount:
        """Raises ConfigurationError naming the field that is missing or malformed."""
        where = f"AWS account '{name}'"
        account_id = stanza.get("account_id", "")
        if not re.fullmatch(r"\d{12}", account_id):
            raise ConfigurationError(f"{where}: account id is not 12 digits.", "Correct it on the AWS accounts tab.")
        auth_type = stanza.get("auth_type") or "access_key"
        if auth_type not in ("access_key", "host_role"):
            raise ConfigurationError(f"{where}: unknown authentication type.", "Choose one on the AWS accounts tab.")
        account = cls(
            name=name,
            account_id=account_id,
            auth_type=auth_type,
            access_key_id=stanza.get("access_key_id", ""),
            secret_access_key=Secret(secrets.get("secret_access_key", "")),
            role_arn=stanza.get("role_arn", ""),
            external_id=stanza.get("external_id", ""),
            default_region=stanza.get("default_region") or "us-east-1",
            regions=words(stanza.get("regions")),
            endpoint_url=loopback_only(endpoint_url),
        )
        if auth_type == "access_key" and not (account.access_key_id and account.secret_access_key):
            raise ConfigurationError(
                f"{where}: the access key pair is incomplete.", "Enter both halves on the AWS accounts tab."
            )
        return account


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

    @classmethod
    def from_conf(cls, name: str, stanza: Mapping[str, str], secrets: Mapping[str, str]) -> JiraSite:
        """Raises ConfigurationError naming the field that is missing or malformed."""
        where = f"Jira site '{name}'"
        deployment = stanza.get("deployment") or "cloud"
        token = secrets.get("api_token" if deployment == "cloud" else "personal_access_token", "")
        if not token:
            raise ConfigurationError(f"{where}: no token is saved.", "Enter it on the Jira sites tab.")
        if deployment == "cloud" and not stanza.get("email"):
            raise ConfigurationError(
                f"{where}: no e-mail address is saved.", "Enter the token owner's on the Jira sites tab."
            )
        return cls(
            name=name,
            deployment=deployment,
            url=https_url(stanza.get("url", ""), where, "Jira sites"),
            email=stanza.get("email", ""),
            token=Secret(token),
            default_project=stanza.get("default_project", ""),
            default_issue_type=stanza.get("default_issue_type") or "Task",
        )


@dataclass(frozen=True)
class SlackWorkspace:
    """One Slack to tell (table ``slack_workspace``)."""

    name: str
    #: ``bot`` (token; threads, look-up) or ``webhook`` (one channel; neither).
    auth_type: str
    bot_token: Secret = Secret("")
    webhook_url: Secret = Secret("")
    default_channel: str = ""
    #: Loopback only, for the sandbox; empty means Slack itself.
    api_url: str = ""

    @classmethod
    def from_conf(
        cls, name: str, stanza: Mapping[str, str], secrets: Mapping[str, str], api_url: str = ""
    ) -> SlackWorkspace:
        """Raises ConfigurationError naming the field that is missing or malformed."""
        where = f"Slack workspace '{name}'"
        auth_type = stanza.get("auth_type") or "bot"
        field = "bot_token" if auth_type == "bot" else "webhook_url"
        value = secrets.get(field, "")
        if not value:
            raise ConfigurationError(f"{where}: no {field.replace('_', ' ')} is saved.", "Enter it on the Slack tab.")
        if auth_type == "webhook":
            https_url(value, where, "Slack")
        return cls(
            name=name,
            auth_type=auth_type,
            bot_token=Secret(value if auth_type == "bot" else ""),
            webhook_url=Secret(value if auth_type == "webhook" else ""),
            default_channel=stanza.get("default_channel", ""),
            api_url=loopback_only(api_url),
        )


@dataclass(frozen=True)
class Safety:
    """Tab ``safety``: what may be changed in AWS at all."""

    default_mode: str = "simulate"
    #: The highest mode an alert may choose; empty: the default mode.
    mode_ceiling: str = ""
    #: The highest mode by playbook id; one that is not named has no further limit.
    playbook_ceilings: Mapping[str, str] = field(default_factory=dict)
    #: True refuses every change, whatever an alert asks for.
    kill_switch: bool = False
    protected_accounts: Tuple[str, ...] = ()
    #: ARNs, user or role names, access key ids; ``*`` is a wildcard.
    protected_principals: Tuple[str, ...] = ()
    #: Resource ids or ARNs; ``*`` is a wildcard.
    protected_resources: Tuple[str, ...] = ()
    #: ``key=value`` or ``key``; a resource that carries one is left alone.
    protected_tags: Tuple[str, ...] = ()
    max_changes_per_run: int = 20
    #: Of all runs together.
    max_changes_per_hour: int = 100
    #: Ports that may be open to the world (playbook ``revoke_open_ingress``).
    allowed_open_ports: Tuple[int, ...] = (80, 443)

    @classmethod
    def from_conf(cls, stanza: Mapping[str, str]) -> Safety:
        """Raises ConfigurationError: a guardrail that cannot be read must stop the run, not be skipped."""
        mode = stanza.get("default_mode") or "simulate"
        if mode not in MODES:
            raise ConfigurationError(
                f"Safety: default mode '{mode}' is not one of {', '.join(MODES)}.", "Correct it on the Safety tab."
            )
        try:
            limit = int(stanza.get("max_changes_per_run") or cls.max_changes_per_run)
            ports = tuple(int(p) for p in words(stanza.get("allowed_open_ports", "80,443")))
        except ValueError as error:
            raise ConfigurationError(
                "Safety: a number was expected for the change limit or an allowed port.",
                "Correct it on the Safety tab.",
            ) from error
        return cls(
            default_mode=mode,
            kill_switch=truth(stanza.get("kill_switch")),
            protected_accounts=words(stanza.get("protected_accounts")),
            protected_principals=words(stanza.get("protected_principals")),
            protected_resources=words(stanza.get("protected_resources")),
            protected_tags=words(stanza.get("protected_tags")),
            max_changes_per_run=limit,
            allowed_open_ports=ports,
        )


def truth(value: Optional[str]) -> bool:
    """Splunk's idea of a boolean setting."""
    return str(value or "").strip().lower() in ("1", "true", "t", "yes", "y", "on")


def words(value: Optional[str]) -> Tuple[str, ...]:
    """A list as people type it: separated by commas, blanks or line ends."""
    return tuple(word for word in re.split(r"[,\s]+", value or "") if word)


def https_url(url: str, where: str, tab: str) -> str:
    """The URL without a trailing slash; anything but https is refused unless it stays on this host."""
    parts = urlsplit(url.strip())
    if parts.scheme == "https" and parts.hostname and not parts.username:
        return url.strip().rstrip("/")
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return url.strip().rstrip("/")
    raise ConfigurationError(f"{where}: the URL is not a plain https:// address.", f"Correct it on the {tab} tab.")


def loopback_only(url: str) -> str:
    """An endpoint override for the sandbox. Elsewhere it would send credentials to a stranger, so it is refused."""
    if url and urlsplit(url).hostname not in LOOPBACK:
        raise ConfigurationError("Stanza [developer]: only loopback addresses are accepted.", "Remove the override.")
    return url.rstrip("/")
