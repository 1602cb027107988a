"""The group fixer: it looks in AWS by itself, event or no event."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo import proof
from sandbox.demo.proof import Proof, listed
from sandbox.demo.stage import SSH
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Text
from sandbox.demo.workshop.site import Site

TITLE, ORDER = "Sweep: an open group is closed within an interval", 100
PARTS = ("aws", "sweep")
STANZA, SECONDS = "responder_sweep://main", 30
SETTINGS = {
    "disabled": "0",
    "interval": str(SECONDS),
    "look_for": "revoke_open_ingress",
    "regions": "us-east-1",
    "mode": "enforce",
    "calls": "300",
}
AUDIT = "search index=main sourcetype=cloudtrail_responder:audit step=change_applied | table playbook message"


def play(site: Site) -> Iterator[Shown]:
    yield Text("Somebody opens SSH of the web servers to the world, and no alert is about that.")
    ec2 = site.world.aws.client("ec2")
    ec2.authorize_security_group_ingress(GroupId=site.estate.group_id, IpPermissions=[SSH])
    yield Repeat(f"aws ec2 describe-security-group-rules --filters Name=group-id,Values={site.estate.group_id}")
    opened, others = proof.ingress(site.world.aws, site.estate)
    yield Output([f"open to the world: {listed(opened)}", f"others: {listed(others)}"])
    yield Text(f"The sweep is an input, too. It looks in AWS at once, and then every {SECONDS} seconds.")
    yield Output([f"[{STANZA}]", *(f"{name} = {value}" for name, value in SETTINGS.items())])
    schedule = site.world.runner.input_schedule
    _save(site, SETTINGS)
    site.until(lambda: not proof.ingress(site.world.aws, site.estate)[0], "The group was not closed")
    rounds = schedule.runs(STANZA)
    # What it has begun is ended before it is switched off.
    site.until(lambda: schedule.process(STANZA) is None, "The round did not end")
    _save(site, {"disabled": "1"})
    yield Proof("Its first round closed the group", rounds == 1, f"rounds: {rounds}, one every {SECONDS} s")
    kept = proof.ingress(site.world.aws, site.estate)[1]
    yield Proof("The other rules of the group are untouched", kept == others, listed(kept))
    yield Repeat(AUDIT)
    rows = [row for row in site.search(AUDIT) if row["playbook"] == "revoke_open_ingress"]
    yield Output([str(row["message"]) for row in rows])
    yield Proof("The audit has what was changed", len(rows) == 1, f"{len(rows)} change")


def _save(site: Site, settings: dict[str, str]) -> None:
    site.world.rest("POST", "data/inputs/responder_sweep/main", data=settings).raise_for_status()
