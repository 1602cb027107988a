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
    yield Text(f"Who may answer is on the Jira sites tab: {ANSWERS}. First somebody else tries, then {ANSWERS} does.")
    yield Repeat(f"comment in {issue.key}: {COMMENT}")
    site.world.jira.people.comment(issue.key, COMMENT, stranger)
    site.world.work()
    state = site.key_state(site.estate.deploy_key)
    yield Proof(f"The comment of {stranger} changes nothing", state == "Active", f"the key is {state}")
    site.world.jira.people.comment(issue.key, COMMENT, ANSWERS)
    site.world.work()
    state = site.key_state(site.estate.deploy_key)
    yield Proof(f"{ANSWERS} approves: the key is deactivated", state == "Inactive", f"the key is {state}")
    comments = site.world.jira.issue(issue.key).comments
    yield Output([line for line in comments[-1].splitlines() if line.strip()])
    person = f"{ANSWERS}@example.com"
    yield Proof("The ticket says who it was", person in "\n".join(comments), person)
