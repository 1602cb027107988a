"""What the organization knows about an account: its name, its owner, who is on call (lookup ``responder_accounts``)."""

from __future__ import annotations

from collections.abc import Sequence

from ..coalescing import Coalescer
from ..errors import ResponderError
from ..remembered import Remembered
from ..splunk.client import Splunkd
from ..splunk.queries import any_of

ACCOUNTS = "responder_accounts"
FIELDS = ("account_name", "owner", "owner_email", "oncall_team", "environment", "ou")
#: Seconds for which what was read counts: people edit the lookup by hand, and a flood names few accounts.
KEPT = 15.0

_known: Remembered[dict[str, str]] = Remembered(KEPT)


def account(splunkd: Splunkd, account_id: str) -> dict[str, str]:
    """The known fields of an account (12 digits); empty when it is not in the lookup. At most ``KEPT`` seconds old."""
    if not account_id:
        return {}
    known = _known.get((splunkd.uri, account_id))
    return dict(_together.ask((splunkd, account_id)) if known is None else known)


def _read(asked: Sequence[tuple[Splunkd, str]]) -> Sequence[dict[str, str] | Exception]:
    """Each account once, however many threads ask for it, and many accounts in one request."""
    by_store: dict[str, list[tuple[Splunkd, str]]] = {}
    for splunkd, account_id in asked:
        by_store.setdefault(splunkd.uri, []).append((splunkd, account_id))
    answers: dict[tuple[str, str], dict[str, str] | Exception] = {}
    for uri, of_store in by_store.items():
        wanted = list(dict.fromkeys(account_id for _, account_id in of_store))
        try:
            found = _of_store(of_store[0][0], wanted)
        except ResponderError as error:
            answers.update(((uri, account_id), error) for account_id in wanted)
        else:
            answers.update(((uri, account_id), found.get(account_id, {})) for account_id in wanted)
    return [answers[splunkd.uri, account_id] for splunkd, account_id in asked]


def _of_store(splunkd: Splunkd, account_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for query in any_of("account_id", account_ids):
        for document in splunkd.find(ACCOUNTS, query):
            fields = {name: str(document[name]) for name in FIELDS if document.get(name)}
            found.setdefault(str(document.get("account_id")), fields)
    for one in account_ids:
        _known.put((splunkd.uri, one), found.get(one, {}))
    return found


_together: Coalescer[tuple[Splunkd, str], dict[str, str]] = Coalescer(_read)
