"""What the organization knows about an account: its name, its owner, who is on call (lookup ``responder_accounts``)."""

from __future__ import annotations

from ..splunk.client import Splunkd

ACCOUNTS = "responder_accounts"
FIELDS = ("account_name", "owner", "owner_email", "oncall_team", "environment")


def account(splunkd: Splunkd, account_id: str) -> dict[str, str]:
    """The known fields of an account (12 digits); empty when it is not in the lookup."""
    if not account_id:
        return {}
    found = splunkd.find(ACCOUNTS, {"account_id": account_id}, limit=1)
    return {name: str(found[0][name]) for name in FIELDS if found and found[0].get(name)}
