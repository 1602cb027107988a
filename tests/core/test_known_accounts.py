"""Which accounts are not outside, by the lookups that people keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from responder.errors import Unavailable
from responder.findings import known_accounts
from responder.splunk.client import Splunkd

NOW = 1_800_000_000.0
OWN, PARTNER = "111122223333", "444455556666"


class Lookups(Splunkd):
    """A KV store with two lists."""

    def __init__(self, name: str, own: list[Any], trusted: list[Any]) -> None:
        super().__init__(f"https://{name}.example:8089", "key")
        self.lists = {"responder_accounts": own, "responder_trusted_accounts": trusted}
        self.asked = 0

    def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
        self.asked += 1
        return self.lists[collection]


def test_own_and_trusted_accounts_count() -> None:
    lookups = Lookups("both", [{"account_id": OWN}, {"account_name": "no id"}], [{"account_id": PARTNER}])
    assert known_accounts.read(lookups, NOW) == {OWN, PARTNER}


@pytest.mark.parametrize(
    ("expires", "counts"),
    [("", True), (None, True), (0, True), ("0", True), (NOW + 1, True), (str(NOW + 1), True), (NOW, False),
     (NOW - 1, False), ("2030-01-01", False), ("never", False), ("nan", False)],
)  # fmt: skip
def test_an_entry_that_has_expired_does_not(expires: Any, counts: bool) -> None:
    lookups = Lookups(f"e{str(expires).replace('.', '')}{counts}", [], [{"account_id": PARTNER, "expires": expires}])
    assert (PARTNER in known_accounts.read(lookups, NOW)) is counts


def test_one_entry_that_counts_is_enough() -> None:
    entries = [{"account_id": PARTNER, "expires": 1}, {"account_id": PARTNER, "expires": NOW + 60}]
    assert PARTNER in known_accounts.read(Lookups("twice", [], entries), NOW)


def test_many_remediations_at_once_ask_once() -> None:
    lookups = Lookups("once", [{"account_id": OWN}], [])
    for _ in range(5):
        known_accounts.read(lookups, NOW)
    assert lookups.asked == 2


def test_lists_that_cannot_be_read_are_no_empty_lists() -> None:
    class Away(Lookups):
        def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[dict[str, Any]]:
            raise Unavailable("The KV store does not answer.")

    with pytest.raises(Unavailable):
        known_accounts.read(Away("away", [], []), NOW)
