"""Which accounts are not outside: the lookups ``responder_accounts`` and ``responder_trusted_accounts``.

They count as in the searches (macro ``cloudtrail_known_account``): an entry with an expiry that has passed, or that is
no number, does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..remembered import Remembered
from ..splunk.client import Splunkd

OWN, TRUSTED = "responder_accounts", "responder_trusted_accounts"
#: Seconds for which what was read counts: people edit the lookups by hand.
KEPT = 15.0

_known: Remembered[frozenset[str]] = Remembered(KEPT)


def read(splunkd: Splunkd, now: float) -> Collection[str]:
    """Account ids. Raises what ``Splunkd.find`` raises: without the lists nobody can say who is outside."""
    known = _known.get(splunkd.uri)
    if known is None:
        own = splunkd.find(OWN, {}, fields="account_id")
        trusted = splunkd.find(TRUSTED, {}, fields="account_id,expires")
        counts = [*own, *(entry for entry in trusted if not has_expired(entry, now))]
        known = frozenset(str(entry["account_id"]) for entry in counts if entry.get("account_id"))
        _known.put(splunkd.uri, known)
    return known


def has_expired(entry: Mapping[str, Any], now: float) -> bool:
    """Whether an entry of a list has ended, by its field ``expires``."""
    until = str(entry.get("expires") if entry.get("expires") is not None else "").strip()
    if not until:
        return False
    try:
        at = float(until)
    except ValueError:
        return True
    return 0 < at <= now or at != at
