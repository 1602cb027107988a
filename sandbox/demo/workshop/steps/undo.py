"""It was a false alarm: one search takes the change back."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Text
from sandbox.demo.workshop.site import UNDOES, Site, StepFailed

TITLE, ORDER = "Undo: it was a colleague on a business trip", 130
PARTS = ("aws", "undo")


def play(site: Site) -> Iterator[Shown]:
    yield Text(f"The app has kept what was there before. {UNDOES}, an analyst, takes the change back.")
    tasks = site.world.documents("responder_tasks", {"kind": "remediation.run", "state": "done"})
    found = [task["_key"] for task in tasks if site.ci_key.access_key_id in str(task)]
    if len(found) != 1:
        raise StepFailed(f"The remediation of {site.ci_key.access_key_id} was not found: {len(found)} tasks name it.")
    yield Repeat(f"| respondundo task={found[0]}")
    rows = site.search(f"| respondundo task={found[0]}", UNDOES)
    yield Output([str(row.get("message")) for row in rows])
    state = site.key_state(site.ci_key)
    yield Proof("The key works again", state == "Active", f"{site.ci_key.access_key_id}: {state}")
    other = site.key_state(site.estate.deploy_key)
    yield Proof("The other key stays deactivated", other == "Inactive", f"deploy-bot: {other}")
