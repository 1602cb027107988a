"""What keeps a ticket from being opened again for a moment leads to no second one."""

from __future__ import annotations

from typing import Any

from core_findings import finding
from jira_place import SITE, Place

from sandbox.jira import JiraStandIn


def test_credentials_that_jira_does_not_accept_open_no_second_ticket(core: Any) -> None:
    with JiraStandIn() as jira:
        place = Place(core, jira)
        place.open()
        core.save("jira_site", SITE, reopen_days="7")
        jira.move("SEC-1", "Done")
        jira.faults.add("status", path="/transitions", status=401)
        core.ask(finding(1, "event-2"))
        core.later += 600
        core.work()
        (ticket,) = jira.issues()
    assert (ticket.status_category, len(ticket.comments)) == ("new", 1)
