"""What an alert of anybody's asks for: its parameters, and what its rows become."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from responder import parameters
from responder.documents import text
from responder.errors import UnknownOutcome
from responder.handlers.action import actions

from sandbox.faults import Faults

EVENT = "11111111-2222-4333-8444-55555555555"
ROW = {
    "userIdentity.userName": "mara",
    "userIdentity.arn": "arn:aws:iam::123456789012:user/mara",
    "recipientAccountId": "123456789012",
    "sourceIPAddress": "198.51.100.7",
    "eventName": "ListUsers",
    "eventID": f"{EVENT}0",
    "Country": "Canada",
}


def rows(number: int) -> list[dict[str, Any]]:
    return [{**ROW, "eventID": f"{EVENT}{n}", "note": f"row {n}"} for n in range(number)]


def body(*given: Any, action: str = "create_ticket", first: int = 1, **parameters: Any) -> dict[str, Any]:
    numbered = [{"number": number, "row": row} for number, row in enumerate(given, first)]
    parameters = {"_cam": "x" * 400, **({"project": "SEC"} if action == "create_ticket" else {}), **parameters}
    return {"action": action, "parameters": parameters, "rows": numbered, "search_name": "Own alert", "app": "search",
            "sid": "scheduler__pat__search__1"}  # fmt: skip


def ask(core: Any, *given: Any, **parameters: Any) -> dict[str, Any]:
    status, answer = core.post("record", {**body(*given, **parameters), "run": 60})
    assert status == 200, answer
    return dict(answer)


def descriptions(core: Any) -> list[str]:
    return [text.render(new.document) for new in core.jira.created]


def test_an_alert_that_sets_nothing_gets_a_ticket_for_who_did_it_and_from_where(core):
    ask(core, *rows(2), {**ROW, "sourceIPAddress": "203.0.113.9"})
    assert [new.summary for new in core.jira.created] == ["[MEDIUM] Own alert by mara in 123456789012"] * 2
    assert len(core.jira.comments) == 1 and any("note: row " in shown for shown in descriptions(core))


def test_the_owners_words_are_filled_in_for_each_row(core):
    title, words = "{eventName} by {user} at {awsRegion}", "From {Country}.\nSeen {event_count} time, {no such thing}."
    ask(core, ROW, {**ROW, "eventName": "GetUser", "sourceIPAddress": "203.0.113.9"}, title=title, text=words)
    assert {new.summary for new in core.jira.created} == {
        "ListUsers by mara at (no awsRegion)",
        "GetUser by mara at (no awsRegion)",
    }
    assert "From Canada." in descriptions(core)[0] and "Seen 1 time, {no such thing}." in descriptions(core)[0]
    ask(core, ROW, action="notify_slack", title=title, text=words)
    assert core.slack.texts[0].startswith("🟡 ListUsers by mara at (no awsRegion)\nFrom Canada.")


def test_what_a_value_contains_is_no_template(core):
    ask(core, {**ROW, "userAgent": "{recipientAccountId} $result.eventID$"}, title="{userAgent}")
    assert core.jira.created[0].summary == "{recipientAccountId} $result.eventID$"


def test_corrected_words_count_for_what_waits(core):
    """Newest request, as with every other parameter."""
    core.post("record", body(ROW, title="old"))
    ask(core, ROW, title="new")
    assert [new.summary for new in core.jira.created] == ["new"]


def test_severity_and_dedup_fields_are_the_owners(core):
    ask(core, *rows(3), severity="critical", dedup_fields="Country, eventName")
    (new,) = core.jira.created
    assert new.summary.startswith("[CRITICAL]") and len(core.jira.comments) == 1


def test_the_alerts_own_severity_counts_where_the_row_has_none(core):
    ask(core, ROW, {**ROW, "severity": "low", "sourceIPAddress": "203.0.113.9"}, severity="4")
    assert sorted(new.summary[:6] for new in core.jira.created) == ["[HIGH]", "[LOW] "]


def test_a_token_that_splunkd_did_not_know_is_no_severity(core):
    ask(core, ROW, severity="$alert.severity$")
    assert core.jira.created[0].summary.startswith("[MEDIUM]")


def test_one_case_per_result(core):
    ask(core, *rows(3), one_per="row")
    assert len(core.jira.created) == 3 and not core.jira.comments


def test_results_about_the_same_event_are_a_case_each_too_and_once(core):
    """As of a search that makes a row of each resource that a call names."""
    given = [{**rows(1)[0], "resource": f"arn:aws:s3:::bucket-{n}"} for n in range(3)]
    for order in (given, [*given[::-1], given[0]]):
        ask(core, *order, one_per="row")
    assert len(core.jira.created) == 3 and not core.jira.comments
    named = {new.summary.partition(":::")[2][:8] for new in core.jira.created}
    assert named == {"bucket-0", "bucket-1", "bucket-2"}


class TestOneCasePerRun:
    def test_all_results_are_one_ticket_with_a_file(self, core):
        hostile = {
            **rows(3)[2],
            "userAgent": '=HYPERLINK("http://evil.example")',
            "=cmd|x": "@SUM(1)",
            "note": ' -2"+3',
        }
        answer = ask(core, *rows(2), hostile, one_per="run")
        assert len({row["task"] for row in answer["rows"]}) == 1
        (new,) = core.jira.created
        assert new.summary == "[MEDIUM] Own alert by mara in 123456789012" and not core.jira.comments
        description = text.render(new.document)
        assert "3 results of this run." in description and all(f"{EVENT}{n}" in description for n in range(3))
        core.work()
        ((ticket, name), content), *more = core.jira.files.items()
        assert ticket == "SEC-1" and name.endswith(".csv") and not more
        table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(table) == 4 and table[1][table[0].index("note")] == "row 0"
        assert [cell for line in table for cell in line if cell.lstrip().startswith(("=", "+", "-", "@"))] == []
        assert f"'{hostile['userAgent']}" in table[3]

    def test_what_comes_in_several_batches_is_one_ticket_and_one_file_as_well(self, core):
        """An action records all of a big alert before it runs any of it."""
        first = core.post("record", body(*rows(4), one_per="run"))[1]
        second = core.post("record", body({**ROW, "eventID": f"{EVENT}9"}, first=101, one_per="run"))[1]
        keys = sorted({row["task"] for row in first["rows"] + second["rows"]})
        core.post("execute", {"tasks": keys})
        core.work()
        assert len(core.jira.created) == 1 and not core.jira.comments
        (content,) = core.jira.files.values()
        assert content.count(b"\r\n") == 6

    def test_a_second_batch_about_the_same_events_does_not_say_that_there_are_none(self, core):
        batches = [[{**ROW, "note": f"row {n}"} for n in numbers] for numbers in ((0, 1), (2, 3, 4))]
        for first, batch in zip((1, 101), batches):
            assert core.post("record", {**body(*batch, first=first, one_per="run"), "run": 60})[0] == 200
        (comment,) = core.jira.texts
        assert "3 more results" in comment and "listed before" in comment
        assert "returned no" not in comment and "new event" not in comment

    @pytest.mark.parametrize("at_once", [True, False])
    def test_results_about_the_same_events_are_in_the_file_whichever_batch_they_are_in(self, core, at_once):
        """As of a search that makes several rows of an event; more ids than a finding keeps."""
        ids = [f"{EVENT[:-11]}{n:012}" for n in range(501)]
        batches = [[{**ROW, "eventID": ids, "note": f"row {n}"} for n in numbers] for numbers in ((0, 1), (2, 3))]
        keys: list[str] = []
        for first, batch in zip((1, 101), batches):
            keys += [row["task"] for row in core.post("record", body(*batch, first=first, one_per="run"))[1]["rows"]]
            if not at_once:
                core.run(*keys)
        core.run(*keys)
        core.work()
        assert len(set(keys)) == 2 and len(core.jira.created) == 1
        files = b"".join(core.jira.files.values())
        assert [files.count(f"row {n}".encode()) for n in range(4)] == [1] * 4
        again = core.post("record", body(*batches[0], one_per="run"))[1]
        assert {row["recorded"] for row in again["rows"]} == {False}

    def test_of_more_events_than_a_finding_keeps_the_ticket_says_so(self, core):
        given = [{**ROW, "eventID": [f"{EVENT[:-11]}{n:06}{m:06}" for m in range(10)]} for n in range(51)]
        ask(core, *given, one_per="run")
        assert "and at least 300 more" in descriptions(core)[0] and "51 results of this run." in descriptions(core)[0]
        assert "Events: 510" in descriptions(core)[0]

    def test_what_stands_for_events_without_ids_is_not_shown_as_one(self, core):
        first, second = ({key: value for key, value in row.items() if key != "eventID"} for row in rows(2))
        ask(core, first, one_per="run")
        ask(core, second, one_per="run")
        assert "1 new event." in core.jira.texts[0] and "returned no CloudTrail event IDs" in core.jira.texts[0]

    def test_what_follows_is_recorded_also_where_the_end_that_it_goes_with_cannot_be_written(self, core):
        core.splunkd.faults = Faults()
        core.splunkd.faults.add("status", path="responder_tasks/batch_save", status=500, count=1)
        ask(core, *rows(2), one_per="run")
        assert [task["kind"] for task in core.tasks() if task["kind"] == "ticket.rows"], "it would be lost"
        core.later = 3600
        core.work()
        assert len(core.jira.created) == 1 and core.jira.uploads == 1
        assert {task["state"] for task in core.tasks()} == {"done"}

    def test_audit_events_that_wait_in_what_follows_are_indexed_once(self, core):
        ask(core, *rows(2), one_per="run")
        core.work()
        steps = core.steps()
        assert sorted(steps) == sorted(set(steps)) and {"ticket_created", "results_attached"} <= set(steps)

    def test_a_file_without_an_answer_is_looked_up_and_not_sent_twice(self, core):
        core.jira.attach_errors.append(UnknownOutcome("No answer."))
        ask(core, *rows(2), one_per="run")
        core.later = 600
        core.work()
        assert core.jira.uploads == 1
        states = {task["kind"]: task["state"] for task in core.tasks()}
        assert states == {"ticket.finding": "done", "ticket.rows": "done"}

    def test_of_findings_of_ours_it_says_what_they_have_in_common(self, core):
        ours = {"signature_id": "some_detection", "signature": "Some detection", "vendor_account": "123456789012"}
        given = [
            {
                **ours,
                "dedup_key": f"key-{n}",
                "severity": severity,
                "user": f"user-{n}",
                "vendor_region": f"eu-west-{n}",
            }
            for n, severity in enumerate(("low", "critical"))
        ]
        ask(core, *given, one_per="run")
        (new,) = core.jira.created
        assert new.summary == "[CRITICAL] Some detection by user-0, user-1 in 123456789012"
        assert "Region" not in text.render(new.document)
        core.work()
        (content,) = core.jira.files.values()
        assert b"user-0" in content and b"eu-west-1" in content

    def test_a_message_says_how_many_there_are_in_all_batches(self, core):
        keys = []
        for first, given in ((1, rows(5)[:3]), (101, rows(5)[3:])):
            wanted = body(*given, first=first, action="notify_slack", one_per="run")
            keys += [row["task"] for row in core.post("record", wanted)[1]["rows"]]
        core.post("execute", {"tasks": sorted(set(keys))})
        (message,) = core.slack.texts
        assert "5 results of this run." in message

    def test_of_more_results_than_the_file_holds_it_says_how_many_it_holds(self, core, monkeypatch):
        monkeypatch.setattr("responder.findings.merging.MAX_ROWS_WEIGHT", 1_500)
        keys = set()
        for first, given in ((1, rows(9)[:4]), (101, rows(9)[4:])):
            _, answer = core.post("record", body(*given, first=first, one_per="run"))
            keys |= {row["task"] for row in answer["rows"]}
        core.post("execute", {"tasks": sorted(keys)})
        core.work()
        (content,) = core.jira.files.values()
        held = content.count(b"\r\n") - 1
        assert 0 < held < 9 and f"{held} of 9 results of this run." in descriptions(core)[0]

    def test_a_run_in_another_script_fits_into_a_document_of_the_kv_store(self, core):
        """Which takes 16 MB. JSON writes six characters for each that is not ASCII."""
        given = [{**row, **{f"field_{n}": "\u65e5" * 900 for n in range(32)}} for row in rows(100)]
        assert core.post("record", body(*given, one_per="run"))[0] == 200
        (task,) = core.tasks()
        assert sum(len(str(value).encode()) for value in task.values()) < 16 * 1024 * 1024

    def test_a_remediation_is_asked_for_of_each(self, core):
        given = [{**row, "access_key_id": f"AKIAIOSFODNN7EXAMP{n}"} for n, row in enumerate(rows(3))]
        wanted = body(*given, action="remediate", one_per="run", playbook="deactivate_access_key")
        _, answer = core.post("record", wanted)
        assert len({row["task"] for row in answer["rows"]}) == 3
        assert len({task["case_id"] for task in core.tasks()}) == 1

    def test_a_remediation_that_the_next_run_asks_for_is_the_same_one(self, core):
        """Another case would not know what a person has undone, and do it again."""
        row = {**ROW, "access_key_id": "AKIAIOSFODNN7EXAMPLE"}
        wanted = body(row, action="remediate", one_per="run", playbook="deactivate_access_key")
        answers = [core.post("record", {**wanted, "sid": f"scheduler__pat__search__{n}"})[1] for n in (1, 2)]
        assert len({answer["rows"][0]["task"] for answer in answers}) == 1


class TestAPlaybookForAnyRow:
    def refusal(self, core: Any, row: dict[str, Any], playbook: str) -> str:
        _, answer = core.post("record", body(row, action="remediate", playbook=playbook))
        (outcome,) = answer["rows"]
        assert outcome["kind"] == "InvalidFinding" and "\n" not in outcome["error"]
        return str(outcome["error"])

    def test_what_the_row_lacks_is_one_line_with_the_fields_found(self, core):
        assert self.refusal(core, ROW, "deactivate_access_key") == (
            "Playbook deactivate_access_key needs access_key_id, which the result lacks; it has vendor_account, "
            "user_arn, user, event_ids. Add to the search: access_key_id from access_key_id or "
            "userIdentity.accessKeyId or user_access_key or accessKeyId."
        )

    def test_of_a_table_without_anything_it_is_said_too(self, core):
        line = self.refusal(core, {"count": "5"}, "block_public_bucket")
        assert "needs vendor_account, object_id" in line and "none of the fields that playbooks read" in line
        assert "requestParameters.bucketName" in line

    @pytest.mark.parametrize(
        ("playbook", "row"),
        [
            ("deactivate_access_key", {"userIdentity.accessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
            ("deactivate_access_key", {"access_key_id": "AKIAIOSFODNN7EXAMPLE"}),
            ("block_public_bucket", {"eventSource": "s3.amazonaws.com", "requestParameters.bucketName": "b"}),
            ("block_public_bucket", {"object_id": "arn:aws:s3:::b"}),
            (
                "restart_trail_logging",
                {"eventSource": "cloudtrail.amazonaws.com", "requestParameters.name": "t", "awsRegion": "us-east-1"},
            ),
            (
                "revoke_open_ingress",
                {"object_id": "sg-1", "awsRegion": "us-east-1", "detail": json.dumps({"rules": [{"cidr": "::/0"}]})},
            ),
        ],
    )
    def test_with_the_fields_it_reads_it_is_recorded(self, core, playbook, row):
        _, answer = core.post("record", body({**ROW, **row}, action="remediate", playbook=playbook))
        assert answer["rows"][0].get("recorded") is True, answer


class TestParameters:
    @pytest.mark.parametrize("name", ["title", "text", "dedup_fields", "labels", "project"])
    def test_one_that_is_too_long_is_named_and_one_as_long_as_it_may_be_is_not(self, core, name):
        longest = parameters.LONGER.get(name, parameters.LONGEST)
        assert parameters.bounded({name: "x" * longest}) == {name: "x" * longest}
        long: dict[str, Any] = {name: "x" * (longest + 1)}
        status, answer = core.post("record", body(ROW, **long))
        assert status == 400 and name in answer["error"] and core.tasks() == []

    def test_one_that_is_no_choice_is_named(self, core):
        _, answer = core.post("record", body(ROW, one_per="hour"))
        assert answer["rows"][0]["kind"] == "ConfigurationError" and "hour" in answer["rows"][0]["error"]

    def test_the_table_of_bounds_names_nothing_that_no_action_has(self):
        declared = {parameter.name for action in actions().values() for parameter in action.parameters}
        assert set(parameters.LONGER) <= declared


def test_two_rows_without_id_or_time_are_two_occurrences_unless_they_are_the_same(core):
    given = [{"user": "mara", "src": f"198.51.100.{n}", "_time": "1772600767"} for n in (1, 2, 2)]
    answer = ask(core, *given, dedup_fields="user")
    assert len({row["task"] for row in answer["rows"]}) == 2
    assert len(core.jira.created) == 1 and len(core.jira.comments) == 1


@pytest.mark.parametrize(
    "cell",
    [
        {"lastTime": "9999-12-31T23:59:59Z"},
        {"last_time": "12/31/9999 11:59:59 PM"},
        {"first_time": "99999999999.999999999999"},
        {"detail": json.dumps({"a": "x" * 310_000})},
        {"detail": json.dumps({"a": ["x"] * 40_000})},
    ],
    ids=lambda cell: str(cell)[:40],
)
def test_a_cell_that_cannot_be_kept_costs_no_ticket(core, cell):
    _, answer = core.post("record", body({**ROW, **cell}))
    assert [report.state for report in core.run(answer["rows"][0]["task"])] == ["done"], answer
    assert len(core.jira.created) == 1
