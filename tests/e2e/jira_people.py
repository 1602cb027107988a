"""Lets people of the Jira stand-in answer in tickets."""

from __future__ import annotations

from typing import Any

from sandbox.jira.model import USERS, User
from sandbox.world import APP

PEOPLE = {user.name: user for user in USERS}
ALICE, BOB = PEOPLE["alice"], PEOPLE["bob"]


def let_answer(site: Any, *people: User, **fields: str) -> None:
    """Save who may answer, and let the app begin to listen."""
    site.world.developer(jira_poll_seconds="0")
    save(site, *people, **fields)
    site.world.work()


def save(site: Any, *people: User, **fields: str) -> None:
    form = {"answerers": ", ".join(user.account_id for user in people), **fields}
    answer = site.world.rest("POST", f"{APP}_jira_site/jira", data={**site.world.jira_form(), **form})
    assert answer.ok, answer.text
