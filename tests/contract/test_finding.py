"""The finding contract at its border: what a result row may be, and what is said about one that is not."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responder.errors import InvalidFinding, ResponderError
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
    ("field", "value", "said"),
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
        ("detail", '{"a":"' + "x" * 40_000 + '"}', "detail"),
    ],
)
def test_a_field_that_breaks_the_contract_is_named(field, value, said):
    with pytest.raises(InvalidFinding) as caught:
        Finding.from_row({**ROW, field: value})
    assert said in caught.value.message and caught.value.hint


def test_the_case_depends_on_the_dedup_key_alone():
    one, other = Finding.from_row(ROW), Finding.from_row({**ROW, "user": "alice", "event_ids": "e9"})
    assert one.case_id == other.case_id
    assert one.case_id != Finding.from_row({**ROW, "dedup_key": "x"}).case_id


def test_what_people_read_is_one_line_and_not_endless():
    finding = Finding.from_row({**ROW, "user_agent": "a\nb\x1b[31m" + "x" * 10_000})
    assert "\n" not in finding.user_agent and "\x1b" not in finding.user_agent
    assert len(finding.user_agent) == MAX_TEXT


wild = st.one_of(st.none(), st.text(max_size=200), st.lists(st.text(max_size=30), max_size=5))


@given(st.dictionaries(st.sampled_from(FIELDS), wild))
def test_no_row_whatever_crashes_the_reader(row):
    try:
        finding = Finding.from_row({**ROW, **row})
    except ResponderError as error:
        assert "\n" not in str(error)
    else:
        assert set(finding.case_id) <= set(string.hexdigits)
