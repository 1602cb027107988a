"""What the organization knows about an account: its name, its owner, who is on call (lookup ``responder_accounts``)."""

from __future__ import annotations

import threading
import time

from ..splunk.client import Splunkd

ACCOUNTS = "responder_accounts"
FIELDS = ("account_name", "owner", "owner_email", "oncall_team", "environment")
#: Seconds for which what was read counts: people edit the lookup by hand, and a flood names few accounts.
KEPT = 15.0

_known: dict[tuple[str, str], tuple[float, dict[str, str]]] = {}
_lock = threading.Lock()


def account(splunkd: Splunkd, account_id: str) -> dict[str, str]:
    """The known fields of an account (12 digits); empty when it is not in the lookup. At most ``KEPT`` seconds old."""
    if not account_id:
        return {}
    # One thread reads for all: the others want the same.
    with _lock:
        now = time.monotonic()
        for key in [key for key, (read_at, _) in _known.items() if now - read_at > KEPT]:
            del _known[key]
        about = (splunkd.uri, account_id)
        if about not in _known:
            found = splunkd.find(ACCOUNTS, {"account_id": account_id}, limit=1)
            _known[about] = (now, {name: str(found[0][name]) for name in FIELDS if found and found[0].get(name)})
        return dict(_known[about][1])
