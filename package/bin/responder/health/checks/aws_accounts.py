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
    from ...aws.client import Aws

    account_id = about.stanzas(AWS_ACCOUNT)[entry].get("account_id", "")
    account = about.config.aws_account_for(account_id)
    if account.name != entry:
        raise ConfigurationError(
            f"It is never used, since the entry '{name(account.name)}' is for the same account.",
            "Remove one of them on the AWS accounts tab.",
        )
    return in_words(Aws(account, about.http, attempts=1).check())


CHECK = Check("AWS accounts", 40, look)
