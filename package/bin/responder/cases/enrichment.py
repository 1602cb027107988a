"""What the organization knows about an account: its name, its owner, who is on call (lookup ``responder_accounts``)."""

from __future__ import annotations

from collections.abc import Sequence

from ..coalescing import Coalescer
from ..errors import ResponderError
from ..remembered import Remembered
from ..splunk.client import Splunkd

ACCOUNTS = "responder_accounts"
FIELDS = ("account_name", "owner", "owner_email", "oncall_team", "environment")
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
    """Each account once, however many threads ask for it."""
    answers: dict[tuple[str, str], dict[str, str] | Exception] = {}
    for splunkd, account_id in asked:
        about = (splunkd.uri, account_id)
        if about not in answers:
            answers[about] = _known.get(about) or _answer(splunkd, account_id)
    return [answers[splunkd.uri, account_id] for splunkd, account_id in asked]


def _answer(splunkd: Splunkd, account_id: str) -> dict[str, str] | Exception:
    try:
        found = splunkd.find(ACCOUNTS, {"account_id": account_id}, limit=1)
    except ResponderError as error:
        return error
    fields = {name: str(found[0][name]) for name in FIELDS if found and found[0].get(name)}
    _known.put((splunkd.uri, account_id), fields)
    return fields


_together: Coalescer[tuple[Splunkd, str], dict[str, str]] = Coalescer(_read)
