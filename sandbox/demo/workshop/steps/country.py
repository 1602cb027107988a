"""Where nobody of ours ever works, no question is asked."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof, listed
from sandbox.demo.workshop.shown import Output, Shown, Text
from sandbox.demo.workshop.site import NOWHERE, NOWHERE_COUNTRY, Site, stanza

TITLE, ORDER = "Country: a key is deactivated at once", 110
PARTS = ("alert", "jira", "slack", "aws")
NAME = "Key used where nobody works"
SETTINGS = {
    "search": f'sourcetype=aws:cloudtrail | iplocation sourceIPAddress | search Country="{NOWHERE_COUNTRY}"',
    "action.responder_create_ticket": "1",
    "action.responder_notify_slack": "1",
    "action.responder_remediate": "1",
    "action.responder_remediate.param.playbook": "deactivate_access_key",
}


def play(site: Site) -> Iterator[Shown]:
    yield Text(f"A second alert is about {NOWHERE_COUNTRY}. It does not ask: the Safety tab allows enforcement.")
    site.save_alert(NAME, SETTINGS)
    yield Output(stanza(NAME, SETTINGS))
    yield Text("The key of ci-runner is used from there. CloudTrail delivers, the input reads, the alert runs.")
    site.actor(site.ci_key, NOWHERE).client("iam").list_users()
    site.deliver()
    firing = site.next_run(NAME)
    bad = [f"{run.action}: {run.stderr.strip()}" for run in firing.actions if run.exit_code]
    yield Proof("All three actions went well", not bad and len(firing.actions) == 3, listed(bad))
    state = site.key_state(site.ci_key)
    yield Proof("The key of ci-runner is deactivated", state == "Inactive", f"{site.ci_key.access_key_id}: {state}")
    others = {key.user: site.key_state(key) for key in (site.estate.admin_key, site.estate.responder_key)}
    seen = listed(f"{user}: {state}" for user, state in others.items())
    yield Proof("Nobody else's key was touched", set(others.values()) == {"Active"}, seen)
    found = [issue for issue in site.world.jira.issues() if site.ci_key.user in issue.summary]
    yield Proof("There is a ticket for it", len(found) == 1, listed(issue.key for issue in found))
