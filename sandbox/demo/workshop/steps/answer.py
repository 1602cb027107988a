"""Jira answers: a comment approves the plan."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.demo.proof import Proof
from sandbox.demo.workshop.shown import Output, Repeat, Shown, Text
from sandbox.demo.workshop.site import ANSWERS, Site

TITLE, ORDER = "Answer: a comment in the ticket approves", 90
PARTS = ("jira", "answer", "aws")
COMMENT = "/responder approve"


def play(site: Site) -> Iterator[Shown]:
    (issue,) = site.world.jira.issues()
    stranger = "bob"

    def comments() -> list[str]:
        return list(site.world.jira.issue(issue.key).comments)

    yield Text(f"Who may answer is on the Jira sites tab: {ANSWERS}. First somebody else tries, then {ANSWERS} does.")
    yield Repeat(f"comment in {issue.key}: {COMMENT}")
    site.world.jira.people.comment(issue.key, COMMENT, stranger)
    site.work_until(lambda: any("may not answer here" in text for text in comments()), "Nobody was refused")
    state = site.key_state(site.estate.deploy_key)
    yield Proof(f"The comment of {stranger} changes nothing", state == "Active", f"the key is {state}")
    site.world.jira.people.comment(issue.key, COMMENT, ANSWERS)
    person = f"{ANSWERS}@example.com"
    site.work_until(lambda: any(person in text for text in comments()), "The answer was not carried out")
    state = site.key_state(site.estate.deploy_key)
    yield Proof(f"{ANSWERS} approves: the key is deactivated", state == "Inactive", f"the key is {state}")
    (outcome,) = [text for text in comments() if person in text]
    yield Output([line for line in outcome.splitlines() if line.strip()])
    yield Proof("The ticket says who it was", "Approved by" in outcome, person)
