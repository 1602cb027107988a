"""Which entry of the AWS accounts tab acts in an account: by what administrators entered and Organizations answers.

An account that is named (by itself or in a list) comes before the accounts of organizations. Where entries for two
organizations stand for the same account it is nobody's: their limits differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from ..errors import ConfigurationError, ResponderError, one_line
from ..settings.reader import no_aws_entry
from .organization import CERTAIN_FOR, KNOWN_FOR

if TYPE_CHECKING:
    from ..settings.model import AwsAccount, AwsEntry
    from .client import Aws
    from .organization import Organization

#: Accounts of an entry for many that are tried before it is saved.
TRIED = 5


class Entries(Protocol):
    """What is needed of ``settings.reader.Configuration``."""

    def aws_entries(self) -> tuple[AwsEntry, ...]: ...

    def aws_entry_naming(self, account_id: str) -> AwsEntry | None: ...


class Accounts:
    """``organization`` gives what asks for an entry's organization, kept warm."""

    def __init__(self, entries: Entries, organization: Callable[[AwsEntry], Organization]) -> None:
        self._entries = entries
        self._organization = organization

    def account_for(self, account_id: str, at_most: float = KNOWN_FOR) -> AwsAccount:
        """The entry that stands for an account (12 digits), applied to it.

        ``at_most``: seconds for which an organization's answer counts. Raises ConfigurationError, one line, where there
        is none; it says of each entry for an organization why it is not the one.
        """
        entry = self._entries.aws_entry_naming(account_id)
        if entry is not None:
            return entry.account(account_id)
        if not re.fullmatch(r"[0-9]{12}", account_id):
            raise no_aws_entry(one_line(account_id)[:40])
        found, left_out = [], []
        for entry in self._organizations():
            if entry.problem is not None:
                why_not = entry.problem.message
            else:
                why_not = self._organization(entry).why_not(account_id, at_most)
            if why_not:
                left_out.append(f"entry '{entry.name}' leaves it out: {why_not}".rstrip("."))
            else:
                found.append(entry)
        if not found:
            raise no_aws_entry(account_id, "".join(f"; {why}" for why in left_out[:3]))
        if len(found) > 1:
            raise _of_two_entries([account_id], found[0].name, found[1].name)
        return found[0].account(account_id)

    def check_still(self, account: AwsAccount) -> None:
        """To be called right before something is changed. Raises ConfigurationError where the entry is no longer it."""
        if self.account_for(account.account_id, CERTAIN_FOR).name != account.name:
            raise ConfigurationError(
                f"Account {account.account_id} belongs to another entry than '{account.name}' since this was planned.",
                "It is planned again.",
            )

    def known(self) -> frozenset[str]:
        """Accounts that are not outside: those named, and all of the organizations. Raises a ResponderError."""
        found = {account for entry in self._entries.aws_entries() for account in entry.named_accounts}
        for entry in self._organizations():
            if entry.problem is None:
                found |= self._organization(entry).known_accounts()
        return frozenset(found)

    def every(
        self, members: Callable[[AwsEntry], Sequence[str]] | None = None
    ) -> tuple[list[AwsAccount], list[tuple[str, ResponderError]]]:
        """Every account that one entry stands for, and entries of which some are left out (name, why).

        ``members``: what says which accounts an entry stands for, in place of ``of``.
        """
        owners: dict[str, AwsEntry] = {}
        shared: dict[tuple[str, str], list[str]] = {}
        failed: list[tuple[str, ResponderError]] = []
        # Those that are named come before organizations.
        for entry in sorted(self._entries.aws_entries(), key=lambda entry: entry.is_organization):
            try:
                accounts = (members or self.of)(entry)
            except ResponderError as error:
                failed.append((entry.name, error))
                continue
            for account_id in accounts:
                owner = owners.setdefault(account_id, entry)
                if owner is not entry and owner.is_organization:
                    shared.setdefault((owner.name, entry.name), []).append(account_id)
        for both, accounts in shared.items():
            failed += [(name, _of_two_entries(accounts, *both)) for name in both]
        nobodys = {account_id for accounts in shared.values() for account_id in accounts}
        return [entry.account(account_id) for account_id, entry in owners.items() if account_id not in nobodys], failed

    def of(self, entry: AwsEntry, most: int | None = None) -> Sequence[str]:
        """The accounts of one entry, no more than ``most``. Raises a ResponderError."""
        if entry.problem is not None:
            raise entry.problem
        return self._organization(entry).accounts(most) if entry.is_organization else entry.named_accounts[:most]

    def _organizations(self) -> list[AwsEntry]:
        return [entry for entry in self._entries.aws_entries() if entry.is_organization]


def _of_two_entries(accounts: Sequence[str], one: str, other: str) -> ConfigurationError:
    more = f" (and {len(accounts) - 1} more)" if len(accounts) > 1 else ""
    return ConfigurationError(
        f"Account {accounts[0]}{more} belongs to entries '{one}' and '{other}'.",
        "Correct units or tags on the AWS accounts tab, so that only one entry has the account.",
    )


def listing(entry: AwsEntry) -> AwsAccount:
    """What acts where the accounts of an entry's organization are listed."""
    role = entry.template.list_role_arn
    return replace(entry.template, role_arn=role, read_role_arn="", list_role_arn=role)


def check(entry: AwsEntry, accounts: Sequence[str], aws: Callable[[AwsAccount], Aws]) -> str:
    """Test an entry (credentials, roles, account ids), of many accounts the first few. Returns one line.

    Raises a ResponderError, of the first account that does not work.
    """
    if not accounts:
        raise ConfigurationError(
            f"AWS account '{entry.name}': it stands for no account of the organization.",
            "Correct the units or tags on the AWS accounts tab.",
        )

    def test(account_id: str) -> str:
        account = entry.account(account_id)
        reader = account.to_read()
        found = aws(account).check()
        return found if reader is account else f"{found} {aws(reader).check()}"

    with ThreadPoolExecutor(max_workers=TRIED) as pool:
        found = list(pool.map(test, accounts[:TRIED]))
    more = f" {len(found)} accounts were tried." if len(found) > 1 else ""
    return f"{found[0]}{more}"
