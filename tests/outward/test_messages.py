"""What a ticket, a comment and a message tell the analyst."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.documents import messages, text
from responder.findings.finding import Finding
from responder.jira import adf, wiki
from responder.slack import blocks as slack

ENRICHMENT = {"account_name": "shop-production", "owner": "shop team", "on_call_team": "SRE Blue"}
CASE = {"search_name": "Security group opened", "results_link": "https://splunk.example/app/x/@go?sid=rt_1"}


def told(document: Any) -> str:
    return text.render(document)


def test_a_ticket_tells_who_what_where_when_and_what_was_done(finding: Finding, outcome: dict[str, Any]) -> None:
    summary, document = messages.ticket(finding, ENRICHMENT, CASE, [outcome])
    assert summary == "[HIGH] Security group opened to the world on sg-0abc12345 by alice in shop-production"
    said = told(document)
    for expected in (
        "High: Port 22 was opened to 0.0.0.0/0.",
        "User: alice",
        "ARN: arn:aws:iam::111122223333:user/alice",
        "Access key: AKIAIOSFODNN7EXAMPLE",
        "Source address: 198.51.100.7",
        "API call: AuthorizeSecurityGroupIngress",
        "Account: 111122223333",
        "Region: eu-central-1",
        "Resource: sg-0abc12345",
        "Last seen: 2026-09-10 00:27:40 UTC",
        "First seen: 2026-09-10 00:26:40 UTC",
        "Account name: shop-production",
        "Owner: shop team",
        "On-call team: SRE Blue",
        "(https://attack.mitre.org/techniques/T1562/007/)",
        "(https://splunk.example/app/x/@go?sid=rt_1)",
        "Recommended playbook: revoke_open_ingress",
        "Done. revoke_open_ingress (mode enforce, 2026-09-10 00:28:10 UTC)",
        'before: {"rules": [{"cidr": "0.0.0.0/0", "port": 22}]}',
        "Verified: yes: The rule is gone.",
        finding.event_ids[1],
        finding.case_id,
    ):
        assert expected in said


def test_a_ticket_that_came_first_says_that_nothing_was_changed_yet(finding: Finding) -> None:
    _, document = messages.ticket(finding, {}, {}, [])
    assert "Nothing was changed in AWS so far" in told(document)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("simulated", "Simulated: nothing was changed"),
        ("already", "Nothing to do"),
        ("refused", "Refused by a guardrail: nothing was changed"),
        ("failed", "Failed"),
        ("undone", "Undone: the former state is restored"),
    ],
)
def test_each_end_of_a_remediation_is_named(outcome: dict[str, Any], status: str, words: str) -> None:
    assert told(messages.remediation({**outcome, "status": status})).startswith(words)
    assert words in json.dumps(slack.render(messages.slack_remediation({**outcome, "status": status})).blocks)


def test_a_simulation_does_not_claim_a_change(outcome: dict[str, Any]) -> None:
    outcome["changes"][0].pop("verification")
    said = told(messages.remediation({**outcome, "status": "simulated", "mode": "simulate"}))
    assert "Would change: Remove tcp/22" in said and "Verified: not applicable" in said


def test_a_change_that_does_not_show_is_shouted(outcome: dict[str, Any]) -> None:
    outcome["changes"][0]["verification"] = {"ok": False, "observed": "The rule is still there."}
    assert "Verified: NO: The rule is still there." in told(messages.remediation(outcome))
    assert "NOT verified" in told(messages.slack_remediation(outcome))


def test_a_recurrence_tells_the_new_events_only(finding: Finding) -> None:
    said = told(messages.recurrence(finding, finding.event_ids[1:]))
    assert "1 new event." in said and finding.event_ids[1] in said and finding.event_ids[0] not in said


def test_hundreds_of_events_are_counted_not_listed(finding: Finding) -> None:
    many = replace(finding, event_ids=tuple(f"id-{n}" for n in range(500)), event_count=500)
    said = told(messages.ticket(many, {}, {}, [])[1])
    assert "and 480 more" in said and "id-20" not in said


def test_a_slack_message_is_short_and_leads_to_the_ticket(finding: Finding, outcome: dict[str, Any]) -> None:
    document = messages.slack_finding(finding, ENRICHMENT, CASE, [outcome], "SEC-7", "https://j.example/browse/SEC-7")
    message = slack.render(document)
    assert message.blocks[0]["text"]["text"] == "HIGH: Security group opened to the world"
    assert "<https://j.example/browse/SEC-7|Ticket SEC-7>" in json.dumps(message.blocks)
    assert len(message.blocks) < 10
    assert message.text.startswith("HIGH: Security group opened to the world\nAccount: 111122223333")


def test_a_reply_about_a_recurrence_needs_no_ticket(finding: Finding) -> None:
    said = told(messages.slack_recurrence(finding, finding.event_ids[:1]))
    assert said == "It happened again: 1 new event, last 2026-09-10 00:27:40 UTC by alice from 198.51.100.7"


wild = st.text(max_size=400)


@settings(max_examples=30, deadline=None)
@given(user=wild, agent=wild, reason=wild, owner=wild, observed=wild)
def test_whatever_an_attacker_calls_himself_every_service_gets_a_valid_text(
    valid_adf: Any, user: str, agent: str, reason: str, owner: str, observed: str
) -> None:
    finding = Finding("x_y_z", "Title", "high", "k", user=user, user_agent=agent, reason=reason, object_id=user)
    outcome = {"playbook": agent, "mode": "enforce", "status": "done", "message": observed, "finished_at": 1e9}
    outcome["changes"] = [{"resource": user, "summary": reason, "before": {"a": agent}, "after": {owner: observed}}]
    summary, document = messages.ticket(finding, {"owner": owner}, CASE, [outcome])
    assert summary and "\n" not in summary and len(summary.encode("utf-16-le")) // 2 <= 254
    valid_adf(adf.render(document))
    assert len(wiki.render(document)) <= 32_767
    opening = slack.render(messages.slack_finding(finding, {"owner": owner}, CASE, [outcome]))
    assert slack.size(opening.blocks) <= 12_000 and "<!" not in json.dumps(opening.blocks)
