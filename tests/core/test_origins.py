"""Tickets and threads say whose network an address is in, and whether the caller came from there before."""

from __future__ import annotations

from typing import Any

import pytest
from incident_runs import HOUR, KEY, T0, alert, row
from responder.cases import origins
from responder.documents import text
from responder.errors import ConfigurationError
from responder.splunk.client import Splunkd as Client

DAY = 24 * HOUR
#: An address that is nobody's, and one of the networks that are written about.
GLOBAL, BLOCK = "1.2.3.4", "1.2.0.0/16"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    origins._networks._values.clear()
    origins._is_empty._values.clear()
    origins._spans.known._values.clear()


def found(**more: Any) -> dict[str, Any]:
    return row("trail_stopped", "a", access_key_id=KEY, src_ip=GLOBAL, **more)


def ticket(core: Any, *rows: dict[str, Any]) -> str:
    for one in rows or (found(),):
        alert(core, one, search_name="Test")
    return " ".join(str(text.render(core.jira.created[-1].document)).replace("`", "").replace("*", "").split())


def was_seen(core: Any, value: str, first: float, last: float, **more: str) -> None:
    entry = {"detection": origins.KEY_NETWORKS, "subject": KEY, "value": value, **more}
    core.client().insert(origins.FIRST_SEEN, {**entry, "first_seen": first, "last_seen": last})


def lists(core: Any, network: str, asn: str, organization: str = "") -> None:
    core.client().insert(origins.ASN, {"network": network, "asn": asn, "organization": organization})


def test_the_smallest_network_of_the_lookup_counts(core: Any) -> None:
    lists(core, "1.0.0.0/8", "64500", "A carrier")
    lists(core, "1.2.3.0/24", "64501", "An ISP <!channel>")
    lists(core, "1.2.4.0/24", "64502")
    assert "Network: AS64501 An ISP <!channel>" in ticket(core)
    alert(core, found(), action="notify_slack")
    assert "From: AS64501 An ISP" in core.slack.texts[0].replace("`", "").replace("*", "")


def test_a_row_that_names_it_counts_before_the_lookup(core: Any) -> None:
    lists(core, "1.2.3.0/24", "64501")
    own = {"eventName": "StopLogging", "sourceIPAddress": GLOBAL, "asn": "AS64999", "as_org": "Somebody",
           "eventID": "0d4a7f55-9a0a-4a34-9d27-111111111111", "recipientAccountId": "123456789012"}  # fmt: skip
    assert "Network: AS64999 Somebody" in ticket(core, own)


@pytest.mark.parametrize("address", ["10.1.2.3", "cloudtrail.amazonaws.com", "1.2.3.4, 1.2.3.5 and 4 more", "9.9.9.9"])
def test_what_is_not_known_is_left_out(core: Any, address: str) -> None:
    lists(core, "1.2.3.0/24", "64501")
    said = ticket(core, {**found(), "src_ip": address})
    assert "Network:" not in said and "Seen before" not in said


def test_a_network_of_ipv6_is_found(core: Any) -> None:
    lists(core, "2606:4700::/32", "13335", "A network")
    assert "Network: AS13335 A network" in ticket(core, {**found(), "src_ip": "2606:4700:0:0::1"})


def test_a_place_that_the_key_came_from_before(core: Any) -> None:
    was_seen(core, BLOCK, T0 - 40 * DAY, T0 - 2 * DAY)
    assert f"Seen before: Yes. The access key came from {BLOCK} first on 2025-08-30" in ticket(core)


@pytest.mark.parametrize(
    ("first", "last"),
    [(T0 - 60, T0), (T0 - 200 * DAY, T0 - 91 * DAY)],
    ids=["the finding itself", "so long ago that it counts no more"],
)
def test_a_place_that_is_new_to_a_known_key(core: Any, first: float, last: float) -> None:
    was_seen(core, "9.8.0.0/16", T0 - 20 * DAY, T0 - DAY)
    was_seen(core, BLOCK, first, last)
    said = ticket(core)
    assert f"Seen before: No. The access key is known since 2025-09-19 08:53:20 UTC, and not from {BLOCK}" in said


@pytest.mark.parametrize("known", [{}, {"subject": "AKIAANOTHERKEY000000"}, {"detection": "another"}])
def test_a_caller_that_no_baseline_has_known_for_a_week_is_not_called_new(core: Any, known: dict[str, str]) -> None:
    was_seen(core, "9.8.0.0/16", T0 - (3 if not known else 30) * DAY, T0 - DAY, **known)
    assert "Seen before" not in ticket(core)


def test_a_sign_in_goes_by_the_country(core: Any) -> None:
    one = {**found(src_country="Atlantis"), "access_key_id": ""}
    was_seen(core, "atlantis", T0 - 20 * DAY, T0 - DAY, detection=origins.SIGN_IN_COUNTRIES, subject=one["user_arn"])
    assert "Seen before: Yes. The user came from atlantis first on" in ticket(core, one)


def test_lists_that_cannot_be_read_keep_nobody_from_a_ticket(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    find = Client.find

    def without(self: Client, collection: str, *given: Any, **more: Any) -> Any:
        if collection in (origins.ASN, origins.FIRST_SEEN):
            raise ConfigurationError("splunkd has no such collection.", "Install the app again.")
        return find(self, collection, *given, **more)

    monkeypatch.setattr(Client, "find", without)
    assert "Network:" not in ticket(core) and len(core.jira.created) == 1


def test_what_a_baseline_says_is_asked_once_by_all_actions_of_an_alert(
    core: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, asked = Client.find, list[str]()

    def counted(self: Client, collection: str, *given: Any, **more: Any) -> Any:
        asked.append(collection)
        return find(self, collection, *given, **more)

    was_seen(core, BLOCK, T0 - 40 * DAY, T0 - 2 * DAY)
    monkeypatch.setattr(Client, "find", counted)
    one = found(src_country="Atlantis")
    assert "Seen before: Yes" in ticket(core, one)
    alert(core, one, action="notify_slack")
    assert f"The access key came from {BLOCK}" in core.slack.texts[0]
    # Of the key and of the user in one.
    assert asked.count(origins.FIRST_SEEN) == 1


def test_many_are_looked_up_in_a_few_requests(core: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Any]()

    def none_found(self: Client, collection: str, query: Any, **more: Any) -> list[Any]:
        asked.append(query)
        return []

    monkeypatch.setattr(Client, "find", none_found)
    users = [(origins.SIGN_IN_COUNTRIES, f"arn:aws:iam::123456789012:user/u{number}") for number in range(30)]
    assert set(origins._spans.of(core.client(), users)) == set(users)
    assert len(asked) == 2, "as many in one as its address has room for"
    assert origins._spans.of(core.client(), users[:3]) == dict.fromkeys(users[:3], []) and len(asked) == 2
