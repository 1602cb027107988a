"""The alert opens a ticket, and a plan waits for an answer."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof, listed
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Text
from sandbox.demo.workshop.site import Site
from sandbox.demo.workshop.steps.alert import NAME
from sandbox.demo.workshop.steps.search import ABROAD

TITLE, ORDER = "Ticket: Jira gets a ticket, and the plan waits", 70
PARTS = ("alert", "jira")
#: In place of the dispatch.
ACTIONS = {
    "action.responder_dispatch": "0",
    "action.responder_create_ticket": "1",
    "action.responder_remediate": "1",
    "action.responder_remediate.param.playbook": "deactivate_access_key",
    "action.responder_remediate.param.mode": "approve",
}


def play(site: Site) -> Iterator[Shown]:
    yield Text("Pat adds two actions to the alert: Create Jira ticket, and Remediate in AWS, which has to ask first.")
    site.save_alert(NAME, {"search": ABROAD, **ACTIONS})
    yield Output([f"{name} = {value}" for name, value in ACTIONS.items()])
    firing = site.next_run(NAME)
    # 4: it waits for a person.
    bad = [f"{run.action}: {run.stderr.strip()}" for run in firing.actions if run.exit_code not in (0, 4)]
    yield Proof("The alert ran, and both actions went well", not bad and len(firing.actions) == 2, listed(bad))
    site.world.work()
    issues = site.world.jira.issues()
    yield Output([f"{issue.key}  {issue.summary}" for issue in issues])
    user = site.estate.deploy_key.user
    holds = len(issues) == 1 and user in issues[0].summary
    yield Proof("One ticket about the stolen key", holds, listed(issue.key for issue in issues))
    yield Text("The plan waits. Nothing has been changed.")
    yield Repeat("| respondwaiting")
    rows = site.search("| respondwaiting", "kim")
    yield Output([str(line) for row in rows for line in _lines(row.get("summary"))])
    waits = len(rows) == 1 and site.estate.deploy_key.access_key_id in str(rows[0].get("summary"))
    state = site.key_state(site.estate.deploy_key)
    yield Proof("It names the key", waits, f"{len(rows)} plan waits")
    yield Proof("The key still works", state == "Active", state)


def _lines(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]
