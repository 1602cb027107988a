"""An organization in moto, and entries of the AWS accounts tab that stand for accounts of it."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from responder.aws.accounts import Accounts, listing
from responder.aws.client import Aws
from responder.aws.organization import Organization
from responder.settings.model import AwsAccount, AwsEntry, Http
from responder.settings.reader import Configuration

from sandbox.aws.server import ACCOUNT, AwsStandIn, client
from tests.aws.support import RecordingAws, account

ROLE = "arn:aws:iam::{account_id}:role/responder/Fixer"
READER = "arn:aws:iam::{account_id}:role/responder/Reader"
#: The role that AWS makes with an account.
ADMIN = "OrganizationAccountAccessRole"


@dataclass
class Estate:
    """The organization of the sandbox's account, which is its management account."""

    stand_in: AwsStandIn
    #: An organizational unit within another one.
    outer: str = ""
    inner: str = ""
    root: str = ""

    @classmethod
    def found(cls, stand_in: AwsStandIn) -> Estate:
        """With units of its own; an account has one organization."""
        made = cls(stand_in)
        organizations = made.organizations
        with contextlib.suppress(organizations.exceptions.AlreadyInOrganizationException):
            organizations.create_organization(FeatureSet="ALL")
        made.root = organizations.list_roots()["Roots"][0]["Id"]
        made.outer = made.unit(made.root)
        made.inner = made.unit(made.outer)
        return made

    @property
    def organizations(self) -> Any:
        return self.stand_in.client("organizations")

    def unit(self, parent: str) -> str:
        name = uuid.uuid4().hex[:12]
        made = self.organizations.create_organizational_unit(ParentId=parent, Name=name)
        return str(made["OrganizationalUnit"]["Id"])

    def account(self, unit: str = "", **tags: str) -> str:
        """A new account, in a unit; its ID."""
        name = uuid.uuid4().hex[:12]
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        made = self.organizations.create_account(AccountName=name, Email=f"{name}@example.com", Tags=listed)
        account_id = str(made["CreateAccountStatus"]["AccountId"])
        if unit:
            self.move(account_id, unit)
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
        self.admin(account_id)("iam").put_role_policy(RoleName=ADMIN, PolicyName="all", PolicyDocument=policy)
        return account_id

    def move(self, account_id: str, unit: str) -> None:
        (parent,) = self.organizations.list_parents(ChildId=account_id)["Parents"]
        self.organizations.move_account(
            AccountId=account_id, SourceParentId=parent["Id"], DestinationParentId=unit
        )

    def admin(self, account_id: str) -> Callable[..., Any]:
        """Clients of somebody who may do anything in an account."""
        role = f"arn:aws:iam::{account_id}:role/{ADMIN}"
        given = self.stand_in.client("sts").assume_role(RoleArn=role, RoleSessionName="admin")["Credentials"]
        key, secret, token = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]

        def make(service: str, region: str = "us-east-1") -> Any:
            made = client(self.stand_in.url, service, region, key, secret)
            made._request_signer._credentials.token = token
            return made

        return make


def entry(url: str, **fields: Any) -> AwsEntry:
    """An entry for the whole organization; ``fields`` are those of ``AwsEntry``, others those of its template."""
    own = {name: fields.pop(name) for name in list(fields) if name in AwsEntry.__dataclass_fields__}
    template = account(url, **{"name": "all", "account_id": "", "role_arn": ROLE, **fields})
    return AwsEntry(template, **{"accounts_from": "organization", **own})


@dataclass
class Entries:
    """The AWS accounts tab, as ``Configuration`` gives it."""

    rows: Sequence[AwsEntry]

    def aws_entries(self) -> tuple[AwsEntry, ...]:
        return tuple(self.rows)

    aws_entry_naming = Configuration.aws_entry_naming


@dataclass
class Tab:
    """Entries, and what acts by them; clients are kept as the engine keeps them."""

    rows: Sequence[AwsEntry]
    #: Seconds, as the cache of memberships counts them.
    now: float = 1000.0
    clients: dict[AwsAccount, RecordingAws] = field(default_factory=dict)
    _organizations: dict[str, Organization] = field(default_factory=dict)

    @property
    def accounts(self) -> Accounts:
        return Accounts(Entries(self.rows), self.organization)  # type: ignore[arg-type]

    def organization(self, entry: AwsEntry) -> Organization:
        if entry.name not in self._organizations:
            self._organizations[entry.name] = Organization(entry, self.aws(listing(entry)), lambda: self.now)
        return self._organizations[entry.name]

    def aws(self, account: AwsAccount) -> Aws:
        if account not in self.clients:
            self.clients[account] = RecordingAws(account, Http(read_timeout=5), attempts=2, sleep=lambda _: None)
        return self.clients[account]

    @property
    def calls(self) -> list[str]:
        """What Organizations was asked."""
        return [
            operation
            for made in self.clients.values()
            for service, operation in made.calls
            if service == "organizations"
        ]


def roles(admin: Callable[..., Any], change: Sequence[Any], read: Sequence[Any]) -> None:
    """Both roles of the app in an account, each with these policy documents."""
    for name, documents in (("Fixer", change), ("Reader", read)):
        iam = admin("iam")
        iam.create_role(Path="/responder/", RoleName=name, AssumeRolePolicyDocument="{}")
        for number, document in enumerate(documents):
            iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=json.dumps(document))


__all__ = ["ACCOUNT", "READER", "ROLE", "Estate", "Tab", "entry", "roles"]
