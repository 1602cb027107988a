"""Entries of the AWS accounts tab: each stands for one account, for a list of them, or for those of an organization.

``AwsEntry`` is what an administrator saved; ``AwsAccount`` is one account that can be acted in. Which accounts of an
organization an entry stands for, only AWS Organizations can tell (``aws.accounts``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..errors import ConfigurationError, one_line
from .network import EntryNetwork
from .parsing import StanzaReader, loopback_only
from .secret import Secret

#: In rising order: each does what the one before does, and more.
MODES = ("simulate", "approve", "enforce")
#: Source: botocore, partitions.json, ``regionRegex`` of every partition.
REGION = r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}"
#: Stands for the account's ID in the ARN of a role, so that one ARN names a role in each of many accounts.
PLACEHOLDER = "{account_id}"
ACCOUNTS_FROM = ("one", "list", "organization")
_ROLE = r"arn:(aws(?:-[a-z]+)*):iam::([0-9]{12}|\{account_id\}):role/(?:[\w+=,.@/-]|\{account_id\}){1,576}"
#: Fields that name a role, with their labels.
_ROLES = {
    "role_arn": "Role to assume",
    "read_role_arn": "Role for reading",
    "list_role_arn": "Role to list accounts",
}
#: Source: AWS Organizations API Reference, patterns of ``ParentId``: an organizational unit, or the root.
_PARENT = r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32}"


@dataclass(frozen=True)
class AwsAccount:
    """One AWS account to act in.

    Of an entry for many accounts that has not been applied to one, ``account_id`` is empty and roles have the
    ``PLACEHOLDER``: that is enough to know what belongs to the app.
    """

    name: str
    #: 12 digits; what ``sts:GetCallerIdentity`` must answer before the first write.
    account_id: str
    #: ``access_key`` (a key pair) or ``host_role`` (the instance or container role of the Splunk host). Never saved:
    #: ``function_role``, of the Lambda function that the process is.
    auth_type: str = "access_key"
    access_key_id: str = ""
    secret_access_key: Secret = Secret("")
    role_arn: str = ""
    external_id: str = ""
    default_region: str = "us-east-1"
    #: Regions in which changes are allowed; empty means every region.
    regions: tuple[str, ...] = ()
    #: The highest mode in this account; empty sets no limit beyond the Safety tab's.
    mode_ceiling: str = ""
    #: Loopback only, for the sandbox; see ``loopback_only``.
    endpoint_url: str = ""
    network: EntryNetwork = EntryNetwork()
    #: The role for everything but changes; empty: the same as for changes.
    read_role_arn: str = ""
    #: The role that lists the accounts of the organization; empty: the credentials themselves list them.
    list_role_arn: str = ""
    #: Whether sessions carry the case as a tag and as source identity; both need a right in the roles' trust policies.
    tags_sessions: bool = False
    #: Whether it is to be acted in by the reading role.
    reads_only: bool = False

    @property
    def assumed_role(self) -> str:
        """The role that is acted as; empty where none is assumed."""
        return (self.read_role_arn if self.reads_only else "") or self.role_arn

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(role for role in (self.role_arn, self.read_role_arn, self.list_role_arn) if role)

    def to_read(self) -> AwsAccount:
        """The same account by the reading role; itself where there is no such role."""
        return replace(self, reads_only=True) if self.read_role_arn and not self.reads_only else self


@dataclass(frozen=True)
class AwsEntry:
    """One row of the AWS accounts tab (table ``aws_account``)."""

    #: As it was entered.
    template: AwsAccount
    #: One of ``ACCOUNTS_FROM``.
    accounts_from: str = "one"
    #: Of a list.
    account_ids: tuple[str, ...] = ()
    #: Of an organization: units (or its root) whose accounts are meant, with all below them; empty: all accounts.
    organizational_units: tuple[str, ...] = ()
    #: Of an organization: tags (key, value) that an account must have, all of them.
    account_tags: tuple[tuple[str, str], ...] = ()
    #: Of an organization: its management account, if the entry is to stand for that, too.
    management_account_id: str = ""
    #: Why the entry cannot be used as it is.
    problem: ConfigurationError | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        return self.template.name

    @classmethod
    def from_conf(
        cls, name: str, stanza: Mapping[str, str], secrets: Mapping[str, str], endpoint_url: str = ""
    ) -> AwsEntry:
        """Raises ConfigurationError naming the field that is missing or malformed."""
        read = StanzaReader(stanza, f"AWS account '{name}'", "AWS accounts")
        kind = read.choice("accounts_from", "Accounts", ACCOUNTS_FROM, "one")
        entry = cls(
            _template(name, read, secrets, endpoint_url, kind),
            accounts_from=kind,
            account_ids=_account_ids(read) if kind == "list" else (),
        )
        _check_roles(entry, read)
        if kind != "organization":
            return entry
        return replace(
            entry,
            organizational_units=read.items(
                "organizational_units", "Organizational units", _PARENT, "an ID such as ou-ab12-11111111"
            ),
            account_tags=_tags(read),
            management_account_id=_management_account(read),
        )

    @classmethod
    def unusable(cls, name: str, stanza: Mapping[str, str], problem: ConfigurationError) -> AwsEntry:
        """Whoever uses it is told the problem; what it names is ours all the same."""
        text = {field: (value or "").strip() for field, value in stanza.items()}
        kind = text.get("accounts_from") or "one"
        template = AwsAccount(
            name,
            text.get("account_id", "") if kind == "one" else "",
            access_key_id=text.get("access_key_id", ""),
            role_arn=text.get("role_arn", ""),
            read_role_arn=text.get("read_role_arn", ""),
            list_role_arn=text.get("list_role_arn", ""),
        )
        listed = tuple(re.findall(r"\b[0-9]{12}\b", text.get("account_ids", ""))) if kind == "list" else ()
        return cls(template, kind, listed, problem=problem)

    @property
    def named_accounts(self) -> tuple[str, ...]:
        """Accounts that the settings name; those of an organization they do not."""
        if self.accounts_from == "one":
            return (self.template.account_id,) if self.template.account_id else ()
        return self.account_ids

    @property
    def is_organization(self) -> bool:
        return self.accounts_from == "organization"

    def account(self, account_id: str) -> AwsAccount:
        """The entry applied to one of its accounts; that it is one of them is for the caller to know.

        Raises ConfigurationError where the entry cannot be used.
        """
        if self.problem is not None:
            raise self.problem
        roles = {
            name: getattr(self.template, name).replace(PLACEHOLDER, account_id)
            for name in ("role_arn", "read_role_arn")
        }
        return replace(self.template, account_id=account_id, **roles)


def _template(
    name: str, read: StanzaReader, secrets: Mapping[str, str], endpoint_url: str, kind: str
) -> AwsAccount:
    if kind == "one" and not re.fullmatch(r"[0-9]{12}", read.text("account_id")):
        raise read.wrong("Account ID", "is not 12 digits")
    region = read.text("default_region", "us-east-1")
    if not re.fullmatch(REGION, region):
        # It becomes part of the host that requests go to.
        raise read.wrong("Default region", f"is '{region[:60]}', not a region such as eu-central-1")
    account = AwsAccount(
        name=name,
        account_id=read.text("account_id") if kind == "one" else "",
        auth_type=read.choice("auth_type", "Credentials", ("access_key", "host_role"), "access_key"),
        access_key_id=read.text("access_key_id"),
        secret_access_key=Secret(secrets.get("secret_access_key", "")),
        role_arn=read.text("role_arn"),
        external_id=read.text("external_id"),
        default_region=region,
        regions=read.items("regions", "Regions in scope", REGION, "a region such as eu-central-1"),
        mode_ceiling=read.choice("mode_ceiling", "Highest mode", MODES, ""),
        endpoint_url=loopback_only(endpoint_url),
        network=EntryNetwork.from_conf(read),
        read_role_arn=read.text("read_role_arn"),
        list_role_arn=read.text("list_role_arn") if kind == "organization" else "",
        tags_sessions=read.flag("tags_sessions", "Tag sessions"),
    )
    if account.auth_type == "access_key" and not (account.access_key_id and account.secret_access_key):
        raise ConfigurationError(
            f"{read.where}: the access key is incomplete.",
            "Enter 'Access key ID' and 'Secret access key' on the AWS accounts tab.",
        )
    return account


def _account_ids(read: StanzaReader) -> tuple[str, ...]:
    found = read.items("account_ids", "Account IDs", r"[0-9]{12}", "an account ID of 12 digits")
    if not found:
        raise read.wrong("Account IDs", "is empty")
    return tuple(dict.fromkeys(found))


def _management_account(read: StanzaReader) -> str:
    found = read.text("management_account_id")
    if found and not re.fullmatch(r"[0-9]{12}", found):
        raise read.wrong("Management account", "is not 12 digits")
    return found


def _tags(read: StanzaReader) -> tuple[tuple[str, str], ...]:
    label, form = "Account tags", "a pair such as env=production"
    pairs = read.items("account_tags", label, r"[\w.:/+@-]{1,128}=[\w.:/+@=-]{0,256}", form)
    found = [(key, value) for key, _, value in (pair.partition("=") for pair in pairs)]
    if len({key for key, _ in found}) < len(found):
        # An account has one value for a key: with two, the entry would stand for none.
        raise read.wrong(label, "names a key twice")
    return tuple(found)


def _check_roles(entry: AwsEntry, read: StanzaReader) -> None:
    """Raises ConfigurationError unless every role that is entered can be one of the accounts that are meant."""
    template, partitions = entry.template, set()
    for name, label in _ROLES.items():
        role = getattr(template, name)
        match = re.fullmatch(_ROLE, role)
        if role and match is None:
            raise read.wrong(label, f"is '{one_line(role)[:60]}', not the ARN of an IAM role")
        if match is None:
            continue
        partitions.add(match[1])
        if name == "list_role_arn" and PLACEHOLDER in role:
            raise read.wrong(label, f"has {PLACEHOLDER}, and it is one role in one account")
        if name != "list_role_arn" and entry.accounts_from != "one" and match[2] != PLACEHOLDER:
            raise read.wrong(label, f"must have {PLACEHOLDER} in place of the account, since the entry is for many")
    if len(partitions) > 1:
        raise read.wrong("Role for reading", "or another role is in another partition than the rest")
    if entry.accounts_from != "one" and not template.role_arn:
        raise ConfigurationError(
            f"{read.where}: no role is entered, and an entry for many accounts acts by a role in each.",
            f"Enter 'Role to assume' on the AWS accounts tab, with {PLACEHOLDER} in place of the account ID.",
        )
    if template.read_role_arn and not template.role_arn:
        raise ConfigurationError(
            f"{read.where}: there is a role for reading and none for changes, which the credentials would make.",
            "Enter 'Role to assume' on the AWS accounts tab, too.",
        )
