"""What a ticket, a comment and a Slack message tell the analyst."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.documents import es_notes, messages, text
from responder.documents.remediations import STATUS_TITLES
from responder.documents.reports import CaseReport, ChangeReport, RemediationReport, TicketLink
from responder.findings.finding import Finding
from responder.jira import adf, wiki
from responder.slack import blocks as slack

ENRICHMENT = {"account_name": "shop-production", "owner": "shop team", "on_call_team": "SRE Blue"}
CASE = CaseReport("c0ffee", "Security group opened", "https://splunk.example/app/x/@go?sid=rt_1")
TICKET = TicketLink("SEC-7", "https://jira.example/browse/SEC-7")


def shown(document: Any) -> str:
    return text.render(document)


def with_change(report: RemediationReport, **changes: Any) -> RemediationReport:
    return replace(report, changes=(replace(report.changes[0], **changes),))


def test_a_ticket_says_who_what_where_when_and_what_was_done(finding: Finding, report: RemediationReport) -> None:
    summary, document = messages.ticket(finding, ENRICHMENT, CASE, [report])
    assert summary == "[HIGH] Security group opened to the world on sg-0abc12345 by alice in shop-production"
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
        "(https://attack.mitre.org/techniques/T1686/001/)",
        "(https://splunk.example/app/x/@go?sid=rt_1)",
        "Recommended playbook: revoke_open_ingress",
        "State: Contained and verified, 2026-09-10 00:28:10 UTC (revoke_open_ingress)",
        "Done. revoke_open_ingress: Revoke open ingress: removed tcp/22 from 0.0.0.0/0.",
        '- rules: {"cidr": "0.0.0.0/0", "port": 22}',
        "Verified: The rule is gone.",
        "Signed in: with a long-term access key",
        "Case c0ffee, found by the search Security group opened.",
    ):
        assert expected in shown(document)


def test_ticket_and_message_name_the_person_and_the_role_apart(finding: Finding) -> None:
    signed_in = replace(finding, user="ana.lopez@example.com", user_role="AWSReservedSSO_AdministratorAccess_0a1b2c")
    _, ticket = messages.ticket(signed_in, ENRICHMENT, CASE, [])
    message = messages.slack_finding(signed_in, ENRICHMENT, CASE, [], TICKET)
    assert "User: ana.lopez@example.com" in shown(ticket)
    assert "Role: AWSReservedSSO_AdministratorAccess_0a1b2c" in shown(ticket)
    assert "Who: ana.lopez@example.com as AWSReservedSSO_AdministratorAccess_0a1b2c with" in shown(message)


def test_a_ticket_that_came_first_says_that_nothing_was_changed(finding: Finding) -> None:
    _, document = messages.ticket(finding, {}, CaseReport("c0ffee"), [])
    assert "State: Found; nothing was changed by this app" in shown(document)


# Whatever is about events lists their ids


def test_a_ticket_and_a_message_list_the_events_they_are_about(finding: Finding) -> None:
    for document in (
        messages.ticket(finding, {}, CASE, [])[1],
        messages.recurrence(finding, finding.event_ids),
        messages.slack_finding(finding, {}, CASE, []),
        messages.slack_recurrence(finding, finding.event_ids),
    ):
        blocks = json.dumps(slack.render(document).blocks)
        for event_id in finding.event_ids:
            assert event_id in shown(document) and event_id in blocks
            assert event_id in json.dumps(adf.render(document)) and event_id in wiki.render(document)


def test_a_recurrence_lists_the_new_events_only(finding: Finding) -> None:
    for document in (
        messages.recurrence(finding, finding.event_ids[1:]),
        messages.slack_recurrence(finding, finding.event_ids[1:]),
    ):
        assert "Detected again: 1 new event" in shown(document)
        assert finding.event_ids[1] in shown(document) and finding.event_ids[0] not in shown(document)


def test_hundreds_of_events_are_listed_as_far_as_people_read(finding: Finding) -> None:
    ids = tuple(f"id-{number:03d}-of-many" for number in range(500))
    many = replace(finding, event_ids=ids, event_count=500)
    for document, listed in (
        (messages.ticket(many, {}, CASE, [])[1], 200),
        (messages.recurrence(many, ids), 200),
        (messages.slack_finding(many, {}, CASE, []), 20),
        (messages.slack_recurrence(many, ids), 20),
    ):
        assert shown(document).count("-of-many") == listed
        assert f"and at least {500 - listed} more" in shown(document), "a finding keeps no more"


def test_two_hundred_event_ids_fit_the_ticket_beside_a_storm_of_other_text(
    finding: Finding, report: RemediationReport
) -> None:
    ids = tuple(f"4f1c0000-0000-4000-8000-{number:012d}" for number in range(200))
    long = "x" * 2_048
    state = {"policy": "y" * 3_000}
    stormy = replace(finding, event_ids=ids, user=long, user_agent=long, reason=long, object_id=long)
    reports = [with_change(report, summary=long, before=state, after=state, observed=long)] * 3
    _, document = messages.ticket(stormy, {"owner": long}, CASE, reports)
    for rendered in (json.dumps(adf.render(document)), wiki.render(document)):
        assert all(event_id in rendered for event_id in ids)
    message = messages.slack_finding(stormy, {"owner": long}, CASE, reports)
    assert all(event_id in json.dumps(slack.render(message).blocks) for event_id in ids[:20])


def test_a_search_without_event_ids_is_said_to_have_none(finding: Finding) -> None:
    _, document = messages.ticket(replace(finding, event_ids=()), {}, CASE, [])
    assert "The search returned no CloudTrail event IDs." in shown(document)


# Remediations


@pytest.mark.parametrize("status", STATUS_TITLES)
def test_each_end_of_a_remediation_is_named(report: RemediationReport, status: str) -> None:
    ended = replace(report, status=status)
    assert shown(messages.remediation(ended)).startswith(STATUS_TITLES[status] + ". revoke_open_ingress")
    assert STATUS_TITLES[status] in json.dumps(slack.render(messages.slack_remediation(ended)).blocks)


@pytest.mark.parametrize("status", ["simulated", "waiting", "refused"])
def test_a_plan_does_not_claim_a_change(report: RemediationReport, status: str) -> None:
    planned = with_change(replace(report, status=status, mode="simulate"), verified=None, observed="")
    assert "nothing was changed" in shown(messages.remediation(planned))
    assert "Planned change: Remove tcp/22" in shown(messages.remediation(planned))
    assert "Verified: not applicable" in shown(messages.remediation(planned))


@pytest.mark.parametrize("status", ["waiting", "still_waiting", "refused", "rejected", "expired"])
def test_what_ends_or_waits_partly_made_claims_neither_too_little_nor_too_much(
    report: RemediationReport, status: str
) -> None:
    (change,) = report.changes
    made = replace(change, is_made=True)
    # A change whose second call was refused is read back by nobody.
    unread = replace(made, summary="Stop i-1.", verified=None, observed="")
    planned = replace(unread, summary="Stop i-2.", is_made=False)
    partly = replace(report, status=status, changes=(made, unread, planned))
    note = es_notes.remediation(partly, "c0ffee", "ref")
    for said in (shown(messages.remediation(partly)), shown(messages.slack_remediation(partly)), note):
        assert "nothing more was changed" in said or "Not all done: nobody answered in time" in said
        assert STATUS_TITLES[status] not in said
    ticket = shown(messages.remediation(partly))
    assert "\nChange: Remove tcp/22" in ticket and "\nChange: Stop i-1." in ticket
    assert "Planned change: Stop i-2." in ticket and ticket.count("Planned change") == 1
    assert ticket.count("Verified: yes") == ticket.count("Verified: not yet") == 1


def test_a_change_that_does_not_show_is_marked(report: RemediationReport) -> None:
    failed = with_change(report, verified=False, observed="The rule is still there.")
    assert "Verified: no: The rule is still there." in shown(messages.remediation(failed))
    assert "Not verified: The rule is still there." in shown(messages.slack_remediation(failed))


def test_a_change_that_was_not_read_again_is_not_called_verified(report: RemediationReport) -> None:
    pending = with_change(report, verified=None, observed="")
    assert "Verified: not yet" in shown(messages.remediation(pending))
    assert "erified" not in shown(messages.slack_remediation(pending))


def test_a_report_with_nothing_in_it_is_shown_all_the_same() -> None:
    empty = RemediationReport("", "", "", "", (ChangeReport(""),))
    assert shown(messages.remediation(empty)).startswith("Unknown. unknown playbook")
    assert "unknown resource" in shown(messages.slack_remediation(empty))


# Slack messages and links


def test_a_slack_message_is_short_and_leads_to_the_ticket(finding: Finding, report: RemediationReport) -> None:
    message = slack.render(messages.slack_finding(finding, ENRICHMENT, CASE, [report], TICKET))
    assert message.blocks[0]["text"]["text"] == "🟠 Port 22 was opened to 0.0.0.0/0."
    assert "<https://jira.example/browse/SEC-7|Ticket SEC-7>" in json.dumps(message.blocks)
    assert len(message.blocks) < 10
    lines = message.text.splitlines()
    assert lines[1] == "To do now: Check in CloudTrail what else alice did, and work through the runbook."
    assert lines[2] == "HIGH · Security group opened to the world"
    assert lines[3] == "Who: alice with AKIAIOSFODNN7EXAMPLE from 198.51.100.7"
    assert lines[6].startswith("When: 2026-09-10 00:27:40 UTC")
    assert "<!date^1789000060^{date_short_pretty} {time_secs}|2026-09-10 00:27:40 UTC>" in json.dumps(message.blocks)


def test_the_second_line_of_a_message_says_what_to_do_as_the_case_stands(
    finding: Finding, report: RemediationReport
) -> None:
    waits = replace(report, status="waiting", plan="d1ge57")
    said = [shown(messages.slack_finding(finding, {}, CASE, reports)).splitlines()[1] for reports in ((), (waits,))]
    assert said[0] == "To do now: Ask alice whether this was intended, but not by email."
    assert said[1].startswith("To do now: Check the plan in the thread, then approve or reject it")


def test_a_reply_about_a_recurrence_needs_no_ticket(finding: Finding) -> None:
    first_line = shown(messages.slack_recurrence(finding, finding.event_ids[:1])).splitlines()[0]
    assert first_line == "Detected again: 1 new event, last 2026-09-10 00:27:40 UTC by alice from 198.51.100.7"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "https://user:pw@evil.example/", "//evil.example"]
)
def test_an_address_that_is_not_http_is_text_and_no_link(finding: Finding, address: str) -> None:
    case = CaseReport("c0ffee", "S", address)
    evil = TicketLink("SEC-7", address)
    for document in (
        messages.ticket(finding, {}, case, [])[1],
        messages.slack_finding(finding, {}, case, [], evil),
        messages.slack_recurrence(finding, finding.event_ids, evil),
    ):
        assert address in shown(document)
        hrefs = [mark["attrs"]["href"] for mark in marks(adf.render(document)) if mark["type"] == "link"]
        assert not [href for href in hrefs if "attack.mitre.org" not in href]
        assert f"<{address}" not in json.dumps(slack.render(document).blocks)


def marks(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [*node.get("marks", []), *(mark for child in node.get("content", []) for mark in marks(child))]


def test_a_link_of_a_result_row_is_nowhere_a_link(finding: Finding) -> None:
    evil = "https://evil.example/click"
    row = dict.fromkeys(("user", "user_agent", "reason", "object_id", "signature", "src_country"), evil)
    hostile = Finding.from_dict({**finding.to_dict(), **row})
    for document in (messages.ticket(hostile, {}, CASE, [])[1], messages.slack_finding(hostile, {}, CASE, [])):
        hrefs = [mark["attrs"]["href"] for mark in marks(adf.render(document)) if mark["type"] == "link"]
        assert hrefs and not [href for href in hrefs if "evil" in href]


wild = st.text(max_size=400)


@settings(max_examples=30, deadline=None)
@given(user=wild, agent=wild, reason=wild, owner=wild, observed=wild)
def test_whatever_an_attacker_calls_himself_every_service_gets_a_valid_text(
    valid_adf: Any, user: str, agent: str, reason: str, owner: str, observed: str
) -> None:
    finding = Finding("x_y_z", "Title", "high", "k", user=user, user_agent=agent, reason=reason, object_id=user)
    change = ChangeReport(user, agent, owner, reason, {"a": agent}, {owner: observed}, True, observed)
    report = RemediationReport(agent, "enforce", "done", observed, (change,), 1e9)
    summary, document = messages.ticket(finding, {"owner": owner}, CASE, [report])
    assert summary and "\n" not in summary and len(summary.encode("utf-16-le")) // 2 <= 254
    valid_adf(adf.render(document))
    assert len(wiki.render(document)) <= 32_767
    opening = slack.render(messages.slack_finding(finding, {"owner": owner}, CASE, [report], TICKET))
    moments = "<!date^1000000000^{date_short_pretty} {time_secs}|2001-09-09 01:46:40 UTC>"
    assert slack.size(opening.blocks) <= 12_000 and "<!" not in json.dumps(opening.blocks).replace(moments, "")
