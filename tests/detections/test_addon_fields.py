"""Nothing that another app adds to an event at search time reaches a detection.

With the Splunk Add-on for AWS every event of CloudTrail has fields of names that searches use, too (``user``,
``user_arn``, ``command``), and of its own making: of a call about an IAM user, ``user`` is the one it is about.
Any other app may add any name. ``spath output=X`` leaves X alone where the path leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW, all_samples, as_records, event_of, events_of, of_each, searches
from ordinary_day import records

from spl import Event, MemoryEvents, macros, scanner
from workbench.detections import compile as compiler
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches, as_event, with_addon

BY_ID = {detection.id: detection for detection in DETECTIONS}
KNOWLEDGE = ShippedSearches(DETECTIONS).knowledge
DOOR = "`cloudtrail_drop_extracted_fields`"
ACCOUNT = "111122223333"
MARA = {
    "type": "IAMUser", "principalId": "AIDAEXAMPLE1", "arn": f"arn:aws:iam::{ACCOUNT}:user/mara",
    "accountId": ACCOUNT, "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "mara",
}  # fmt: skip
ANN = {
    "type": "AssumedRole", "principalId": "AROAEXAMPLE1:ann", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ann",
    "accountId": ACCOUNT, "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "ops", "arn": f"arn:aws:iam::{ACCOUNT}:role/ops"}},
}  # fmt: skip
RECORD = {
    "eventVersion": "1.11", "userIdentity": MARA, "eventTime": "2025-03-04T05:06:07Z",
    "eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "awsRegion": "eu-west-1",
    "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.15", "requestParameters": {"name": "org-trail"},
    "responseElements": None, "requestID": "r-1", "eventID": "11111111-2222-4333-8444-555555555555",
    "readOnly": False, "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": ACCOUNT,
    "eventCategory": "Management",
}  # fmt: skip


def _iam(name: str, identity: Mapping[str, Any] = MARA, **more: Any) -> dict[str, Any]:
    return {**RECORD, "eventSource": "iam.amazonaws.com", "eventName": name, "userIdentity": identity, **more}


def _sts(name: str, identity: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return _iam(name, identity, **{"eventSource": "sts.amazonaws.com", **more})


def _rows(name: str, record: Mapping[str, Any], lookups: Any = None) -> list[dict[str, Any]]:
    """Rows of a detection where the add-on is installed."""
    events = MemoryEvents([with_addon(as_event(dict(record)))])
    return ShippedSearches(DETECTIONS, lookups=lookups or {}).rows(name, events, NOW)[1]


# What leaked


def test_whoever_sets_a_password_is_named_and_not_the_user_it_is_for():
    asked = {"userName": "victim", "passwordResetRequired": False}
    answered = {"loginProfile": {"userName": "victim", "createDate": "Mar 4, 2025"}}
    record = _iam("CreateLoginProfile", ANN, requestParameters=asked, responseElements=answered)
    (row,) = _rows("iam_login_profile_set", record)
    assert row["reason"] == "ops set a console password for user victim"
    assert (row["user"], row["user_type"]) == ("ops", "AssumedRole")


def test_an_outside_account_is_not_excused_by_the_role_it_assumes():
    role = f"arn:aws:iam::{ACCOUNT}:role/deployer"
    outside = {"type": "AWSAccount", "principalId": "AIDAEXAMPLE2", "accountId": "444455556666"}
    record = _sts("AssumeRole", outside, requestParameters={"roleArn": role, "roleSessionName": "s"})
    week = [
        {"detection": "role_assumed_by_new_account", "subject": ACCOUNT, "value": "777788889999",
         "first_seen": str(1741064767 - 20 * 86400), "last_seen": str(1741064767 - 86400)}
    ]  # fmt: skip
    lists = {
        "responder_automation_roles": [{"role": role, "max_severity": "critical"}, {"role": "deployer"}],
        "responder_first_seen": week,
    }
    (row,) = _rows("role_assumed_by_new_account", record, lists)
    assert (row["object_id"], row.get("user_arn")) == (role, None)


# Every search


#: What a search makes, each name of it: what an app could have made before.
_MADE = re.compile(r"\b(?:output=|AS |prefix=located_)(\w+)|\?<(\w+)>|(?<![\w'.!<>=])([a-z]\w*)=(?!=)")
#: Splunk's own fields, and what the search is for: an app that changes those has changed the event.
_NOT_TO_BE_MADE = {"index", "source", "sourcetype", "host"}


@cache
def _names_made(name: str) -> frozenset[str]:
    later = macros.expand(compiler.search_of(BY_ID[name]), KNOWLEDGE).partition("|")[2]
    return frozenset({name for found in _MADE.findall(later) for name in found if name} - _NOT_TO_BE_MADE)


def _poisoned(event: Event, names: frozenset[str]) -> Event:
    extracted = event.extracted
    fields = {name: "poison" for name in names if name not in extracted}
    return Event(
        event.raw, event.time, event.index, event.sourcetype, event.source, event.host, event.indextime, fields
    )


@pytest.mark.parametrize(("detection", "sample"), all_samples())
def test_a_sample_gives_the_same_with_the_addon_and_with_any_name_taken(
    detection: Detection, sample: Mapping[str, Any]
):
    events, names, shipped = events_of(sample), _names_made(detection.id), searches(sample)
    assert len(names) > 10
    plain, with_fields, with_names = (
        shipped.rows(detection.id, MemoryEvents(seen), NOW)[1]
        for seen in (events, map(with_addon, events), [_poisoned(event, names) for event in events])
    )
    assert with_fields == plain
    assert with_names == plain


@of_each
def test_every_search_and_its_baseline_pass_the_same_door_first(detection: Detection):
    compiled = [compiler.search_of(detection)]
    if detection.baseline:
        compiled.append(compiler.baseline_search(detection)["search"])
    for text in compiled:
        base, door = text.splitlines()[:2]
        assert door == f"| {DOOR}" and "|" not in base
        expanded = scanner.pipeline(macros.expand(text, KNOWLEDGE))[1]
        assert expanded.name == "fields"
        kept = {"_raw", "_time", "_indextime", "index", "source", "sourcetype", "host"}
        assert set(re.split(r"[\s,]+", expanded.arguments.strip())) == kept


#: Fields of a record that no shipped app makes anew, or, of errorCode, keeps where it says anything.
_SAFE = re.compile(
    r"(index|sourcetype|eventSource|eventName|eventType|readOnly|sessionCredentialFromConsole|userIdentity\.[\w.]+)"
)


@of_each
def test_what_comes_before_the_door_holds_with_the_addon(detection: Detection):
    base = macros.expand(compiler.search_of(detection), KNOWLEDGE).partition("|")[0]
    for name, wanted in re.findall(r"([\w.{}]+)(?:=| IN )(\([^)]*\)|\S+)", base):
        if name == "errorCode":
            assert not re.search(r"success|=\*", wanted), "the add-on computes an errorCode for every event"
            assert not re.search(r"NOT\s+errorCode", base)
        else:
            assert _SAFE.fullmatch(name), name


def test_a_day_gives_the_same_with_the_addon():
    events = [as_event(record) for record in records(3)[:500]]
    plain = ShippedSearches().findings(events, now=NOW)
    assert ShippedSearches(addon=True).findings(events, now=NOW) == plain


# The model of the add-on

ADDED = {
    "a user": (RECORD, {
        "errorCode": "success", "msg": "success", "user_arn": MARA["arn"], "vendor_account": ACCOUNT,
        "aws_account_id": ACCOUNT, "user_group_id": ACCOUNT, "region": "eu-west-1", "vendor_region": "eu-west-1",
        "src": "198.51.100.7", "src_ip": "198.51.100.7", "command": "StopLogging", "signature": "StopLogging",
        "app": "AwsApiCall", "dvc": "cloudtrail.amazonaws.com", "userName": "mara", "src_user": "mara",
        "object_category": "unknown", "user": "mara", "user_name": "mara", "user_id": None, "user_type": "IAMUser",
        "dest": "cloudtrail.amazonaws.com", "action": None, "status": None, "change_type": None, "object": None,
        "object_id": None, "reason": None, "result": None, "result_id": None, "desc": None, "protocol": None,
        "rule_action": None,
    }),
    "a role": ({**RECORD, "userIdentity": ANN}, {"user": None, "user_name": "ops", "user_type": "AssumedRole"}),
    "root": (
        {**RECORD, "userIdentity": {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}},
        {"user": None, "user_name": "root", "user_type": "Root"},
    ),
    "a new user": (
        _iam("CreateUser", responseElements={"user": {"userName": "new", "userId": "AIDANEW"}}),
        {"user": "new", "user_name": "new", "user_id": "AIDANEW", "user_type": None, "object": "new"},
    ),
    "a role assumed": (
        _sts("AssumeRole", MARA, requestParameters={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/ops"}, responseElements={
            "assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/s", "assumedRoleId": "AROAX:s"}}),
        {"user": "s", "user_name": "mara", "user_id": "AROAX", "user_type": "ops"},
    ),
    "denied": (
        _iam("GetUser", errorCode="AccessDenied", errorMessage="User: x is not authorized on resource: user bob"),
        {"user": "bob", "user_name": "bob", "user_id": None, "user_type": None, "object": "bob"},
    ),
    "a failed sign-in": (
        {**RECORD, "eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"}},
        {"errorCode": "failure", "msg": "success"},
    ),
    "an outside account": (
        _sts("AssumeRole", {"type": "AWSAccount", "accountId": "444455556666"},
             requestParameters={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/ops"}),
        {"user_arn": f"arn:aws:iam::{ACCOUNT}:role/ops", "vendor_account": "444455556666", "aws_account_id": ACCOUNT},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("record", "added"), ADDED.values(), ids=list(ADDED))
def test_the_addon_adds_what_its_own_configuration_says(record: dict[str, Any], added: dict[str, Any]):
    event = with_addon(as_event(record))
    assert {name: event.get(name) for name in added} == added
    assert event.get("eventName") == record["eventName"]


def test_the_addon_adds_fields_to_flow_logs_and_takes_other_files_for_access_logs():
    line = "2 111122223333 eni-0a 198.51.100.7 10.0.0.5 40000 22 6 10 840 1741064767 1741064800 ACCEPT OK"
    flow = with_addon(event_of(line))
    wanted = {
        "src_ip": "198.51.100.7", "dest_ip": "10.0.0.5", "dest_port": "22", "vendor_account": ACCOUNT,
        "region": "eu-central-1", "action": "allowed", "transport": "tcp", "user_id": ACCOUNT,
    }  # fmt: skip
    assert {name: flow.get(name) for name in wanted} == wanted
    query = Event('{"query_name": "example.com.", "user": "x", "status": "y"}', 0.0, "main", "aws:s3")
    assert (with_addon(query).get("user"), with_addon(query).get("query_name")) == (None, "example.com.")


def test_the_addon_adds_nothing_to_what_it_has_no_source_type_for():
    (detection,) = (one for one in DETECTIONS if one.id == "watched_domain_queried")
    event = event_of(as_records(detection.samples()[0])[0])
    assert with_addon(event) is event
