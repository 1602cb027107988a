"""The core, with tickets in a Jira that is asked over HTTP."""

from __future__ import annotations

from typing import Any

from core_findings import finding
from responder.engine import answer_records, jira_answering, jira_polling, jira_replies
from responder.engine.answer_records import ANSWERS
from responder.engine.jira_polling import Cursor
from responder.jira.client import Tickets
from responder.remediation.verdicts import JIRA
from responder.settings.jira_answers import JiraAnswers
from responder.settings.model import Http, JiraSite
from responder.settings.secret import Secret

from sandbox.jira import JiraStandIn
from sandbox.jira.people import account_id

SITE = "jira"


class Place:
    def __init__(self, core: Any, jira: JiraStandIn) -> None:
        held = jira.credentials
        self.core, self.jira = core, jira
        self.splunkd = core.client()
        token = held.api_token if jira.cloud else held.personal_access_token
        people, statuses = ("alice", account_id("alice")), {"approved": "approve"}
        answers = JiraAnswers(people=people, statuses=statuses, labels={"go": "approve"})
        self.site = JiraSite(
            SITE, jira.deployment, jira.url, held.email, Secret(token), default_project="SEC", answers=answers
        )
        self.tickets = Tickets(self.site, Http())
        core.services.tickets = lambda site, http: self.tickets

    def open(self, number: int = 1, project: str = "SEC") -> str:
        """A ticket of a case; its key."""
        self.core.ask(finding(number), project=project)
        return str(self.jira.issues()[-1].key)

    def poll(self, site: JiraSite | None = None) -> list[str]:
        """One round; what was written down so far, in order."""
        jira_polling.poll(self.splunkd, site or self.site, self.tickets.changes, pause=0.0)
        return self.answered()

    def carry_out(self) -> None:
        """One round, and what it has brought is carried out and answered, as by alice, who may."""
        self.core.save("jira_site", SITE, answerers=account_id("alice"))
        self.poll()
        for one in answer_records.due(self.splunkd, JIRA):
            if not one.reply:
                jira_answering.carry_out(self.splunkd, self.core.services, one)
        owed = [one for one in answer_records.open_ones(self.splunkd, JIRA) if one.reply]
        if owed:
            jira_replies.reply(self.splunkd, self.tickets, owed, lambda: None)

    def answered(self) -> list[str]:
        found = sorted(self.core.documents(ANSWERS), key=lambda one: float(one["given_at"]))
        return [f"{one['ticket_key']} {one['verb']}" for one in found]

    def cursor(self) -> Cursor:
        found = Cursor.load(self.splunkd, SITE)
        assert found is not None
        return found

    def asked(self, path: str) -> int:
        """How often, so far."""
        return sum(request.path.endswith(path) for request in self.jira.requests)
