"""A CloudTrail record in a ticket's text: the parts that say most, dead in every markup, bounded, without secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hostile import PIECES, TEXTS
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.documents import records
from responder.documents.document import Code, Document
from responder.jira import adf, wiki

from tests.cloudtrail_records import stopped_trail

#: What may stand in a record, of any depth that matters here.
VALUES = TEXTS | st.none() | st.lists(TEXTS, max_size=3) | st.dictionaries(TEXTS, TEXTS, max_size=2)


def shown(*found: Any) -> str:
    _, block = records.shown(found)
    assert isinstance(block, Code)
    return block.text


def test_what_people_look_for_comes_first_and_what_says_nothing_is_left_to_the_file() -> None:
    said = shown(stopped_trail("mallory", 1_789_000_000.0, requestID="r-1", tlsDetails={"tlsVersion": "TLSv1.3"}))
    assert list(json.loads(said))[:3] == ["eventTime", "eventName", "eventSource"]
    assert "mallory" in said and "requestID" not in said and "tlsVersion" not in said
    assert records.shown(()) == []


@pytest.mark.parametrize(
    "part",
    [
        {"credentials": {"accessKeyId": "ASIAEXAMPLE", "sessionToken": "hush"}},
        {"masterUserPassword": "hush", "dBInstanceIdentifier": "db"},
        {"environment": {"variables": {"DB_PASSWORD": "hush", "STAGE": "prod"}}},
        {"environment": [{"name": "API_KEY", "value": "hush"}, {"name": "STAGE", "value": "prod"}]},
        {"parameters": [{"parameterKey": "RootSecret", "parameterValue": "hush"}]},
        {"secretString": "hush", "secretId": "prod/db"},
        {"passwords": ["hush"], "stage": "prod"},
        {"parameters": [{"name": "tokens", "value": ["hush", "hush"]}]},
    ],
)
def test_what_could_be_a_secret_is_hidden_and_what_names_it_is_not(part: dict[str, Any]) -> None:
    said = shown({"requestParameters": part, "responseElements": part})
    assert "hush" not in said and records.HIDDEN in said
    assert all(name in said for name in ("ASIAEXAMPLE", "dBInstanceIdentifier", "prod") if name in json.dumps(part))


def test_a_record_of_any_size_takes_little_room_and_says_that_it_was_cut() -> None:
    deep: Any = "end"
    for _ in range(40):
        deep = {"in": deep}
    wide = {f"field{number}": ["x" * 900] * 40 for number in range(400)}
    said = shown({"eventName": "x" * 90_000, "requestParameters": {"deep": deep, **wide}})
    assert len(said) <= records.LONGEST + 2 and said.count("\n") <= records.LINES and said.endswith("…")
    assert "and 35 more" in said and "end" not in said


@pytest.mark.parametrize("piece", PIECES)
def test_no_record_ends_its_block_or_the_box_of_the_ticket(valid_adf: Any, piece: str) -> None:
    record = stopped_trail(piece, requestParameters={piece: [piece, {piece: piece}]})
    document = Document(tuple(records.shown([record])))
    markup = wiki.render(document)
    assert markup.count("{noformat}") == 2 and markup.endswith("\n{noformat}") and "{panel" not in markup
    rendered = adf.render(document)
    valid_adf(rendered)
    assert [node["type"] for node in rendered["content"]] == ["paragraph", "codeBlock"]
    assert not any(node.get("marks") for node in rendered["content"][1]["content"])


@settings(max_examples=20, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=3))
def test_any_record_becomes_one_valid_block(valid_adf: Any, record: dict[str, Any]) -> None:
    document = Document(tuple(records.shown([{"eventName": "X", **record}])))
    valid_adf(adf.render(document))
    assert wiki.render(document).lower().count("{noformat}") == 2
