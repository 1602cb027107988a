"""What the organization knows about an account: its name, its owner, who is on call (lookup ``responder_accounts``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from .looked_up import LookedUp

ACCOUNTS = "responder_accounts"
FIELDS = ("account_name", "owner", "owner_email", "oncall_team", "environment", "ou")
#: Seconds for which what was read counts: people edit the lookup by hand, and a flood names few accounts.
KEPT = 15.0


def account(splunkd: Splunkd, account_id: str) -> dict[str, str]:
    """The known fields of an account (12 digits); empty when it is not in the lookup. At most ``KEPT`` seconds old."""
    return dict(_accounts.of(splunkd, [account_id])[account_id]) if account_id else {}


def _read(splunkd: Splunkd, account_ids: Sequence[str]) -> Mapping[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for query in any_of("account_id", account_ids):
        for document in splunkd.find(ACCOUNTS, query):
            fields = {name: str(document[name]) for name in FIELDS if document.get(name)}
            found.setdefault(str(document.get("account_id")), fields)
    return {one: found.get(one, {}) for one in account_ids}


_accounts: LookedUp[str, dict[str, str]] = LookedUp(_read, KEPT)
