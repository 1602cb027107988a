"""The console's queue of cases: filtered, sorted and cut into pages by the KV store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from core_findings import ACCOUNT, finding
from incident_runs import DETECTIONS, T0, alert, row
from responder.cases import snapshot
from responder.cases.keys import case_id
from responder.cases.task import TASKS
from responder.errors import Curable
from responder.splunk.client import Splunkd


def queue(core: Any, **body: Any) -> dict[str, Any]:
    status, answer = core.post("cases", body, user="ana")
    assert status == 200, answer
    return dict(answer)


def named(answer: dict[str, Any]) -> list[str]:
    """The numbers of the findings whose cases were given, in order."""
    numbers = {case_id(f"key-{number}"): str(number) for number in range(1, 40)}
    return [numbers[row["case"]] for row in answer["cases"]]


def open_cases(core: Any, *findings: Any) -> None:
    """A case each, the first one the oldest."""
    for one in findings:
        core.record(one)


def test_the_newest_case_stands_first_with_what_was_found_and_its_ticket(core: Any) -> None:
    core.ask(finding(1, severity="high", user="mallory", object_id="sg-0f00"))
    core.ask(2)
    answer = queue(core)
    assert named(answer) == ["2", "1"] and not answer["more"] and not answer["is_cut"]
    row = answer["cases"][1]
    shown = (row["severity"], row["signature"], row["account"], row["actor"], row["resource"], row["owner"])
    assert shown == ("high", "Some detection", ACCOUNT, "mallory", "sg-0f00", "pat")
    assert row["ticket"]["key"] == "SEC-1" and row["ticket"]["url"] == "https://jira.example.com/browse/SEC-1"
    assert (row["state"]["text"], row["state"]["open"]) == ("Found; nothing was changed by this app", 1)


#: What is asked of four cases, and which of them are given.
ASKED: tuple[tuple[dict[str, str], list[str]], ...] = (
    ({"severity": "high"}, ["4", "3"]),
    ({"account": "999999999999"}, ["3"]),
    ({"actor": "mallory"}, ["3", "2"]),
    ({"actor": "mallory", "severity": "critical"}, ["3"]),
    ({"detection": "another_detection"}, ["4"]),
    ({"sort": "severity"}, ["3", "4", "2", "1"]),
    ({"sort": "oldest"}, ["1", "2", "3", "4"]),
    ({"owner": "nobody-has-this-name"}, []),
    ({"find": case_id("key-2")}, ["2"]),
    ({"find": "SEC-99"}, []),
    ({"find": "a_detection:111122223333:mallory"}, []),
)


def test_filters_and_sorts(core: Any) -> None:
    open_cases(
        core,
        finding(1),
        finding(2, user="mallory"),
        finding(3, user="mallory", severity="critical", vendor_account="999999999999"),
        finding(4, severity="high", signature_id="another_detection"),
    )
    assert [(body, named(queue(core, **body))) for body, _ in ASKED] == list(ASKED)


def test_a_notable_leads_to_its_case_by_its_dedup_key(core: Any) -> None:
    key = 'a_detection:111122223333:we|ird "name"'
    open_cases(core, finding(1), finding(2, dedup_key=key))
    (found,) = queue(core, find=key)["cases"]
    assert found["case"] == case_id(key)


def test_a_case_that_an_incident_tells_of_is_found_and_decided_about(core: Any) -> None:
    core.save("settings", "general", incident_hours="24")
    rows = [row(detection, "r", T0 + number) for number, detection in enumerate(DETECTIONS[:3])]
    rows[1]["severity"], rows[2]["severity"] = "critical", "low"
    for one in rows:
        alert(core, one)
    first, second, third = (case_id(one["dedup_key"]) for one in rows)
    (shown,) = queue(core, severity="critical")["cases"]
    assert (shown["case"], shown["tells_of"], shown["open_cases"], shown["told_in"]) == (first, 2, 2, "")
    (found,) = queue(core, find=second)["cases"]
    assert (found["case"], found["severity"], found["told_in"]) == (second, "critical", first)
    assert found["ticket"] == shown["ticket"] and found["ticket"]["url"] == "https://jira.example.com/browse/SEC-1"
    assert queue(core, find=third, severity="critical")["cases"] == []
    of_first, of_second = (core.post("case", {"case": case}, user="admin")[1] for case in (first, second))
    assert [one["case"] for one in of_first["cases"]] == [second, third] and not of_first["told_in"]
    assert of_second["told_in"] == first and of_second["cases"] == [] and of_second["finding"]["resource"]
    assert [one["finding"]["last_time"] for one in (of_first, of_second)] == [T0, T0 + 1], "each has its own finding"
    assert [core.post("case_playbooks", {"case": one}, user="admin")[0] for one in (first, second)] == [200, 200]
    assert set(of_second["may"]) == {"excuse", "remediate"} and of_second["ticket"] == shown["ticket"]
    status, excused = core.post("excuse", {"case": second, "reason": "Known scanner"}, user="admin")
    assert status == 200 and excused["case"] == second
    assert [one["case"] for one in queue(core, state="excused")["cases"]] == [second]
    assert queue(core, find=first)["cases"][0]["open_cases"] == 1
    assert core.post("case", {"case": "0" * 20}, user="ana")[0] == 404


def test_a_page_says_whether_there_is_another(core: Any) -> None:
    open_cases(core, *map(finding, range(1, 6)))
    pages = [queue(core, page=page, count=2) for page in range(4)]
    assert [named(page) for page in pages] == [["5", "4"], ["3", "2"], ["1"], []]
    assert [page["more"] for page in pages] == [True, True, False, False]


def test_cases_that_need_a_person_are_found_by_their_tasks(core: Any) -> None:
    core.jira.errors.append((Curable("Project SEC does not exist.", "Correct it."), False))
    core.ask(1)
    core.ask(2)
    answer = queue(core, state="attention")
    assert named(answer) == ["1"] and answer["cases"][0]["state"]["attention"] == 1
    assert named(queue(core, state="attention", severity="high")) == []


def test_an_excused_case_is_found_as_such_and_says_so(core: Any) -> None:
    core.ask(1)
    core.ask(2)
    assert core.post("excuse", {"case": case_id("key-1"), "reason": "Known scanner"}, user="ana")[0] == 200
    (row,) = queue(core, state="excused")["cases"]
    assert row["case"] == case_id("key-1")
    assert row["state"]["status"] == "excused" and row["state"]["text"] == "Excused"


def test_of_ten_thousand_cases_a_page_reads_what_it_shows(core: Any) -> None:
    template = {"opened_at": 1.0, "severity": "low", "severity_rank": 1, "signature": "x", "account": ACCOUNT}
    many = [{**template, "_key": f"{number:020x}", "opened_at": 1_000.0 + number} for number in range(10_000)]
    write(core, many)
    before = core.splunkd.kv.documents_read
    answer = queue(core, page=3, count=50, account=ACCOUNT)
    # The KV store passes over the pages before it by its index.
    assert core.splunkd.kv.documents_read - before < 1_000
    assert [row["case"] for row in answer["cases"]][:1] == [f"{10_000 - 150 - 1:020x}"] and answer["more"]


def write(core: Any, documents: Sequence[dict[str, Any]]) -> None:
    for first in range(0, len(documents), 1_000):
        core.client().save_many("responder_cases", documents[first : first + 1_000])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"state": "nice"}, "Use one of approval, attention, working, excused"),
        ({"severity": "awful"}, "Use one of informational"),
        ({"account": "12"}, "It has 12 digits"),
        ({"find": "'; drop table"}, "Enter one like SEC-42"),
        ({"sort": "random"}, "Use one of newest"),
        ({"page": -1}, "page is not a whole number"),
        ({"page": True}, "page is not a whole number"),
        ({"count": 1_000}, "count is not a whole number from 1 to 100"),
        ({"actor": {"$gt": ""}}, "actor is not a text"),
    ],
)
def test_what_no_queue_can_be_asked_for_is_refused(core: Any, body: dict[str, Any], said: str) -> None:
    status, answer = core.post("cases", body, user="ana")
    assert status == 400 and said in answer["error"]


def test_the_case_of_a_finding_with_long_names_is_listed_with_their_beginning(core: Any) -> None:
    core.record(replace(finding(1), user="m" * 2_000))
    (row,) = queue(core)["cases"]
    assert row["actor"] == "m" * 300


@pytest.mark.parametrize("endpoint", ["cases", "case"])
def test_of_a_case_with_thousands_of_tasks_nothing_is_read_twice(
    core: Any, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    core.ask(1)
    monkeypatch.setattr(snapshot, "MOST_OF_A_CASE", 1)
    find, asked = Splunkd.find, list[str]()

    def counted(client: Splunkd, collection: str, query: Any, **options: Any) -> Any:
        if collection == TASKS:
            asked.append(json.dumps([query, options]))
        return find(client, collection, query, **options)

    monkeypatch.setattr(Splunkd, "find", counted)
    status, answer = core.post(endpoint, {"case": case_id("key-1")} if endpoint == "case" else {}, user="ana")
    assert status == 200 and '"SEC-1"' in json.dumps(answer)
    assert any(".ticket" in query for query in asked) and sorted(set(asked)) == sorted(asked)
