"""Records are proved in whatever shape CloudTrail reached Splunk, and a shape that is not read is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from proof_site import ACCOUNT, Site, event_id, finding, record
from responder.findings import shapes
from responder.findings.proof import Contradicted, Missing, Proved, Unprovable

from spl import MemoryEvents, execute, parse
from workbench.replay import ShippedSearches
from workbench.shapes import EVERYTHING, SHAPES, WHOLE

ALL = pytest.mark.parametrize("shape", list(SHAPES))
#: The name that the macro and the app's table give the shapes that are not plain.
NAMES = {
    "EventBridge": "eventbridge",
    "CloudWatch Logs subscription": "subscription",
    "log file": "file",
    **{name: "ocsf" for name in SHAPES if name.startswith("OCSF")},
}
BUCKET = {
    "eventSource": "s3.amazonaws.com",
    "eventName": "PutBucketPolicy",
    "requestParameters": {"bucketName": "data", "bucketPolicy": {"Statement": [{"Effect": "Allow"}]}},
    "resources": [{"ARN": "arn:aws:s3:::data", "accountId": ACCOUNT, "type": "AWS::S3::Bucket"}],
}


@pytest.fixture
def site(site: Site) -> Iterator[Site]:
    """An administrator has switched all shapes on."""
    shipped = site.setting("cloudtrail_shapes")
    site.setting("cloudtrail_shapes", EVERYTHING["cloudtrail_shapes"])
    yield site
    site.setting("cloudtrail_shapes", shipped)


def _raws(shape: str, *records: dict[str, Any]) -> list[str]:
    return [event.raw for event in SHAPES[shape](records)]


@ALL
def test_a_finding_is_proved_by_its_records(site: Site, shape: str) -> None:
    site.index(*_raws(shape, record(2, eventName="DescribeTrails"), record(1), record(3)))
    assert site.prove(finding(1, 3)) == Proved(2)


@ALL
def test_a_finding_is_contradicted_by_its_records(site: Site, shape: str) -> None:
    site.index(*_raws(shape, record(1)))
    assert isinstance(site.prove(finding(1, object_id="other-trail")), Contradicted)
    assert isinstance(site.prove(finding(1, user_arn=f"arn:aws:iam::{ACCOUNT}:user/eve")), Contradicted)
    assert isinstance(site.prove(finding(1, vendor_account="444455556666")), Contradicted)


@ALL
def test_the_owner_of_a_resource_is_read(site: Site, shape: str) -> None:
    site.index(*_raws(shape, record(1, **BUCKET)))
    assert site.prove(finding(1, object_id="data")) == Proved(1)
    site.forget()
    foreign = [{**BUCKET["resources"][0], "accountId": "444455556666"}]  # type: ignore[index,dict-item]
    site.index(*_raws(shape, record(1, **{**BUCKET, "resources": foreign})))
    assert isinstance(site.prove(finding(1, object_id="data")), Contradicted)


@ALL
def test_a_call_that_failed_proves_nothing_about_a_resource(site: Site, shape: str) -> None:
    site.index(*_raws(shape, record(1, errorCode="AccessDenied", errorMessage="no")))
    assert isinstance(site.prove(), Contradicted)


def test_a_record_itself_counts_for_more_than_what_was_made_of_it(site: Site) -> None:
    session = {
        "userIdentity": {**record()["userIdentity"], "sessionContext": {"attributes": {"mfaAuthenticated": "false"}}}
    }
    site.index(json.dumps(record(1, **session)), *_raws("OCSF 1.1.0", record(1, **session)))
    assert site.prove() == Proved(1)


def test_where_a_record_itself_is_there_what_was_made_of_it_may_differ(site: Site) -> None:
    site.index(*_raws("OCSF 1.0.0-rc.2", record(1)), *_raws("OCSF 1.1.0", record(1, **BUCKET)))
    assert isinstance(site.prove(), Unprovable)
    site.index(record(1))
    assert site.prove() == Proved(1)
    site.index(record(1, **BUCKET))
    assert isinstance(site.prove(), Unprovable)


def test_a_forged_event_on_a_bus_proves_nothing(site: Site) -> None:
    (raw,) = _raws("EventBridge", record(1))
    site.index(json.dumps({**json.loads(raw), "source": "com.example"}))
    assert isinstance(site.prove(), Missing)


OF_OTHERS = [
    {"source": "aws.partner/example.com/tenant/bus"},
    {"source": "aws.partner/example.com/tenant/bus", "detail-type": "sign-in"},
    {"detail-type": "Object Created"},
    {"detail-type": "AWS API Call via CloudTrail, or so"},
]


@pytest.mark.parametrize("envelope", OF_OTHERS, ids=str)
def test_an_event_that_a_partner_fills_or_that_is_not_of_cloudtrail_proves_nothing(
    site: Site, envelope: dict[str, str]
) -> None:
    (raw,) = _raws("EventBridge", record(1))
    raw = json.dumps({**json.loads(raw), **envelope})
    assert (shapes.of(raw).id, _by_macro(raw)) == ("other", "other")
    site.index(raw)
    assert isinstance(site.prove(), Missing)


@pytest.mark.parametrize("shape", list(NAMES))
def test_a_shape_that_is_not_read_is_named_in_one_line(site: Site, shape: str) -> None:
    site.setting("cloudtrail_shapes", "search *")
    site.index(*_raws(shape, record(1), record(2)))
    proof = site.prove(finding(1, 2))
    assert isinstance(proof, Missing) and proof.event_ids == (event_id(1), event_id(2))
    assert proof.message.endswith(
        f" They stand in {shapes.words(NAMES[shape])}, which the macro cloudtrail_shapes does not read."
    )
    assert "\n" not in proof.message
    # What is there in a shape that is read proves, whatever else there is.
    site.index(json.dumps(record(1)), json.dumps(record(2)))
    assert site.prove(finding(1, 2)) == Proved(2)


@pytest.mark.parametrize("word", ["Records", "class_uid", "logEvents", "detail-type"])
def test_a_tag_named_like_a_shape_hides_no_record_where_only_plain_ones_are_read(site: Site, word: str) -> None:
    site.setting("cloudtrail_shapes", "search *")
    site.index(record(1, requestParameters={"name": "org-trail", "tags": {word: "x"}}))
    assert site.prove() == Proved(1)


# The table that knows the shapes without a search


def _by_macro(raw: str) -> str:
    shipped = ShippedSearches(settings=EVERYTHING)
    events = MemoryEvents(SHAPES["plain, with blanks"]([{"eventTime": "2025-03-04T05:06:07Z"}]))
    events.events[0].raw = raw
    search = parse("search index=main | eval shape=`cloudtrail_shape` | table shape", shipped.knowledge)
    return str(execute(search, events=events, knowledge=shipped.knowledge, latest=4e9).rows[0]["shape"])


ODD = [
    "{}", "[]", "no JSON", '{"Records": []}', '{"Records": [{"x": 1}]}', '{"logEvents": [{"id": "1"}]}',
    '{"class_uid": 6003}', '{"class_uid": 4001, "metadata": {"product": {"name": "VPC"}}, "api": {"operation": "x"}}',
    '{"detail-type": "x", "detail": 3}',
    '{"detail-type": "x", "source": "app", "detail": {"eventName": "x"}}', '{"metadata": 3, "class_uid": 1}',
]  # fmt: skip


@pytest.mark.parametrize("shape", list(SHAPES))
def test_table_and_macro_tell_the_same_shapes(shape: str) -> None:
    (raw,) = _raws(shape, record(1))
    known = NAMES.get(shape, "plain")
    assert (shapes.of(raw).id, _by_macro(raw)) == (known, known)


@pytest.mark.parametrize("raw", ODD)
def test_what_is_no_record_is_none_to_the_table(raw: str) -> None:
    assert shapes.of(raw).id == "other"
    # To the macro, what has none of the words is plain: a search costs it nothing, and finds nothing in it.
    assert _by_macro(raw) in ("other", "plain")


def test_the_table_knows_what_the_macro_reads() -> None:
    shipped = ShippedSearches().knowledge.macros["cloudtrail_shapes"]["definition"]
    for shape in shapes.SHAPES:
        assert shapes.is_read(shape, shipped) == (shape.id not in ("ocsf", "other"))
        assert shapes.is_read(shape, EVERYTHING["cloudtrail_shapes"]) == (shape.id != "other")
        assert shapes.is_read(shape, "search *") == (shape.id == "plain")
    assert set(NAMES.values()) == {shape.id for shape in shapes.SHAPES} - {"plain", "other"}
    assert set(WHOLE) - set(NAMES) == {"plain, with blanks", "CloudWatch Logs, pulled"}
