"""The ways to edit the lists of docs/noise.md, on the built app."""

from __future__ import annotations

LIST = "responder_allowed_principals"


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
    assert (left["principal"], left["expires"]) == ("terraform", 1798761600)
