"""Which records rules leave out of the index, and which texts are no rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from responder.errors import ConfigurationError
from responder.ingest.filters import parse
from responder.ingest.record import Record
from wild_records import usual


def record(**fields: Any) -> Record:
    found = {**usual(1), **fields}
    return Record(json.dumps({name: value for name, value in found.items() if value is not ...}).encode())


KMS_READ = {"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "readOnly": True}


@pytest.mark.parametrize(
    ("rule", "fields", "is_dropped"),
    [
        ("kms.amazonaws.com: read-only", KMS_READ, True),
        ("kms.amazonaws.com: read-only", {**KMS_READ, "readOnly": False}, False),
        ("kms.amazonaws.com: read-only", {**KMS_READ, "readOnly": ...}, False),
        ("kms.amazonaws.com: read-only", {**KMS_READ, "readOnly": "true"}, False),
        ("kms.amazonaws.com: read-only", {**KMS_READ, "eventSource": "iam.amazonaws.com"}, False),
        ("kms.amazonaws.com: read-only", {**KMS_READ, "eventSource": ...}, False),
        ("kms.amazonaws.com: Decrypt", {**KMS_READ, "readOnly": False}, True),
        ("kms.amazonaws.com: Decrypt, Encrypt", {**KMS_READ, "eventName": "Encrypt"}, True),
        ("kms.amazonaws.com: Decrypt", {**KMS_READ, "eventName": "Decrypt2"}, False),
        ("kms.amazonaws.com: Decrypt", {**KMS_READ, "eventName": ...}, False),
        ("kms.amazonaws.com: read-only, Dec*", KMS_READ, True),
        ("kms.amazonaws.com: read-only, Dec*", {**KMS_READ, "readOnly": False}, False),
        ("kms.amazonaws.com: read-only, Enc*", KMS_READ, False),
        ("", KMS_READ, False),
        ("# kms.amazonaws.com: read-only\n\n", KMS_READ, False),
    ],
)
def test_a_rule_leaves_out_what_it_names_and_nothing_else(rule: str, fields: dict[str, Any], is_dropped: bool) -> None:
    assert parse(rule).drops(record(**fields)) is is_dropped


def test_each_rule_counts_what_it_has_left_out() -> None:
    filters = parse("  kms.amazonaws.com :  Decrypt\nkms.amazonaws.com: read-only\nsts.amazonaws.com: AssumeRole\n")
    for fields in (KMS_READ, KMS_READ, {**KMS_READ, "eventName": "ListKeys"}, {}):
        filters.drops(record(**fields))
    assert filters.dropped == {
        "kms.amazonaws.com: Decrypt": 2,
        "kms.amazonaws.com: read-only": 1,
        "sts.amazonaws.com: AssumeRole": 0,
    }


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("read-only", "does not begin with an event source"),
        ("*: read-only", "does not begin with an event source"),
        ("kms: read-only", "does not begin with an event source"),
        ("*.amazonaws.com: read-only", "does not begin with an event source"),
        ("kms.amazonaws.com", "would leave out every record of kms.amazonaws.com"),
        ("kms.amazonaws.com: ,", "would leave out every record of kms.amazonaws.com"),
        ("kms.amazonaws.com: *", '"*" is no name of an event'),
        ("kms.amazonaws.com: De*pt", '"De*pt" is no name of an event'),
        ("kms.amazonaws.com: Put*", "would also leave out calls that change something"),
        ("kms.amazonaws.com: Decrypt\nkms.amazonaws.com: a b", '"a b" is no name of an event'),
        ("kms.amazonaws.com: Decrypt\x1b[31m", "is no name of an event"),
        ("\n".join(f"kms.amazonaws.com: Call{number}" for number in range(201)), "at most 200"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_line(rule: str, reason: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(rule)
    assert reason in str(caught.value) and str(caught.value).isprintable()
