"""Every detection finds in every shape of CloudTrail what it finds in plain records.

Samples are converted by ``workbench.shapes``. Whole shapes lose nothing; what OCSF loses stands in docs/ocsf.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW, ROOT, all_samples
from ordinary_day import records

from spl import Event, MemoryEvents, execute, macros, parse
from workbench.detections import base_search
from workbench.detections import compile as compiler
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches, as_event
from workbench.shapes import EVERYTHING, OCSF, SHAPES, UNPUBLISHED, WHOLE, losses, wrapped

CLOUDTRAIL = [detection for detection in DETECTIONS if detection.source == "cloudtrail"]
BY_ID = {detection.id: detection for detection in CLOUDTRAIL}
ANYWHERE = ShippedSearches(CLOUDTRAIL, settings=EVERYTHING)
STOPPED: dict[str, Any] = {
    "eventVersion": "1.11",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mara", "accountId": "111122223333",
                     "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "mara"},
    "eventTime": "2025-03-04T05:06:07Z", "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging",
    "awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.7", "requestParameters": {"name": "org-trail"},
    "eventID": "11111111-2222-4333-8444-555555555555", "recipientAccountId": "111122223333",
}  # fmt: skip


def _page() -> dict[tuple[str, str], set[str]]:
    text = (ROOT / "docs" / losses.FILE).read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\w+)\]\([^)]*\) \| (\S+(?: \w+)*(?:, two lists)?) \| (.+) \|$", text, re.M)
    return {(name, f"OCSF {version}"): set(what.split(", ")) for name, version, what in rows}


KNOWN = _page()


#: Those of OCSF that nobody publishes are as the others: a test says so of some records,
#: and the page of losses, which is slow to make, of all samples.
PUBLISHED = [name for name in SHAPES if name not in UNPUBLISHED]


def _unexpected(detection: Detection, sample: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Shapes in which a sample gives something else, and it is not known that it does."""
    return [
        (shape, sample["why"], what)
        for shape, what in losses.differences(detection, sample, PUBLISHED).items()
        if shape in WHOLE or not set(what) <= KNOWN.get((detection.id, shape), set())
    ]


def _first_of_each_case(detection: Detection) -> list[Mapping[str, Any]]:
    return list({sample["case"]: sample for sample in reversed(detection.samples())}.values())


@pytest.mark.parametrize("detection", CLOUDTRAIL, ids=lambda detection: detection.id)
def test_the_first_samples_give_the_same_in_every_shape(detection: Detection):
    assert [found for sample in _first_of_each_case(detection) for found in _unexpected(detection, sample)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("detection", "sample"), [one for one in all_samples() if one.values[0].source == "cloudtrail"]
)
def test_every_sample_gives_the_same_in_every_shape(detection: Detection, sample: Mapping[str, Any]):
    """In OCSF, which has a page about what it loses, by the next test."""
    assert losses.differences(detection, sample, WHOLE) == {}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_page_about_ocsf_is_up_to_date():
    assert (ROOT / "docs" / losses.FILE).read_text(encoding="utf-8") == losses.page(DETECTIONS)


@pytest.mark.parametrize("shape", list(WHOLE))
def test_a_day_gives_the_same_in_a_shape_that_carries_records_whole(shape: str):
    day = records(3)[:200]
    chosen = ["api_use_from_foreign_country", "many_kinds_of_calls_refused", "iam_access_key_created"]
    events = [event for at in range(0, len(day), 50) for event in SHAPES[shape](day[at : at + 50])]
    plain = ANYWHERE.findings(map(as_event, day), chosen, NOW)
    assert ANYWHERE.findings(events, chosen, NOW) == plain


# What is found, and what is not


def _rows(*events: Event, shipped: ShippedSearches = ANYWHERE) -> list[dict[str, Any]]:
    return shipped.rows("trail_logging_stopped", MemoryEvents(events), NOW)[1]


def _text(value: Any, **more: Any) -> Event:
    raw = value if isinstance(value, str) else json.dumps(value)
    return Event(raw, 1741064767.0, "main", "aws:any", indextime=1741064767.0, **more)


def test_of_a_file_only_the_records_that_are_asked_for_are_found():
    mentioned = {**STOPPED, "eventName": "DescribeTrails", "requestParameters": {"x": "StopLogging"}, "eventID": "e-2"}
    (row,) = _rows(*wrapped.log_file([mentioned, STOPPED, mentioned]))
    assert row["event_ids"] == STOPPED["eventID"]


def test_a_record_in_a_file_has_its_own_time():
    earlier = {**STOPPED, "eventName": "DescribeTrails", "eventTime": "2025-03-04T05:00:00Z"}
    (row,) = _rows(*wrapped.log_file([earlier, STOPPED]))
    assert float(row["first_time"]) == 1741064767.0


def test_what_anybody_puts_on_an_event_bus_is_no_record():
    (event,) = wrapped.eventbridge([STOPPED])
    assert _rows(event)
    forged = {**json.loads(event.raw), "source": "com.example.app"}
    assert not _rows(_text(forged))


def test_of_security_lake_only_what_cloudtrail_logged_is_a_record():
    (event,) = SHAPES["OCSF 1.1.0"]([STOPPED])
    assert _rows(event)
    other = json.loads(event.raw)
    other["metadata"]["product"]["name"] = "Something"
    assert not _rows(_text(other))


@pytest.mark.parametrize("shape", sorted(UNPUBLISHED))
def test_versions_of_ocsf_that_nobody_publishes_are_read_as_those_before_and_after(shape: str):
    role = {"type": "Role", "userName": "ops", "arn": "arn:aws:iam::111122223333:role/ops"}
    attributes = {"mfaAuthenticated": "true", "creationDate": "2025-03-04T05:00:00Z"}
    session = {
        "type": "AssumedRole", "principalId": "AROAEXAMPLE1:ann", "accountId": "111122223333",
        "arn": "arn:aws:sts::111122223333:assumed-role/ops/ann", "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {"sessionIssuer": role, "attributes": attributes},
    }  # fmt: skip
    refused = {"errorCode": "AccessDenied", "errorMessage": 'no "right"', "readOnly": False, "apiVersion": "20131101"}
    for record in (STOPPED, {**STOPPED, "userIdentity": session, "vpcEndpointId": "vpce-1"}, {**STOPPED, **refused}):
        assert _rows(*SHAPES[shape]([record])) == _rows(*SHAPES["OCSF 1.5.0"]([record])) != []


@pytest.mark.parametrize("shape", [name for name in OCSF if name != "OCSF 1.0.0-rc.2"])
def test_a_service_that_makes_a_call_is_known_in_every_version_of_ocsf(shape: str):
    """By ``actor.app_name``, only where the call came from it: whoever calls could choose that name."""
    by_stack = {**STOPPED["userIdentity"], "invokedBy": "cloudformation.amazonaws.com"}
    (event,) = SHAPES[shape]([{**STOPPED, "userIdentity": by_stack, "sourceIPAddress": by_stack["invokedBy"]}])
    assert _invoker(event) == by_stack["invokedBy"]
    chosen = json.loads(SHAPES[shape]([STOPPED])[0].raw)
    chosen["actor"]["app_name"] = by_stack["invokedBy"]
    assert _invoker(_text(chosen)) is None


def _invoker(event: Event) -> Any:
    text = 'search index=main | eval cloudtrail_shape="ocsf" | `cloudtrail_read_ocsf` | spath output=by path='
    parsed = parse(f"{text}userIdentity.invokedBy", ANYWHERE.knowledge)
    results = execute(parsed, events=MemoryEvents([event]), knowledge=ANYWHERE.knowledge)
    (row,) = results.rows
    return row.get("by")


@pytest.mark.parametrize("shape", ["log file", "CloudWatch Logs subscription"])
def test_the_text_of_a_file_is_not_copied_with_each_of_its_records(shape: str):
    """mvexpand copies all fields, and Splunk cuts its results off at 500 MB: of 3,000 records at 15 GB."""
    steps = ANYWHERE.knowledge.macros["cloudtrail_read_wrapped"]["definition"].partition("| eval _raw=coalesce")[0]
    spl = f"search index=main | eval cloudtrail_shape=`cloudtrail_shape` | {steps}"
    events = MemoryEvents(SHAPES[shape]([{**STOPPED, "eventID": f"e-{number}"} for number in range(20)]))
    rows = list(execute(parse(spl, ANYWHERE.knowledge), events=events, knowledge=ANYWHERE.knowledge).rows)
    assert len(rows) == 20 and not any(row["_raw"] for row in rows)


def test_other_lines_of_a_log_group_give_nothing_and_do_no_harm():
    (event,) = wrapped.subscription([STOPPED])
    batch = json.loads(event.raw)
    batch["logEvents"] += [{"id": "2", "timestamp": 0, "message": "StopLogging was mentioned"}, {"id": "3"}]
    assert len(_rows(_text(batch))) == 1


def test_a_plain_record_that_holds_such_words_is_read_and_asked_once_more():
    entry = {"entries": [{"detail-type": "x", "logEvents": [], "Records": [{"eventName": "StopLogging"}]}]}
    assert _rows(_text({**STOPPED, "requestParameters": {"name": "org-trail", **entry}}))
    put = {**STOPPED, "eventName": "PutEvents", "eventSource": "events.amazonaws.com", "requestParameters": entry}
    assert not _rows(_text(put))


@pytest.mark.parametrize("read", ["search *", "`cloudtrail_read_wrapped`", "`cloudtrail_read_ocsf`"])
@pytest.mark.parametrize("word", ["Records", "class_uid", "logEvents", "detail-type"])
def test_a_tag_named_like_a_shape_hides_no_call_whatever_is_read(read: str, word: str):
    shipped = ShippedSearches(CLOUDTRAIL, settings={**EVERYTHING, "cloudtrail_shapes": read})
    tagged = {**STOPPED, "requestParameters": {"name": "org-trail", "tags": {word: "x"}}}
    assert _rows(_text(tagged), shipped=shipped) == _rows(_text(STOPPED), shipped=shipped) != []


def test_a_call_by_aws_itself_is_left_out_in_every_shape():
    service = {**STOPPED, "userIdentity": {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}}
    for convert in SHAPES.values():
        assert not _rows(*convert([service]))


@pytest.mark.parametrize("shape", ["plain, with blanks", "EventBridge", "log file"])
def test_a_network_activity_event_is_no_second_finding_of_its_call(shape: str):
    told_again = {"eventType": "AwsVpceEvent", "eventCategory": "NetworkActivity", "vpcEndpointId": "vpce-1"}
    again = {**STOPPED, **told_again, "eventID": "e-2", "requestParameters": None}
    (row,) = _rows(*SHAPES[shape]([again, STOPPED]))
    assert row["event_ids"] == STOPPED["eventID"]


def test_what_the_policy_of_a_vpc_endpoint_denied_is_told_of_there_alone():
    """The service never saw the call. CloudTrail User Guide, "Logging network activity events"."""
    denied = {"eventType": "AwsVpceEvent", "eventCategory": "NetworkActivity", "vpcEndpointId": "vpce-1",
              "errorCode": "VpceAccessDenied", "errorMessage": "The request was denied due to a VPC endpoint policy"}
    account = {"type": "AWSAccount", "principalId": "AROAEXAMPLE:session", "accountId": "444455556666"}
    record = {**STOPPED, **denied, "requestParameters": None, "userIdentity": account}
    (row,) = _rows(as_event(record))
    assert (row["outcome"], row["user"]) == ("failure", "444455556666")
    assert not _rows(as_event({**record, "errorCode": "AccessDenied"}))


def test_a_cut_file_gives_nothing():
    (event,) = wrapped.log_file([STOPPED, STOPPED])
    assert not _rows(_text(event.raw[:-40]))


def test_a_shape_that_is_switched_off_is_never_taken_for_a_record():
    shipped = ShippedSearches(CLOUDTRAIL, settings={**EVERYTHING, "cloudtrail_shapes": "`cloudtrail_read_wrapped`"})
    assert not _rows(*SHAPES["OCSF 1.1.0"]([STOPPED]), shipped=shipped)
    assert _rows(*SHAPES["EventBridge"]([STOPPED]), shipped=shipped)
    shipped = ShippedSearches(CLOUDTRAIL, settings={**EVERYTHING, "cloudtrail_shapes": "search *"})
    for name in ("EventBridge", "log file", "CloudWatch Logs subscription", "OCSF 1.5.0"):
        assert not _rows(*SHAPES[name]([STOPPED]), shipped=shipped)
    assert _rows(*SHAPES["plain, with blanks"]([STOPPED]), shipped=shipped)


def test_the_add_ons_fields_change_nothing_in_other_shapes():
    poison = {"eventName": "Other", "errorCode": "AccessDenied", "cloudtrail_part": "x", "cloudtrail_record": "other"}
    for name in ("EventBridge", "log file", "OCSF 1.1.0"):
        (event,) = SHAPES[name]([STOPPED])
        assert _rows(_text(event.raw, fields=poison)) == _rows(_text(event.raw))


#: Values that a writer of JSON must take care of.
NASTY = [
    'a "quoted" one',
    "back\\slash",
    "line\nbreak",
    "~tilde~",
    "012345678901",
    "a=b=c",
    "null",
    "ünï ☃",
    '{"a":1}',
    "$x$",
]


@pytest.mark.parametrize("value", NASTY)
@pytest.mark.parametrize("shape", [name for name in PUBLISHED if name in OCSF])
def test_a_text_comes_back_from_ocsf_as_it_was(shape: str, value: str):
    record = {
        **STOPPED,
        "requestParameters": {"name": value},
        "userAgent": value,
        "additionalEventData": {"a": {"b": value}},
    }
    (row,) = _rows(*SHAPES[shape]([record]))
    (plain,) = _rows(as_event(record))
    empty = {"null", ""}
    assert {k: v for k, v in row.items() if v not in empty} == {k: v for k, v in plain.items() if v not in empty}


#: Names that a caller may give a tag.
ODD_NAMES = ["a\\", "a\\x", "\\1", "\\", 'a"b', "a\nb", "\t", "a\x1f", "\x7f", "a\n", "a~b", "a=b", "a.b", "[a]", "$x$"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
@pytest.mark.parametrize("shape", [name for name in PUBLISHED if name in OCSF])
def test_no_name_of_a_parameter_hides_a_call_from_ocsf(shape: str, name: str):
    odd = {**STOPPED, "requestParameters": {"name": "org-trail", "tags": {name: "x"}}}
    assert _rows(*SHAPES[shape]([odd])) == _rows(*SHAPES[shape]([STOPPED])) != []


# How base searches are widened


@pytest.mark.parametrize(("search", "words"), [
    ("eventSource=a.com eventName=X", "X"),
    ("eventSource=a.com", "a.com"),
    ("eventName IN (X, Y*) NOT userIdentity.type=Root", "(X OR Y*)"),
    ("NOT a=b NOT c IN (d, e)", None),
    ("(eventName=X OR NOT a=b)", None),
    ("(a=b c=d) OR e=f g=h", "((b d) OR f) h"),
    ("word* NOT x=y \"two words\"", 'word* "two words"'),
    ("a!=b c=*", None),
])  # fmt: skip
def test_the_words_of_a_base_search(search: str, words: str | None):
    assert base_search.of(search) == words


def test_a_subsearch_runs_once_for_all_shapes():
    lines = compiler.search_of(BY_ID["responder_role_used_outside_the_app"]).split("\n")
    assert [line.count("`cloudtrail_own_principal_terms`") for line in lines[:4]] == [1, 0, 0, 0]


@pytest.mark.parametrize("search", ["a IN (b", "a=", "(a=b", "a=b)"])
def test_a_base_search_that_cannot_be_read_stops_the_build(search: str):
    with pytest.raises(base_search.UnreadableBaseSearch):
        base_search.of(search)


@pytest.mark.parametrize("detection", CLOUDTRAIL, ids=lambda detection: detection.id)
def test_what_is_asked_again_are_fields_that_the_normalizing_macro_makes(detection: Detection):
    again = macros.expand(compiler.search_of(detection).split("\n")[3], ANYWHERE.knowledge)
    asked = {"eventName", "eventSource", "eventType", "errorCode", "readOnly", "sessionCredentialFromConsole"}
    inner = ("type", "accessKeyId", "invokedBy", "sessionContext.sessionIssuer.userName")
    made = asked | {f"userIdentity.{name}" for name in inner}
    normalizing = macros.expand("search x | `cloudtrail_normalize`", ANYWHERE.knowledge)
    assert all(f'spath(cloudtrail_part, "{name}")' in normalizing for name in made)
    assert set(re.findall(r"([\w.{}]+)(?:!?=| IN \()", again)) <= made | {"cloudtrail_record", "cloudtrail_shape"}
