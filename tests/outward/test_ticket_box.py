"""The box in a ticket that says how its case stands: what it says, and that nothing else in the ticket is touched."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from typing import Any

import pytest
from hostile import PANELS, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from outward_clients import new_ticket, tickets_of
from responder.documents import messages, standing, text
from responder.documents.document import Document, Panel, Paragraph, plain
from responder.documents.reports import CaseReport, RemediationReport
from responder.documents.runbooks import Runbook
from responder.documents.standing import PROOF, RUN, UNDO, Standing, Step
from responder.errors import Curable, Forbidden, NotFound, NotPermitted, Unavailable
from responder.findings.finding import Finding
from responder.jira import adf, wiki
from responder.jira.model import NotEditable
from responder.jira.seals import NOTE

from sandbox.jira import JiraStandIn

CASE = "0123456789abcdef0123"
RUNS, UNDOES, PROVES = (f"{CASE}.remediate.{number:016x}" for number in range(3))
RUNBOOK = Runbook(("Ask the owner of the group.", "Close the port."), ("A bastion host that is meant to be open.",))


def box(*said: str, kind: str = "info") -> Panel:
    return Panel("How it stands", tuple(Paragraph((plain(line),)) for line in said), CASE, kind)


def with_box(panel: Panel) -> Document:
    return Document((Paragraph((plain("Port 22 was opened."),)), panel, Paragraph((plain("Evidence"),))))


def stands(finding: Finding, *steps: Step, **more: Any) -> list[str]:
    panel = standing.panel(finding, Standing(CASE, steps, **more), RUNBOOK)
    return text.render(Document((panel,))).splitlines()


def ran(report: RemediationReport, status: str = "done", **changes: Any) -> Step:
    return Step(RUNS, RUN, replace(report, status=status, **changes), is_undoable=True)


# What it says


def test_before_anything_has_run_it_names_the_first_step_of_the_runbook(finding: Finding) -> None:
    said = stands(finding, found_at=1_789_000_070.0)
    assert said[1:3] == ["To do now: Ask the owner of the group.", "State: Found; nothing was changed by this app"]
    assert "- 2026-09-10 00:27:50 UTC: found" in said


def test_a_search_without_a_runbook_still_says_what_to_do(finding: Finding) -> None:
    panel = standing.panel(finding, Standing(CASE), Runbook())
    assert "Ask alice whether this was intended, but not by email." in text.render(Document((panel,)))


def test_what_waits_says_how_to_answer_who_may_and_until_when(finding: Finding, report: RemediationReport) -> None:
    waits = ran(report, "waiting", plan="d1ge57", message="It waits until 2026-09-10 04:28 UTC.", changes=())
    said = "\n".join(stands(finding, waits))
    assert "State: Waiting for approval" in said and "It waits until 2026-09-10 04:28 UTC." in said
    assert f"| respondapprove task={RUNS} plan=d1ge57, or" in said and "cloudtrail_responder_analyst" in said


def test_what_was_verified_says_when_and_how_to_undo_it(finding: Finding, report: RemediationReport) -> None:
    said = stands(finding, ran(report))
    assert "State: Contained and verified, 2026-09-10 00:28:10 UTC (revoke_open_ingress)" in said
    assert f"To undo it: | respondundo task={RUNS}" in said


def test_what_was_not_read_back_is_not_called_verified(finding: Finding, report: RemediationReport) -> None:
    (change,) = report.changes
    said = "\n".join(stands(finding, ran(report, changes=(replace(change, verified=False),))))
    assert "State: Changed, and not verified" in said and "Contained" not in said


def test_what_was_undone_no_longer_reads_as_done(finding: Finding, report: RemediationReport) -> None:
    undone = Step(UNDOES, UNDO, replace(report, status="undone", finished_at=1_789_000_500.0), of=RUNS)
    said = stands(finding, ran(report), undone)
    assert "State: Undone: the previous state is restored, 2026-09-10 00:35:00 UTC (revoke_open_ingress)" in said
    assert not any(line.startswith(("Done.", "To undo it", "State: Contained")) for line in said)
    assert "- 2026-09-10 00:28:10 UTC: Done (revoke_open_ingress)" in said, "the time line keeps what was"


def test_what_is_done_again_after_an_undo_reads_as_done(finding: Finding, report: RemediationReport) -> None:
    undone = Step(UNDOES, UNDO, replace(report, status="undone", finished_at=1_789_000_500.0), of=RUNS)
    again = Step(f"{CASE}.remediate.{9:016x}", RUN, replace(report, finished_at=1_789_000_900.0))
    said = stands(finding, ran(report), undone, again)
    assert "State: Contained and verified, 2026-09-10 00:41:40 UTC (revoke_open_ingress)" in said


def test_nothing_was_changed_does_not_stand_after_a_fix(finding: Finding, report: RemediationReport) -> None:
    planned = replace(report, status="simulated", finished_at=1_789_000_080.0)
    simulated = Step(f"{CASE}.remediate.{8:016x}", RUN, planned)
    said = stands(finding, simulated, ran(report))
    changed_nothing = [line for line in said if "nothing was changed" in line.lower()]
    assert changed_nothing == ["- 2026-09-10 00:28:00 UTC: Simulated: nothing was changed (revoke_open_ingress)"]


@pytest.mark.parametrize(("status", "words"), [("still_active", "NOT CONTAINED"), ("given_back", "TAKEN BACK IN AWS")])
def test_what_does_not_hold_is_said_first(
    finding: Finding, report: RemediationReport, status: str, words: str
) -> None:
    proof = Step(PROVES, PROOF, replace(report, status=status, changes=(), finished_at=1_789_000_900.0), of=RUNS)
    said = stands(finding, ran(report), proof)
    assert said[1].startswith("To do now: Act now:") and said[2].startswith(f"State: {words}")


def test_of_several_remediations_the_gravest_decides(finding: Finding, report: RemediationReport) -> None:
    failed = Step("f" * 20 + ".remediate.1", RUN, replace(report, status="failed", playbook="quarantine_user"))
    assert any(line.startswith("State: Failed") for line in stands(finding, ran(report), failed))


def test_what_people_have_excused_says_so(finding: Finding) -> None:
    said = stands(finding, excused="Excused until 2026-12-01 by pat: a penetration test.", excused_at=1_789_000_500.0)
    assert "State: Excused until 2026-12-01 by pat: a penetration test." in said
    assert said[1] == "To do now: Nothing until the excuse ends. Close this ticket if it explains everything."
    assert "- 2026-09-10 00:35:00 UTC: excused" in said


def test_the_time_line_has_each_stage_that_is_known(finding: Finding, report: RemediationReport) -> None:
    first, last = finding.first_time, finding.last_time
    stages = {"indexed": last + 40, "asked": last + 90, "approved": last + 150, "changed": last + 151}
    made = ran(report, stages={**stages, "verified": last + 153}, approved_by="kim\n*h*", finished_at=last + 154)
    told = (("ticket created", last + 70), ("message in Slack", last + 71))
    said = stands(finding, made, found_at=last + 60, notified=told)
    lines = [line.partition(": ")[2] for line in said[said.index("Timeline") + 1 :] if line.startswith("- ")]
    found = ["indexed in Splunk", "found", "ticket created", "message in Slack"]
    remediated = ["waiting for approval", "approved by kim *h*", "contained", "verified"]
    assert lines[-8:] == [*found, *(f"{stage} (revoke_open_ingress)" for stage in remediated)]
    assert first and lines[:-8] in (["event"], ["first event", "last event"])


def test_what_is_not_known_of_the_stages_is_left_out(finding: Finding, report: RemediationReport) -> None:
    (change,) = report.changes
    not_read = ran(report, changes=(replace(change, verified=False),), stages={"changed": 1_789_000_089.0})
    said = "\n".join(stands(finding, not_read))
    assert ": contained (revoke_open_ingress)" in said and ": Done (revoke_open_ingress)" in said
    assert not any(word in said for word in (": verified", "approved", "indexed", "ticket created"))


def test_what_waits_is_in_the_time_line_from_when_it_was_asked(finding: Finding, report: RemediationReport) -> None:
    asked = finding.last_time + 9
    waits = ran(report, "waiting", plan="d1ge57", changes=(), stages={"asked": asked}, finished_at=asked + 500)
    said = [line for line in stands(finding, waits) if line.endswith("(revoke_open_ingress)") and line.startswith("- ")]
    assert len(said) == 1 and said[0].endswith(": waiting for approval (revoke_open_ingress)")


# Where it stands in a ticket


def rendered(jira: JiraStandIn, document: Document) -> Any:
    return adf.render(document) if jira.cloud else wiki.render(document)


def test_it_is_written_anew_by_a_read_and_a_write(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket(document=with_box(box("State: found")))).key
    jira.requests.clear()
    assert tickets.put_panel(key, box("State: contained", kind="success")) == "written"
    assert [request.method for request in jira.requests] == ["GET", "PUT"] and jira.unknown_requests == []
    said = jira.issue(key).description
    assert "State: contained" in said and "State: found" not in said
    assert "Port 22 was opened." in said and "Evidence" in said


def test_what_is_sent_is_what_atlassian_describes(jira: JiraStandIn, described: Any, valid_adf: Any) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket(document=with_box(box("State: found")))).key
    jira.requests.clear()
    tickets.put_panel(key, box("State: undone", kind="note"))
    read, written = jira.requests
    path = "/rest/api/3/issue/{issueIdOrKey}" if jira.cloud else "/api/2/issue/{issueIdOrKey}"
    for spec in described["jira cloud" if jira.cloud else "jira datacenter"]:
        assert set(read.query) <= spec.query(path, "get") and set(written.query) <= spec.query(path, "put")
        spec.body("IssueUpdateDetails" if jira.cloud else "IssueUpdateBean", written.json)
    if jira.cloud:
        valid_adf(written.json["fields"]["description"])


def test_written_twice_it_is_the_same_and_sent_once(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket(document=with_box(box("State: found")))).key
    assert tickets.put_panel(key, box("State: undone")) == "written"
    jira.requests.clear()
    assert tickets.put_panel(key, box("State: undone")) == "same"
    assert [request.method for request in jira.requests] == ["GET"]


def test_what_people_wrote_around_it_is_kept_to_the_letter_on_cloud() -> None:
    mine = {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "5b10", "text": "@pat"}}]}
    media = {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [{"type": "media", "attrs": {"id": "1"}}]}
    own = {"type": "panel", "attrs": {"panelType": "note"}, "content": [{"type": "paragraph", "content": []}]}
    doc = adf.render(with_box(box("State: found")))
    doc["content"] = [mine, own, *doc["content"], media]
    placed = adf.place(doc, box("State: undone"))
    assert placed.status == "written" and isinstance(placed.description, dict)
    before, after = doc["content"], placed.description["content"]
    assert (after[:3], after[4:]) == (before[:3], before[4:])
    assert "State: undone" in json.dumps(after[3])


def test_what_people_wrote_around_it_is_kept_to_the_letter_on_data_center() -> None:
    markup = wiki.render(with_box(box("State: found")))
    before, after = "Hi [~pat]!\r\n{panel}mine{panel}\r\n||a|b|\r\n", "\r\n{code}x{code} -- Pat\t"
    placed = wiki.place(before + markup.replace("\n", "\r\n") + after, box("State: undone"))
    assert placed.status == "written" and isinstance(placed.description, str)
    assert placed.description.startswith(before) and placed.description.endswith(after)
    assert "State: undone" in placed.description and "State: found" not in placed.description


def test_a_box_that_a_person_removed_is_not_put_back(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket()).key
    jira.requests.clear()
    assert tickets.put_panel(key, box("State: undone")) == "gone"
    assert [request.method for request in jira.requests] == ["GET"]


def test_a_box_that_a_person_wrote_into_is_left_to_them() -> None:
    doc, markup = adf.render(with_box(box("State: found"))), wiki.render(with_box(box("State: found")))
    doc["content"][1]["content"][1]["content"][0]["text"] = "State: found. Pat looks into it."
    assert adf.place(doc, box("State: undone")).status == "edited"
    edited = markup.replace("State: found", "State: found. Pat looks into it.")
    assert wiki.place(edited, box("State: undone")).status == "edited"


def test_a_copy_that_a_person_wrote_into_keeps_the_box_from_nothing() -> None:
    """As whoever copies it to the top, to say there what he has found out."""
    doc, markup = adf.render(with_box(box("State: found"))), wiki.render(with_box(box("State: found")))
    copied = json.loads(json.dumps(doc["content"][1]).replace("State: found", "State: found. Pat looks into it."))
    doc["content"].insert(0, copied)
    placed = adf.place(doc, box("State: undone"))
    assert placed.status == "written" and isinstance(placed.description, dict)
    assert placed.description["content"][0] == copied and "State: undone" in json.dumps(placed.description)
    copy = markup[markup.index("{panel:") : markup.index("{panel}")].replace("State: found", "State: found, says Pat")
    edited = wiki.place(f"{copy}{{panel}}\n{markup}", box("State: undone"))
    assert edited.status == "written" and "says Pat" in str(edited.description)


def test_an_editor_that_rewrites_spaces_and_character_references_has_not_edited_it() -> None:
    markup = wiki.render(with_box(box("State: found [by us] -- {x}", "second line")))
    rewritten = markup.replace("&#91;", "[").replace("&#93;", "]").replace("\n\n", "\r\n \r\n")
    assert rewritten != markup and wiki.place(rewritten, box("State: undone")).status == "written"


def test_a_box_of_another_case_is_not_ours() -> None:
    other = replace(box("State: undone"), case="ffffffffffffffffffff")
    assert adf.place(adf.render(with_box(box("State: found"))), other).status == "gone"
    assert wiki.place(wiki.render(with_box(box("State: found"))), other).status == "gone"


def test_what_people_wrote_is_never_shortened_for_the_box() -> None:
    theirs = "x" * 32_000
    large = box(*["y" * 600] * 8)
    markup = theirs + "\n\n" + wiki.render(Document((box("State: found"),)))
    placed = wiki.place(markup, large)
    assert placed.status in ("written", "full") and theirs in str(placed.description or theirs)
    assert len(str(placed.description)) <= wiki.LIMIT


few = settings(max_examples=60, deadline=None)


@few
@given(PANELS, PANELS)
def test_whatever_it_says_it_is_found_again(first: Panel, second: Panel) -> None:
    document = Document((Paragraph((plain("Case c0ffee, ref 000000000000."),)), first))
    for place, made in ((adf.place, adf.render(document)), (wiki.place, wiki.render(document))):
        placed = place(made, second)  # type: ignore[operator]
        assert placed.status in ("written", "same")
        again = placed.description if placed.status == "written" else made
        assert place(again, second).status == "same"  # type: ignore[operator]
        assert place(again, first).status in ("written", "same")  # type: ignore[operator]


@few
@given(TEXTS, st.sampled_from(["done", "waiting", "undone", "failed", "by_hand"]))
def test_hostile_names_end_no_box(valid_adf: Any, hostile: str, status: str) -> None:
    finding = Finding("x_y_z", hostile or "x", "high", "k", user=hostile, user_arn=hostile, reason=hostile)
    step = Step(RUNS, RUN, RemediationReport(hostile, hostile, status, hostile, finished_at=1e9), is_undoable=True)
    panel = standing.panel(finding, Standing(CASE, (step,), excused=""), Runbook((hostile,)))
    doc, markup = adf.render(with_box(panel)), wiki.render(with_box(panel))
    valid_adf(doc)
    assert markup.count("{panel}") == 1
    assert adf.place(doc, box("after")).status == wiki.place(markup, box("after")).status == "written"


@pytest.mark.parametrize("service", [adf, wiki])
@pytest.mark.parametrize("name", [NOTE, f"{NOTE} Case {CASE}, ref {'0' * 12}.", "{panel}", "{panel:title=x}}"])
def test_a_name_that_reads_like_the_end_of_a_box_keeps_nothing_after_it_from_being_written(
    service: Any, name: str
) -> None:
    doc = service.render(with_box(box(f"To do now: ask {name}", "State: found")))
    placed = service.place(doc, box(f"To do now: ask {name}", "State: undone"))
    assert placed.status == "written"
    edited = str(placed.description).replace("State: undone", "State: undone, says Pat")
    edited = ast.literal_eval(edited) if service is adf else edited
    assert service.place(edited, box("State: contained")).status == "edited"


# What Jira refuses


def test_a_ticket_that_is_gone_is_told_from_one_that_cannot_be_read(jira: JiraStandIn) -> None:
    with pytest.raises(NotFound):
        tickets_of(jira).put_panel("SEC-99", box("x"))


def test_nothing_is_written_when_the_turn_is_over(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket(document=with_box(box("State: found")))).key

    def over() -> None:
        raise Unavailable("The turn is over.")

    with pytest.raises(Unavailable, match="over"):
        tickets.put_panel(key, box("State: undone"), before_send=over)
    assert "State: found" in jira.issue(key).description


def test_a_site_that_does_not_let_us_edit_says_what_to_change(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket(document=with_box(box("State: found")))).key
    refusal = {"errorMessages": [], "errors": {"description": "Field 'description' cannot be set."}}
    jira.faults.add("status", method="PUT", status=400, body=refusal)
    with pytest.raises(Curable, match="cannot be edited") as caught:
        tickets.put_panel(key, box("State: undone"))
    assert "edit screen" in caught.value.hint


@pytest.mark.parametrize("status", [400, 403])
def test_a_right_that_is_missing_is_found_out_once_for_a_project(jira: JiraStandIn, status: int) -> None:
    tickets = tickets_of(jira)
    first, second = (tickets.create(new_ticket(document=with_box(box("State: found")), marker=m)).key for m in "ab")
    jira.projects["SEC"] = replace(jira.projects["SEC"], may_edit=False)
    if status == 403:
        jira.faults.add("status", method="PUT", status=403, body={"errorMessages": ["Not allowed."], "errors": {}})
    tickets.check_editable(first)
    with pytest.raises(NotEditable, match="may not edit the tickets of project 'SEC'") as caught:
        tickets.put_panel(first, box("State: undone"))
    assert caught.value.is_news and "Edit issues" in caught.value.hint
    jira.requests.clear()
    with pytest.raises(NotEditable) as known:
        tickets.check_editable(second)
    assert not known.value.is_news and jira.requests == []
    tickets.check_editable("OPS-1")
    tickets.comment(first, Document((Paragraph((plain("Undone."),)),)), "c")
    assert len(jira.issue(first).comments) == 1


def test_one_ticket_that_cannot_be_edited_says_nothing_of_the_others(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    moved, other = (tickets.create(new_ticket(document=with_box(box("State: found")), marker=m)).key for m in "ab")
    jira.relocate(moved, "OPS")
    jira.projects["OPS"] = replace(jira.projects["OPS"], may_edit=False)
    with pytest.raises(NotEditable, match="project 'OPS'"):
        tickets.put_panel(moved, box("State: undone"))
    jira.faults.add("status", method="PUT", status=400, body={"errors": {"description": "It is closed."}})
    with pytest.raises(NotEditable, match="cannot be edited.*It is closed"):
        tickets.put_panel(other, box("State: undone"))
    tickets.check_editable(other)
    assert tickets.put_panel(other, box("State: undone")) == "written"


def test_credentials_that_have_expired_are_no_right_that_is_missing(jira: JiraStandIn) -> None:
    tickets = tickets_of(jira)
    key = tickets.create(new_ticket(document=with_box(box("State: found")))).key
    jira.faults.add("status", method="PUT", status=401, body={})
    with pytest.raises(NotPermitted) as caught:
        tickets.put_panel(key, box("State: undone"))
    assert not isinstance(caught.value, Forbidden)
    tickets.check_editable(key)


def test_saving_says_what_tickets_do_not_show_without_the_right_and_is_no_failure(jira: JiraStandIn) -> None:
    assert tickets_of(jira).checked().limits == ""
    jira.projects["SEC"] = replace(jira.projects["SEC"], may_edit=False)
    jira.requests.clear()
    said = tickets_of(jira).check()
    assert "who may create tickets in SEC. The token's owner may not edit" in said and "Grant the permission" in said
    assert [request.path.rpartition("/")[2] for request in jira.requests] == ["myself", "mypermissions"]


def test_the_whole_ticket_has_its_box_right_after_what_happened(finding: Finding, report: RemediationReport) -> None:
    _, document = messages.ticket(finding, {}, CaseReport(CASE), [report])
    assert isinstance(document.blocks[1], Panel) and document.blocks[1].case == CASE
