"""The finding contract at its border: what a result row may be, and how one that is not is refused."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.errors import InvalidFinding, one_line
from responder.findings.finding import FIELDS, MAX_TEXT, Finding

ROW = {
    "signature_id": "trail_logging_stopped",
    "signature": "CloudTrail logging stopped",
    "severity": "critical",
    "mitre_technique_id": "T1562.008",
    "vendor_account": "111122223333",
    "vendor_region": "us-east-1",
    "user": "deploy-bot",
    "object_category": "AWS::CloudTrail::Trail",
    "object_id": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main",
    "command": "StopLogging",
    "event_ids": ["e1", "e2"],
    "event_count": "2",
    "first_time": "1700000000",
    "last_time": "1700000060.5",
    "recommended_playbook": "restart_trail_logging",
    "detail": '{"home_region": "us-east-1"}',
    "dedup_key": "trail_logging_stopped|111122223333|main",
}


def test_a_row_becomes_typed_values():
    finding = Finding.from_row(ROW)
    assert finding.event_ids == ("e1", "e2")
    assert (finding.event_count, finding.first_time, finding.last_time) == (2, 1700000000.0, 1700000060.5)
    assert finding.detail == {"home_region": "us-east-1"}


def test_a_stored_finding_reads_back_the_same():
    finding = Finding.from_row(ROW)
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding


@pytest.mark.parametrize("raw", ["e1\ne2", "e1,e2", "e1 e2", ["e1", "e2", "e1"]])
def test_event_ids_come_in_any_form_a_search_leaves_them(raw):
    assert Finding.from_row({**ROW, "event_ids": raw}).event_ids == ("e1", "e2")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("signature_id", "", "no signature_id"),
        ("dedup_key", None, "no dedup_key"),
        ("signature_id", "Not A Name", "signature_id"),
        ("severity", "urgent", "severity"),
        ("vendor_account", "1234", "vendor_account"),
        ("vendor_region", "../../etc", "vendor_region"),
        ("mitre_technique_id", "X1", "mitre_technique_id"),
        ("outcome", "maybe", "outcome"),
        ("recommended_playbook", "rm -rf", "recommended_playbook"),
        ("first_time", "yesterday", "first_time"),
        ("last_time", "nan", "last_time"),
        ("last_time", "1e300", "last_time"),
        ("detail", "{broken", "detail"),
        ("detail", "[1]", "detail"),
        ("first_time", "\N{SUPERSCRIPT TWO}", "first_time"),
        ("first_time", "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}", "first_time"),
        ("first_time", "1_000", "first_time"),
        ("first_time", "-0", "first_time"),
        ("first_time", "1e400", "first_time"),
        ("first_time", "0x10", "first_time"),
        ("first_time", ["1", "2"], "first_time"),
        ("first_time", True, "first_time"),
        ("first_time", 10**400, "first_time"),
        ("last_time", "inf", "last_time"),
        ("last_time", float("nan"), "last_time"),
        ("event_count", "2.5", "event_count"),
        ("throttle_seconds", "86401", "throttle_seconds"),
        ("vendor_account", "\N{FULLWIDTH DIGIT ONE}" * 12, "vendor_account"),
        ("user", [["deep"]], "user"),
        ("user", {"a": "b"}, "user"),
        ("user", 10**400, "user"),
        ("event_ids", [["e1"]], "event_ids"),
        ("detail", '{"a":"' + "x" * 40_000 + '"}', "longer than 30,000"),
        ("detail", '{"a":' + "[" * 14_000 + "]" * 14_000 + "}", "nested deeper than 50"),
        ("detail", '{"a":' * 51 + "1" + "}" * 51, "nested deeper than 50"),
        ("detail", '{"a":' + "[" * 14_000, "nested deeper than 50"),
        ("detail", '{"' + '\\"' * 14_000, "is not JSON"),
        ("detail", '{"a":NaN}', "NaN"),
        ("detail", '{"a":1e999}', "infinite"),
        ("detail", '{"a":' + "9" * 25_000 + "}", "64 bits"),
    ],
)
def test_a_field_that_breaks_the_contract_is_named_with_the_reason(field, value, reason):
    with pytest.raises(InvalidFinding) as caught:
        Finding.from_row({**ROW, field: value})
    assert reason in caught.value.message and field in caught.value.message and caught.value.hint
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "key", [" ", "\t\n", "\0", "\u200b", "\u200b\u2060\ufeff", "\u00ad", "\u3164", "\u2800", "\ufe0f\u034f", "\ud800"]
)
def test_a_dedup_key_in_which_nothing_can_be_seen_is_refused(key):
    # Every such finding would join one and the same case.
    with pytest.raises(InvalidFinding, match="dedup_key"):
        Finding.from_row({**ROW, "dedup_key": key})


@pytest.mark.parametrize("field", ["user", "vendor_account", "severity", "event_ids", "mitre_technique_id"])
def test_any_other_field_in_which_nothing_can_be_seen_counts_as_empty(field):
    assert Finding.from_row({**ROW, field: " \u200b\t"}) == Finding.from_row({**ROW, field: ""})


def test_keys_and_ids_that_are_cut_alike_stay_different():
    # Else a name that is long enough would hide one incident in the case of another.
    long = "x" * 5_000
    one, other = (Finding.from_row({**ROW, "dedup_key": long + end, "event_ids": [long + end]}) for end in "ab")
    assert one.case_id != other.case_id and one.event_ids != other.event_ids
    assert len(one.dedup_key) <= MAX_TEXT and len(one.event_ids[0]) <= 100
    assert Finding.from_dict(one.to_dict()).case_id == one.case_id


def test_keys_that_look_alike_and_are_not_the_same_stay_different():
    # Folding look-alikes into one would let a chosen name join, and so be throttled with, the case of another.
    admins = ["admin", "Admin", "\u0430dmin", "\u00e1dmin", "a\u0301dmin"]
    assert len({Finding.from_row({**ROW, "dedup_key": key}).case_id for key in admins}) == len(admins)


def test_halves_of_surrogate_pairs_cost_a_character_and_not_the_finding():
    finding = Finding.from_row({**ROW, "user": "eve\ud800", "detail": r'{"name\udc00": ["\ud800", "\ud83d\ude00"]}'})
    assert finding.detail == {"name\ufffd": ["\ufffd", "\N{GRINNING FACE}"]}
    json.dumps(finding.to_dict(), ensure_ascii=False).encode()


def test_the_case_depends_on_the_dedup_key_alone():
    one, other = Finding.from_row(ROW), Finding.from_row({**ROW, "user": "alice", "event_ids": "e9"})
    assert one.case_id == other.case_id
    assert one.case_id != Finding.from_row({**ROW, "dedup_key": "x"}).case_id


def test_what_people_read_is_one_line_and_not_endless():
    finding = Finding.from_row({**ROW, "user_agent": "a\nb\x1b[31m" + "x" * 10_000})
    assert "\n" not in finding.user_agent and "\x1b" not in finding.user_agent
    assert len(finding.user_agent) == MAX_TEXT


def nested(levels: int) -> Any:
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


texts = st.text(st.characters(), max_size=60)
numbers = st.integers() | st.floats() | st.sampled_from([2**63, -0.0, 1e300])
scalars = st.none() | st.booleans() | numbers | texts
json_like = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5), max_leaves=15
)
deep = st.sampled_from([49, 50, 51, 5_000]).map(nested)
endless = st.integers(4_000, 6_000).map(lambda digits: 10**digits)
json_texts = st.one_of(
    st.dictionaries(texts, texts, max_size=3).map(json.dumps),
    st.integers(1, 20_000).map(lambda n: "[" * n),
    st.integers(1, 20_000).map(lambda n: '{"a":' * n),
)
wild = json_like | deep | endless | json_texts


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), wild, max_size=6), st.booleans())
def test_whatever_a_row_holds_gives_a_finding_or_one_clear_line(row, stored):
    read = Finding.from_dict if stored else Finding.from_row
    try:
        finding = read({**ROW, **row})
    except InvalidFinding as error:
        line = str(error)
        assert line == one_line(line) and len(line) < 400
    else:
        document = json.dumps(finding.to_dict(), allow_nan=False)
        assert Finding.from_dict(json.loads(document)) == finding
        assert set(finding.case_id) <= set(string.hexdigits)


@pytest.mark.parametrize("data", [None, [], "text", 5, {}, {"detail": []}, {"signature_id": "some_id"}])
def test_a_stored_finding_that_is_none_is_refused(data):
    with pytest.raises(InvalidFinding):
        Finding.from_dict(data)


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_many_megabytes_is_cut_or_refused_and_holds_nothing_up(field):
    huge = ('\u200b\n"\\[{x ' * 200_000, ["\0"] * 500_000, ["y", "z"] * 250_000)
    for value in huge:
        try:
            finding = Finding.from_row({**ROW, field: value})
        except InvalidFinding as error:
            assert len(str(error)) < 400
        else:
            assert len(json.dumps(finding.to_dict())) < 200_000
