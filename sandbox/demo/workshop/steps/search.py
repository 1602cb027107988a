"""Who used AWS from where we do not work?"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.aws import estate
from sandbox.demo.proof import Proof, listed
from sandbox.demo.workshop.shown import Repeat, Shown, Text, table
from sandbox.demo.workshop.site import Site

TITLE, ORDER = "Search: who used AWS from another country?", 40
PARTS = ("index", "search")
ABROAD = 'sourcetype=aws:cloudtrail | iplocation sourceIPAddress | search Country!="Germany"'
COLUMNS = ("eventTime", "eventName", "userIdentity.userName", "userIdentity.accessKeyId", "sourceIPAddress", "Country")


def play(site: Site) -> Iterator[Shown]:
    yield Text("Splunk knows where an address is. Our office is in Germany.")
    yield Repeat(f"search {ABROAD} | table {' '.join(COLUMNS)}")
    rows = site.search(f"search {ABROAD}")
    yield table(rows, *COLUMNS)
    stolen = site.happened(site.estate.deploy_key.user)
    names = sorted(str(row["eventName"]) for row in rows)
    holds = names == sorted(one["eventName"] for one in stolen)
    yield Proof("It finds what the thief did, and nothing else", holds, listed(names))
    holds = {row["sourceIPAddress"] for row in rows} == {estate.ATTACKER_IP}
    yield Proof("Alice, at the office, is not among them", holds, estate.ATTACKER_IP)
