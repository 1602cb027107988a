"""The audit has each answer of somebody who may not answer, once."""

from __future__ import annotations

from typing import Any

from responder.engine import answer_records, jira_answering
from responder.engine.answer_records import Recorded
from responder.remediation.verdicts import JIRA

AUDIT = 'search index=main sourcetype="cloudtrail_responder:audit" step=answer_refused | table id verb'


def test_two_answers_that_were_read_in_the_same_moment_are_two_events_however_often_they_are_tried(core: Any) -> None:
    core.save("jira_site", "jira", deployment="cloud", url="https://example.atlassian.net", email="a@example.com")
    client = core.client()
    at = client.now()
    given = [
        Recorded(f"jira:1:{name}", JIRA, "jira", verb, "mallory", at, at, ticket="1", ticket_key="SEC-1")
        for name, verb in (("c1", "approve"), ("l2.undo", "undo"))
    ]
    answer_records.write_down(client, given)
    for answer in [*given, *given]:
        assert jira_answering.carry_out(client, core.services, answer) is not None
    events = {(row["id"], row["verb"]) for row in core.splunkd.search(AUDIT).rows}
    assert len({id for id, _ in events}) == len(events) == 2
