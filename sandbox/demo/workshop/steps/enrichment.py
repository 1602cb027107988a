"""Whose account is it? The ticket says so."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.aws import estate
from sandbox.demo.proof import Proof
from sandbox.demo.scenario import OUR_ACCOUNT
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Text
from sandbox.demo.workshop.site import Site

TITLE, ORDER = "Enrichment: the ticket says whose account it is", 80
PARTS = ("jira", "lookup")


def play(site: Site) -> Iterator[Shown]:
    yield Text("A lookup has name, owner and on-call team of each account. The app reads it for every ticket.")
    yield Repeat("| inputlookup responder_accounts")
    names = ("account_id", "account_name", "owner", "oncall_team")
    yield Output([f"{name} = {OUR_ACCOUNT[name]}" for name in names])
    (issue,) = site.world.jira.issues()
    lines = [line.replace("\t", ": ") for line in issue.description.splitlines() if line.strip()]
    # The box above it changes with the case.
    yield Output(lines[lines.index("Who did it") : lines.index("Evidence")])
    missing = [str(OUR_ACCOUNT[name]) for name in names if str(OUR_ACCOUNT[name]) not in issue.description]
    shown = ", ".join(str(OUR_ACCOUNT[name]) for name in names)
    yield Proof("Account, owner and team are in the ticket", not missing, f"missing: {missing}" if missing else shown)
    key = site.estate.deploy_key.access_key_id
    holds = key in issue.description and estate.ATTACKER_IP in issue.description
    yield Proof("So are the key and the address", holds, f"{key}, {estate.ATTACKER_IP}")
