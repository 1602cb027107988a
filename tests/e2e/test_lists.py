"""The ways to edit the lists of docs/noise.md, on the built app."""

from __future__ import annotations

import pytest

LIST = "responder_allowed_principals"


@pytest.fixture
def python_version(other_version: str) -> str:
    return other_version


def test_an_entry_is_made_by_a_search_and_by_rest_and_taken_out_again(site):
    made = (
        '| makeresults | eval principal="arn:aws:iam::111122223333:role/backup", detection="many_secrets_read", '
        'reason="nightly export", owner="platform", expires=relative_time(now(), "+90d") | fields - _time '
        f"| outputlookup append=t {LIST}"
    )
    site.world.splunkd.search(made)
    entry = {"principal": "terraform", "reason": "pipeline", "owner": "platform", "expires": 1798761600}
    site.world.rest("POST", f"storage/collections/data/{LIST}", json=entry).raise_for_status()
    assert {one["principal"] for one in site.world.documents(LIST)} == {
        entry["principal"],
        "arn:aws:iam::111122223333:role/backup",
    }
    site.world.splunkd.search(f'| inputlookup {LIST} where principal!="*backup" | outputlookup {LIST}')
    (left,) = site.world.documents(LIST)
    assert (left["principal"], str(left["expires"])) == ("terraform", "1798761600")


@pytest.mark.parametrize("cells", ["", '| eval expires=coalesce(expires, "")'], ids=["absent", "empty text"])
def test_a_csv_file_with_empty_cells_is_imported_and_its_entries_never_end(site, cells: str):
    lookups = site.world.splunkd.home / "etc" / "apps" / "search" / "lookups"
    lookups.mkdir(parents=True, exist_ok=True)
    rows = ["account_id,reason,owner,expires", "444455556666,partner,ann,", "777788889999,ended,ann,1577836800"]
    (lookups / "partners.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    partners = "responder_trusted_accounts"
    site.world.splunkd.search(f"| inputlookup partners.csv {cells} | outputlookup {partners}", app="search")
    assert {one["account_id"]: one.get("expires") or "" for one in site.world.documents(partners)} == {
        "444455556666": "",
        "777788889999": "1577836800",
    }
    assert trusted(site) == {"444455556666"}


@pytest.mark.extended
@pytest.mark.parametrize(("expires", "counts"), [("", True), (0, True), ("0", True), (None, True), (1577836800, False)])
def test_an_entry_over_rest_may_have_an_empty_expiry(site, expires, counts: bool):
    partners = "responder_trusted_accounts"
    site.world.rest("DELETE", f"storage/collections/data/{partners}").raise_for_status()
    entry = {"account_id": "444455556666", "reason": "partner", "owner": "ann", "expires": expires}
    site.world.rest("POST", f"storage/collections/data/{partners}", json=entry).raise_for_status()
    assert trusted(site) == ({"444455556666"} if counts else set())


def trusted(site) -> set[str]:
    """Accounts that the searches take for known."""
    made = "| makeresults count=2 | streamstats count | eval id=if(count=1, 444455556666, 777788889999)"
    found = site.world.splunkd.search(f"{made} | `cloudtrail_known_account(id)` | where isnotnull(known_account)")
    return {str(row["id"]) for row in found.rows}
