"""Notes on findings of Enterprise Security: once each, only where it is, and at nobody's expense."""

from __future__ import annotations

from typing import Any

import pytest
from core_findings import finding
from responder.cases.keys import follow_up
from responder.cases.outcomes import Remediated
from responder.cases.states import State
from responder.cases.task import Task
from responder.documents import es_notes as texts
from responder.documents.reports import RemediationReport
from responder.errors import UnknownOutcome
from responder.handlers import es_notes
from responder.handlers.registry import notifications

from sandbox.faults import Faults

ES_7, ES_8 = "AB12-99@@notable@@0f3c", "3f0e2c1a-0000-4000-8000-00000000beef@@notable@@time1767261605"
VERSIONS = [("7.3.2", ES_7), ("8.1.0", ES_8), ("8.1.0", ES_7)]
LINK = "https://jira.example.com/browse/SEC-1"


def handed_over(event_id: str, number: int = 1) -> Any:
    """A finding of the queue, as an action reads it."""
    row = {"event_id": event_id, "search_name": "CTR - A - Rule", "orig_sid": "scheduler__x_1", "orig_rid": "2"}
    return finding(number, row=row)


@pytest.fixture(params=VERSIONS, ids=lambda given: f"{given[0]}-{given[1][-6:]}")
def queue(core, request):
    core.splunkd.faults = Faults()
    version, core.event_id = request.param
    return installed(core, version, core.event_id)


def installed(core: Any, version: str, *findings: str) -> Any:
    """Enterprise Security with some findings, and pat among its analysts."""
    made = core.splunkd.install_enterprise_security(version)
    for one in findings:
        made.add_finding(one)
    core.user("pat", "cloudtrail_responder", "ess_analyst")
    return made


def notes(core: Any) -> list[dict[str, Any]]:
    return [task for task in core.tasks() if task["kind"].startswith("es.")]


def asked(core: Any) -> list[str]:
    """What was asked for that is not this app's own."""
    paths = [request.path for request in core.splunkd.requests]
    return [path for path in paths if "/cloudtrail_responder/" not in path and "receivers" not in path]


def test_the_ticket_and_its_address_are_noted_on_the_finding(core, queue):
    assert core.ask(handed_over(core.event_id)).state == "done"
    (note,) = queue.comments(core.event_id)
    assert "SEC-1" in note and f"{LINK} " in note and note.startswith("CloudTrail Responder: ")
    assert queue.changes == [] and "es_note_added" in core.steps()


@pytest.mark.extended
def test_the_same_finding_again_makes_no_second_note(core, queue):
    for _ in range(2):
        core.ask(handed_over(core.event_id))
    assert len(queue.comments(core.event_id)) == 1


def test_a_finding_whose_ticket_is_open_already_is_told_of_it(core, queue):
    core.ask(1)
    assert queue.comments(core.event_id) == []
    core.ask(handed_over(core.event_id))
    (note,) = queue.comments(core.event_id)
    assert "SEC-1" in note and len(core.jira.created) == 1


def test_a_finding_that_comments_on_the_ticket_is_told_of_it(core, queue):
    core.ask(1)
    row = handed_over(core.event_id).row
    core.ask(finding(1, "another-event", row=row))
    (note,) = queue.comments(core.event_id)
    assert f"{LINK} " in note and len(core.jira.comments) == 1


def test_what_came_of_a_remediation_is_noted(core, queue):
    key = remediated(core, handed_over(core.event_id), "Revoked 1 rule of <b>sg-1</b>, see http://evil.example")
    core.run(key)
    (note,) = queue.comments(core.event_id)
    assert "revoke_open_ingress" in note and "Done" in note and "<" not in note and "http://" not in note


@pytest.mark.parametrize("is_before", [True, False])
def test_a_scheduled_detections_remediation_is_noted_on_the_finding_that_has_its_ticket(core, is_before):
    """Neither the alert nor its remediation knows a finding; whoever looks at it there hands it over for the ticket."""
    queue = installed(core, "8.1.0", ES_8)
    core.ask(1)
    for step in ("remediated", "handed over") if is_before else ("handed over", "remediated"):
        if step == "remediated":
            remediated(core, finding(1), "Revoked 1 rule.")
            core.work()
        else:
            core.ask(handed_over(ES_8))
    core.work()
    said = [("SEC-1" in note, "Revoked 1 rule." in note) for note in queue.comments(ES_8)]
    assert sorted(said) == [(False, True), (True, False)]


def test_a_remediation_that_was_asked_for_from_a_finding_is_noted_there_once(core):
    queue = installed(core, "8.1.0", ES_8)
    core.ask(handed_over(ES_8))
    remediated(core, handed_over(ES_8), "Revoked 1 rule.")
    core.work()
    core.work()
    assert sum("Revoked 1 rule." in note for note in queue.comments(ES_8)) == 1


def test_nobody_is_asked_about_findings_that_did_not_come_from_there(core, queue):
    core.splunkd.requests.clear()
    core.ask(1)
    remediated(core, finding(1), "Done.")
    core.work()
    assert notes(core) == [] and asked(core) == []


def test_where_it_is_not_installed_that_is_found_out_once_and_nothing_else_is_asked(core):
    core.splunkd.requests.clear()
    assert core.ask(handed_over(ES_7)).state == "done"
    (note,) = notes(core)
    assert (note["state"], note["message"]) == ("done", "Enterprise Security is not on this search head.")
    assert asked(core) == ["/services/apps/local/SplunkEnterpriseSecuritySuite"]


def test_one_that_is_switched_off_is_not_there(core):
    made = core.splunkd.install_enterprise_security("7.3.2")
    made.add_finding(ES_7)
    client = core.client()
    assert client.request("POST", "/services/apps/local/SplunkEnterpriseSecuritySuite/disable")[0] == 200
    core.ask(handed_over(ES_7))
    assert made.comments(ES_7) == []


def test_the_general_tab_switches_it_off(core, queue):
    core.save("settings", "general", es_notes="0")
    core.splunkd.requests.clear()
    core.ask(handed_over(core.event_id))
    assert queue.comments(core.event_id) == [] and asked(core) == []


class TestWhoMayHaveANoteWritten:
    """Which finding it is, a field of the row says: whoever writes the search chooses it."""

    def body(self, event_id: str, rows: int = 1) -> dict[str, Any]:
        found = [{"number": n, "row": {"user": f"mara-{n}", "severity": "low", "rule_id": event_id}}
                 for n in range(1, rows + 1)]  # fmt: skip
        return {"action": "create_ticket", "parameters": {"project": "SEC"}, "search_name": "My alert", "app": "search",
                "sid": "s", "rows": found, "run": 60}  # fmt: skip

    @pytest.mark.parametrize("roles", [("cloudtrail_responder",), ("user",)])
    def test_whoever_may_not_comment_there_gets_a_ticket_and_no_note(self, core, queue, roles):
        core.user("pat", *roles)
        assert core.post("record", self.body(core.event_id))[1]["reports"][0]["state"] == "done"
        core.work()
        assert queue.comments(core.event_id) == [] and len(core.jira.created) == 1
        (note,) = notes(core)
        assert note["state"] == "refused" and "edit_notable_events" in note["message"] and "pat" in note["message"]

    def test_an_owner_who_is_no_user_any_more_gets_none(self, core, queue):
        core.post("record", self.body(core.event_id), "gone")
        core.work()
        assert queue.comments(core.event_id) == []

    def test_alerts_of_nobody_run_as_the_system(self, core, queue):
        core.post("record", self.body(core.event_id), "splunk-system-user")
        assert len(queue.comments(core.event_id)) == 1

    @pytest.mark.extended
    def test_a_finding_gets_so_many_notes_and_no_more(self, core, queue):
        core.post("record", self.body(core.event_id, rows=30))
        for core.later in (60, 600, 1200):
            core.work()
        assert len(queue.comments(core.event_id)) == es_notes.MOST
        states = [note["state"] for note in notes(core)]
        assert sorted(states) == ["done"] * es_notes.MOST + ["refused"] * (30 - es_notes.MOST)

    def test_a_note_that_is_tried_again_takes_no_second_place(self, core, queue, monkeypatch):
        monkeypatch.setattr(es_notes, "MOST", 1)
        path = "notable_update" if core.event_id == ES_7 else "/notes"
        core.splunkd.faults.add("status", method="POST", path=path, status=403, count=2)
        core.ask(handed_over(core.event_id))
        for core.later in (600, 7200, 20_000):
            core.work()
        assert len(queue.comments(core.event_id)) == 1


class TestWhatGoesWrong:
    """The ticket is there all the same; the note follows, or the audit says why not."""

    @pytest.fixture(autouse=True)
    def all_the_same(self, core, queue):
        yield
        (ticket,) = [task for task in core.tasks() if task["kind"] == "ticket.finding"]
        assert len(core.jira.created) == 1 and ticket["state"] == "done"

    def write_path(self, core: Any) -> str:
        return "notable_update" if core.event_id == ES_7 else "/notes"

    def test_a_refusal_waits_for_a_person_and_is_tried_again(self, core, queue):
        core.splunkd.faults.add("status", method="POST", path=self.write_path(core), status=403)
        assert core.ask(handed_over(core.event_id)).state == "done"
        (note,) = notes(core)
        assert (note["state"], note["waiting_for"]) == ("waiting", "person")
        assert "attempt_failed" in core.steps()
        core.later = 600
        core.work()
        assert len(queue.comments(core.event_id)) == 1

    def test_a_finding_that_is_gone_ends_it(self, core, queue):
        core.splunkd.faults.add("status", path=self.write_path(core), status=404, count=None)
        assert core.ask(handed_over(core.event_id)).state == "done"
        (note,) = notes(core)
        assert note["state"] == "failed" and "failed" in core.steps()

    def test_an_answer_that_is_lost_is_looked_up_and_not_written_again(self, core, queue):
        core.splunkd.faults.add("reset_after", method="POST", path=self.write_path(core), count=1)
        assert core.ask(handed_over(core.event_id)).state == "done"
        assert [note["state"] for note in notes(core)] == ["unknown"]
        core.later = 600
        core.work()
        assert [note["state"] for note in notes(core)] == ["done"]
        assert len(queue.comments(core.event_id)) == 1

    def test_one_that_never_arrived_is_looked_up_and_written(self, core, queue):
        core.splunkd.faults.add("status", method="POST", path=self.write_path(core), status=503, count=1)
        core.ask(handed_over(core.event_id))
        assert queue.comments(core.event_id) == []
        for core.later in (600, 1200):
            core.work()
        assert len(queue.comments(core.event_id)) == 1

    def test_one_that_is_slow_is_not_waited_for(self, core, queue, monkeypatch):
        monkeypatch.setattr("responder.splunk.enterprise_security.PATIENCE", 0.2)
        core.splunkd.faults.add("timeout_after", method="POST", path=self.write_path(core), seconds=1.0, count=1)
        assert core.ask(handed_over(core.event_id)).state == "done"
        core.later = 600
        core.work()
        assert len(queue.comments(core.event_id)) == 1

    def test_whoever_cannot_be_asked_whether_it_is_there_is_asked_later(self, core, queue):
        core.splunkd.faults.add("status", path="SplunkEnterpriseSecuritySuite", status=500, count=1)
        assert core.ask(handed_over(core.event_id)).state == "done"
        core.later = 600
        core.work()
        assert len(queue.comments(core.event_id)) == 1


@pytest.mark.parametrize("answer", [{"success": False, "message": "No reason"}, {"success": True, "success_count": 0}])
def test_an_answer_of_200_that_changed_nothing_is_a_failure(core, answer):
    core.splunkd.faults = Faults()
    installed(core, "7.3.2", ES_7)
    core.splunkd.faults.add("status", method="POST", path="notable_update", status=200, body=answer, count=1)
    assert core.ask(handed_over(ES_7)).state == "done"
    (note,) = notes(core)
    assert (note["state"], note["waiting_for"]) == ("waiting", "person") and "did not add the note" in note["message"]


def test_a_ticket_whose_creation_was_in_doubt_is_noted_when_it_is_found(core):
    made = installed(core, "8.1.0", ES_8)
    core.jira.errors += [(UnknownOutcome("No answer."), True)]
    core.ask(handed_over(ES_8))
    core.later = 600
    core.work()
    assert len(core.jira.created) == 1 and len(made.comments(ES_8)) == 1


@pytest.mark.parametrize(
    "event_id", ["a/../../b@@notable@@c", 'x" OR *@@notable@@y', "@@notable@@", "a@@notable@@" + "b" * 500]
)
def test_an_id_that_is_none_is_written_nowhere(core, event_id):
    core.splunkd.install_enterprise_security("7.3.2")
    core.ask(handed_over(event_id))
    assert notes(core) == []


def test_the_case_and_the_audit_say_where_the_finding_came_from(core):
    core.ask(handed_over(ES_8))
    (case,) = core.documents("responder_cases")
    expected = {"es_finding": ES_8, "orig_sid": "scheduler__x_1", "orig_rid": "2"}
    assert {name: case[name] for name in expected} == expected
    spl = 'search index=main sourcetype="cloudtrail_responder:audit" | table step es_finding orig_sid orig_rid'
    found = core.splunkd.search(spl).rows
    assert {tuple(row[name] for name in expected) for row in found} == {tuple(expected.values())}


def test_a_note_is_plain_whatever_a_message_says():
    nasty = "a<script>\n[x](http://evil.example) `y` \"z\" &lt; $result.user$ " + "w" * 5000
    report = RemediationReport("p", "enforce", "done", nasty, (), 0.0)
    text = texts.remediation(report, "case", "marker")
    for said in (text, texts.ticket_assignee("SEC-1", nasty, "case", "marker")):
        assert not set('<>[]`"$&|\n') & set(said) and "://" not in said and len(said) < 900
        assert said.endswith("ref marker)")


def remediated(core: Any, about: Any, message: str) -> str:
    """A remediation has ended; gives the key of the note that follows, if one does."""
    key = follow_up(about.case_id, "remediate", "remediation.run", "x")
    outcome = Remediated("revoke_open_ingress", "enforce", "done", message)
    task = Task(key, "remediation.run", finding=about, state=State.DONE, outcome=outcome, turn=1, owner="pat")
    store = core.store()
    store.save(store.document(task))
    following = notifications(task, 1, "done")
    store.record_many(list(following))
    return next((one.key for one in following if one.kind == "es.remediation"), "")
