"""The stand-in of Enterprise Security's endpoints is not there until it is installed, and as strict as the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from sandbox.splunkd import Splunkd

ES_7, ES_8 = "a@@notable@@b", "c@@notable@@time1767261605"
NOTES = f"/servicesNS/nobody/missioncontrol/public/v2/investigations/{ES_8}/notes"


def ask(splunkd: Splunkd, path: str, body: Any = None, user: str = "", **query: str) -> tuple[int, Any]:
    """A form, or an object as JSON; with the rights of the system unless a user is named."""
    key = splunkd.session_key(user) if user else splunkd.system_token
    headers = {"Authorization": f"Splunk {key}"}
    data = urlencode(body, doseq=True).encode() if isinstance(body, list) else body and json.dumps(body).encode()
    if isinstance(body, dict):
        headers["Content-Type"] = "application/json"
    address = f"{splunkd.uri}{path}?{urlencode({'output_mode': 'json', **query})}"
    try:
        with urlopen(Request(address, data, headers), timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except OSError as error:
        return getattr(error, "code", 0), None


@pytest.fixture
def plain(tmp_path: Path) -> Any:
    with Splunkd(tmp_path / "splunk") as splunkd:
        yield splunkd


def test_nobody_answers_where_it_is_not_installed(plain: Splunkd) -> None:
    assert ask(plain, "/services/apps/local/SplunkEnterpriseSecuritySuite")[0] == 404
    assert ask(plain, "/services/notable_update", [("ruleUIDs", ES_7), ("comment", "x")])[0] == 404
    assert ask(plain, NOTES, notable_time="1767261605")[0] == 404


def test_es_7_takes_comments_and_answers_200_for_what_it_does_not_know(plain: Splunkd) -> None:
    there = plain.install_enterprise_security("7.3.2")
    there.add_finding(ES_7)
    (entry,) = ask(plain, "/services/apps/local/SplunkEnterpriseSecuritySuite")[1]["entry"]
    assert entry["content"]["version"] == "7.3.2"
    form = [("ruleUIDs", ES_7), ("comment", "a comment")]
    status, answer = ask(plain, "/services/notable_update", form)
    assert (status, answer["success"], answer["success_count"]) == (200, True, 1)
    assert there.comments(ES_7) == ["a comment"]
    status, answer = ask(plain, "/services/notable_update", [("ruleUIDs", "x@@notable@@y"), ("comment", "x")])
    assert (status, answer["success"], answer["failure_count"]) == (200, False, 1)
    assert ask(plain, NOTES, notable_time="1767261605")[0] == 404, "notes are of ES 8"


@pytest.mark.parametrize(
    "form", [[("comment", "x")], [("ruleUIDs", "no id"), ("comment", "x")], [("ruleUIDs", ES_7), ("note", "x")]]
)
def test_what_the_form_does_not_know_is_refused(plain: Splunkd, form: list[tuple[str, str]]) -> None:
    plain.install_enterprise_security("7.3.2").add_finding(ES_7)
    assert ask(plain, "/services/notable_update", form)[0] == 400


def test_comments_are_found_by_the_macro(plain: Splunkd) -> None:
    there = plain.install_enterprise_security("7.3.2")
    there.add_finding(ES_7)
    for text in ("one", "two"):
        there.comment(ES_7, text, "pat")
    (row,) = plain.search(f'search `notable` | search event_id="{ES_7}" | table comment').rows
    assert sorted(row["comment"]) == ["one", "two"]


def test_es_8_takes_notes_and_lists_them(plain: Splunkd) -> None:
    plain.install_enterprise_security("8.1.0").add_finding(ES_8)
    for text in ("first", "second"):
        assert ask(plain, NOTES, {"content": text}, notable_time="1767261605")[0] == 201
    status, answer = ask(plain, NOTES, notable_time="1767261605", sort="create_time:-1", limit="1")
    assert status == 200 and [note["content"] for note in answer["items"]] == ["second"]


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ({}, {"content": "x"}, 400),
        ({"notable_time": "1"}, {"content": "x"}, 404),
        ({"notable_time": "1767261605", "expand": "1"}, {"content": "x"}, 400),
        ({"notable_time": "1767261605"}, {"content": "x", "status": "closed"}, 400),
        ({"notable_time": "1767261605"}, {"content": " "}, 400),
    ],
)
def test_a_note_that_is_none_is_refused(plain: Splunkd, query: Any, body: Any, status: int) -> None:
    plain.install_enterprise_security("8.1.0").add_finding(ES_8)
    assert ask(plain, NOTES, body, **query)[0] == status


def test_both_ask_for_the_right_to_edit_findings(plain: Splunkd) -> None:
    plain.access.add_user("reader", "reader-password", ["user"])
    there = plain.install_enterprise_security("8.1.0")
    there.add_finding(ES_8)
    form = [("ruleUIDs", ES_8), ("comment", "x")]
    assert ask(plain, "/services/notable_update", form, user="reader")[0] == 403
    assert ask(plain, NOTES, {"content": "x"}, user="reader", notable_time="1767261605")[0] == 403
    assert there.comments(ES_8) == []
