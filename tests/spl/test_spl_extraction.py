"""Fields out of raw text, with Splunk's limits."""

from __future__ import annotations

import json

import pytest

from spl import SplUnsupported
from spl.extraction import EXTRACTION_CUTOFF, FIELD_LIMIT, PAIRS_CUTOFF, automatic
from tests.spl.conftest import Run, event

#: What an attacker does to push the telling parameter out of the extracted part.
LONG = {
    "eventName": "PutBucketPolicy",
    "requestParameters": {
        "padding": ["x" * 90 for _ in range(120)],
        "bucketPolicy": {"Statement": [{"Principal": "*"}, {"Principal": "me"}]},
        "bucketName": "b",
    },
    "eventID": "late",
}


def test_nested_names_arrays_and_scalars() -> None:
    raw = '{"a": {"b": [{"c": 1.0}, {"d": null}, {"c": true}]}, "id": 012}'.replace("012", "12")
    assert automatic(raw) == {"a.b{}.c": ["1.0", "true"], "a.b{}.d": "null", "id": "12"}


def test_empty_containers_give_no_field() -> None:
    assert automatic('{"a": [], "b": {}, "c": ""}') == {"c": ""}


def test_a_long_record_loses_its_later_fields(run: Run) -> None:
    raw = json.dumps(LONG)
    assert len(raw) > 2 * EXTRACTION_CUTOFF
    assert run("index=aws requestParameters.bucketName=b", [event(raw)]).rows == []
    assert run("index=aws eventName=PutBucketPolicy | table eventName", [event(raw)]).rows != []


def test_spath_with_a_path_finds_them_all_the_same(run: Run) -> None:
    path = "requestParameters.bucketPolicy.Statement{}.Principal"
    results = run(f"index=aws eventName=PutBucketPolicy | spath path={path} output=p | search p=me | table p", [LONG])
    assert results.rows == [{"p": ["*", "me"]}]


def test_a_cut_anywhere_still_gives_the_complete_members() -> None:
    raw = json.dumps({"eventName": "X", "list": [{"k": 'a"}]\\', "n": 1}, {"k": "b"}], "tail": "t"})
    for cut in range(len(raw)):
        padded = raw[:cut] + "x" * EXTRACTION_CUTOFF
        found = automatic(padded if padded.startswith("{") else "{" + padded)
        if cut > raw.index(","):
            assert found["eventName"] == "X"
        assert set(found) <= {"eventName", "list{}.k", "list{}.n", "tail"}


def test_there_is_a_limit_on_the_number_of_fields() -> None:
    assert len(automatic(json.dumps({f"f{i}": i for i in range(FIELD_LIMIT * 2)}))) == FIELD_LIMIT


def test_broken_json_and_plain_text_do_not_fail() -> None:
    assert automatic('{"a": ') == {}
    assert automatic('action=ACCEPT dstport=22 note="two words" plain') == {
        "action": "ACCEPT", "dstport": "22", "note": "two words"
    }  # fmt: skip


def test_other_text_is_looked_through_further_but_not_to_its_end() -> None:
    text = "a=1 " + "x " * (EXTRACTION_CUTOFF // 2) + "b=2 " + "y " * (PAIRS_CUTOFF // 2) + "c=3"
    assert automatic(text) == {"a": "1", "b": "2"}


def test_extraction_is_done_once_an_event() -> None:
    one = event(LONG)
    assert one.extracted is one.extracted
    assert one.document is one.document


def test_the_limit_is_not_that_of_the_spath_command(run: Run) -> None:
    record = {f"f{i:03}": i for i in range(FIELD_LIMIT * 2)}
    assert run("index=aws | table f199", [record]).rows == [{}]
    assert run("index=aws | spath | table f199", [record]).rows == [{"f199": "199"}]


@pytest.mark.parametrize("arguments", ["input=x", "input=x path=a"])
def test_spath_says_that_it_reads_no_xml(run: Run, arguments: str) -> None:
    with pytest.raises(SplUnsupported, match="XML"):
        run(f"index=aws | spath {arguments}", [{"x": "<a>1</a>"}])
