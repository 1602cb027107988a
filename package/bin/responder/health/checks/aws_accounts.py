"""Is each AWS account entry usable? The same test as when it is saved on the setup page."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import ConfigurationError
from ...settings.reader import AWS_ACCOUNT
from ..line import Check, Line, amber, name
from ..reach import each, in_words
from ..surroundings import Surroundings


def look(about: Surroundings) -> Iterable[Line]:
    stanzas = about.stanzas(AWS_ACCOUNT)
    if not stanzas:
        return [amber("No AWS account is set up, so nothing can be remediated.", "Add one on the AWS accounts tab.")]
    return each(list(stanzas), lambda entry: _test(about, entry), "AWS account")


def _test(about: Surroundings, entry: str) -> str:
    from ...aws import accounts
    from ...aws.client import Aws
    from ...aws.organization import Organization

    (tested,) = [each for each in about.config.aws_entries() if each.name == entry]
    if tested.problem is not None:
        raise tested.problem
    for account_id in tested.named_accounts:
        first = about.config.aws_entry_naming(account_id)
        if first is not None and first.name != entry:
            raise ConfigurationError(
                f"It is never used for account {account_id}, since the entry '{name(first.name)}' is for it, too.",
                "Remove one of them on the AWS accounts tab.",
            )
    meant = tested.named_accounts
    if tested.is_organization:
        meant = Organization(tested, Aws(accounts.listing(tested), about.http, attempts=1)).accounts(accounts.TRIED)
    return in_words(accounts.check(tested, meant, lambda account: Aws(account, about.http, attempts=1)))


CHECK = Check("AWS accounts", 40, look)
