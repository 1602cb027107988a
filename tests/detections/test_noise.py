"""Exceptions: the lists that people keep (docs/noise.md), applied at the shared end of every search."""

from __future__ import annotations

import copy
import re
import time
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW, as_records, events_of, of_each, searches
from responder.remediation import registry

from spl import MemoryEvents, search
from workbench.detections import compile as compiler
from workbench.replay import ShippedSearches, as_event

BY_ID = {detection.id: detection for detection in DETECTIONS}
ACCOUNT = "111122223333"
LATER, EARLIER = str(NOW + 60), str(NOW - 60)
ROLE = "arn:aws:iam::111122223333:role/terraform"
SESSION = "arn:aws:sts::111122223333:assumed-role/terraform/run-17"
Lookups = dict[str, list[dict[str, str]]]


def _first(name: str) -> dict[str, Any]:
    return copy.deepcopy(BY_ID[name].samples()[0]["events"][0])


def _by_role(name: str, arn: str = SESSION, **changes: Any) -> dict[str, Any]:
    """The first sample of a detection, done by a role session."""
    role = arn.split("/")[1]
    issuer = {"type": "Role", "userName": role, "arn": f"arn:aws:iam::{ACCOUNT}:role/ci/{role}"}
    identity = {"type": "AssumedRole", "arn": arn, "accountId": ACCOUNT, "accessKeyId": "ASIAIOSFODNN7EXAMPLE"}
    return {**_first(name), "userIdentity": {**identity, "sessionContext": {"sessionIssuer": issuer}}, **changes}


def _rows(name: str, records: list[dict[str, Any]], lookups: Lookups) -> list[dict[str, Any]]:
    events = MemoryEvents([as_event(record) for record in records])
    return ShippedSearches(DETECTIONS, lookups=lookups).rows(name, events, NOW)[1]


def _principals(*entries: dict[str, str]) -> Lookups:
    return {"responder_allowed_principals": list(entries)}


# Principals


@pytest.mark.parametrize(
    "pattern",
    [
        SESSION,
        "arn:aws:sts::*:assumed-role/terraform/*",
        ROLE,
        "arn:aws:iam::111122223333:role/ci/terraform",
        "terraform",
        "TERRA*",
        "ASIAIOSFODNN7EXAMPLE",
        "*",
    ],
)
def test_a_principal_is_excepted_by_any_of_its_names(pattern: str):
    assert _rows("trail_deleted", [_by_role("trail_deleted")], _principals({"principal": pattern})) == []


@pytest.mark.parametrize(
    "pattern",
    [
        "terra",
        "run-17",
        "arn:aws:iam::444455556666:role/terraform",
        "arn:aws:iam::111122223333:role/ci/*",
        "arn:aws:iam::111122223333:user/terraform",
        ".*",
        "terrafor.",
        "x|terraform",
        "terraform$)",
        "-",
        "",
    ],
)
def test_a_principal_is_not_excepted_by_another_name(pattern: str):
    assert len(_rows("trail_deleted", [_by_role("trail_deleted")], _principals({"principal": pattern}))) == 1


def test_a_name_that_the_caller_chooses_excepts_nobody():
    stolen = "arn:aws:sts::111122223333:federated-user/terraform"
    federated = {**_first("trail_deleted"), "userIdentity": {"type": "FederatedUser", "arn": stolen}}
    session = _by_role("trail_deleted", "arn:aws:sts::111122223333:assumed-role/other/terraform")
    for record in (federated, session):
        assert len(_rows("trail_deleted", [record], _principals({"principal": "terraform"}))) == 1


ANA, SSO_ROLE = "ana.lopez@example.com", "AWSReservedSSO_Admin_0123456789abcdef"
RESERVED = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO_ROLE}"


def _by_person(name: str, issuer: str | None, **changes: Any) -> dict[str, Any]:
    """The first sample of a detection, done in a session that looks like Identity Center's."""
    record = _by_role(name, f"arn:aws:sts::{ACCOUNT}:assumed-role/{SSO_ROLE}/{ANA}", **changes)
    record["userIdentity"]["sessionContext"]["sessionIssuer"] = {"type": "Role", "userName": SSO_ROLE, "arn": issuer}
    if issuer is None:
        del record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]
    return record


@pytest.mark.parametrize(
    "pattern",
    [ANA, "*@example.com", SSO_ROLE, "AWSReservedSSO_Admin_*", RESERVED, "arn:aws:sts::*:assumed-role/*/ana.lopez@*"],
)
def test_a_person_in_identity_center_is_excepted_by_user_name_and_by_role(pattern: str):
    record = _by_person("trail_deleted", RESERVED)
    assert _rows("trail_deleted", [record], _principals({"principal": pattern})) == []


@pytest.mark.parametrize("issuer", [f"arn:aws:iam::{ACCOUNT}:role/{SSO_ROLE}", None])
def test_a_session_of_a_role_that_only_looks_like_identity_center_excepts_nobody(issuer: str | None):
    record = _by_person("trail_deleted", issuer)
    assert len(_rows("trail_deleted", [record], _principals({"principal": ANA}))) == 1
    assert _rows("trail_deleted", [record], _principals({"principal": SSO_ROLE})) == [], "a role on the list"


def test_a_person_is_excepted_in_grouped_searches_and_nobody_beside_them():
    name, region = "account_active_in_new_region", "ap-northeast-1"
    known = [
        {"detection": name, "subject": ACCOUNT, "value": "eu-central-1", "first_seen": "1", "last_seen": "9999999999"}
    ]
    lists = {**_principals({"principal": ANA}), "responder_first_seen": known}
    person = _by_person(name, RESERVED, awsRegion=region, eventTime="2025-03-04T09:00:00Z", eventID="earlier")
    thief = {**_first(name), "awsRegion": region, "eventTime": "2025-03-04T10:00:00Z", "eventID": "later"}
    assert len(_rows(name, [person], {"responder_first_seen": known})) == 1
    assert _rows(name, [person], lists) == []
    assert len(_rows(name, [person, thief], lists)) == 1


@pytest.mark.parametrize("kind", ["SAMLUser", "WebIdentityUser", "FederatedUser"])
def test_a_name_that_an_identity_provider_chooses_excepts_nobody(kind: str):
    record = {**_first("trail_deleted"), "userIdentity": {"type": kind, "userName": "terraform"}}
    assert len(_rows("trail_deleted", [record], _principals({"principal": "terraform"}))) == 1


def test_an_expired_entry_excepts_nobody():
    record = _by_role("trail_deleted")
    assert len(_rows("trail_deleted", [record], _principals({"principal": "terraform", "expires": EARLIER}))) == 1
    assert _rows("trail_deleted", [record], _principals({"principal": "terraform", "expires": LATER})) == []
    assert _rows("trail_deleted", [record], _principals({"principal": "terraform", "expires": "0"})) == []
    assert _rows("trail_deleted", [record], _principals({"principal": "terraform", "expires": ""})) == []


@pytest.mark.parametrize(
    ("expires", "until"), [('""', 0.0), ("null()", 0.0), ('"0"', 0.0), ("1577836800", 1577836800.0)]
)
def test_an_empty_text_means_never_as_no_value_does(expires: str, until: float):
    """The interpreter leaves empty cells out; what Splunk's outputlookup keeps of them is undocumented."""
    knowledge = ShippedSearches(DETECTIONS).knowledge
    spl = f"| makeresults | eval expires={expires} | eval until=`cloudtrail_expiry`"
    (row,) = search(spl, events=MemoryEvents([]), knowledge=knowledge, now=NOW).rows
    assert float(str(row["until"])) == until


@pytest.mark.parametrize("expires", ["2099-12-31", "never", " "])
def test_an_expiry_that_is_no_number_excuses_nothing(expires: str):
    entry = {"principal": "terraform", "expires": expires}
    assert len(_rows("trail_deleted", [_by_role("trail_deleted")], _principals(entry))) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_entries_one_in_force_is_enough(order: int):
    entries = [{"principal": "terra*", "expires": EARLIER}, {"principal": "terraform"}][::order]
    assert _rows("trail_deleted", [_by_role("trail_deleted")], _principals(*entries)) == []


@pytest.mark.parametrize(("detection", "found"), [("trail_deleted", 0), ("trail_*", 0), ("trail_logging_*", 1)])
def test_an_entry_may_be_for_some_detections_only(detection: str, found: int):
    entry = {"principal": "terraform", "detection": detection}
    assert len(_rows("trail_deleted", [_by_role("trail_deleted")], _principals(entry))) == found


def test_an_exception_does_not_hide_the_same_call_by_another_principal():
    thief = _first("s3_public_access_block_removed")
    allowed = _by_role("s3_public_access_block_removed", eventTime="2025-03-04T11:00:00Z", eventID="later")
    (row,) = _rows("s3_public_access_block_removed", [thief, allowed], _principals({"principal": "terraform"}))
    assert (row["user_arn"], row["event_count"]) == (thief["userIdentity"]["arn"], "1")


@of_each
def test_every_detection_applies_the_list_of_allowed_principals(detection: Any):
    sample = detection.samples()[0]
    events = MemoryEvents(events_of(sample))
    before = searches(sample).rows(detection.id, events, NOW)[1]
    for pattern, kept in (("*", []), ("somebody-else", before)):
        lists = {**sample.get("lookups", {}), **_principals({"principal": pattern})}
        assert searches({**sample, "lookups": lists}).rows(detection.id, events, NOW)[1] == kept


# Automation


@pytest.mark.parametrize(
    ("name", "max_severity", "found"),
    [
        ("s3_public_access_block_removed", "", 1),
        ("s3_public_access_block_removed", "high", 0),
        ("s3_public_access_block_removed", "medium", 1),
        ("trail_deleted", "high", 1),
        ("trail_deleted", "critical", 0),
    ],
)
def test_an_automation_role_is_excepted_up_to_a_severity(name: str, max_severity: str, found: int):
    lists = {"responder_automation_roles": [{"role": "terraform", "max_severity": max_severity}]}
    assert len(_rows(name, [_by_role(name)], lists)) == found


def test_without_a_severity_an_automation_role_is_excepted_up_to_medium():
    lists = {"responder_automation_roles": [{"role": "terraform"}]}
    bucket = "s3_public_access_block_removed"
    settings = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False}
    asked = {"bucketName": "customer-data", "PublicAccessBlockConfiguration": settings}
    medium = _by_role(bucket, eventName="PutBucketPublicAccessBlock", requestParameters=asked)
    assert [row["severity"] for row in _rows(bucket, [medium], {})] == ["medium"]
    assert _rows(bucket, [medium], lists) == []


@pytest.mark.parametrize(
    "name",
    [
        "many_secrets_read",
        "people_locked_out",
        "many_instances_launched",
        "backups_or_volumes_deleted_in_bulk",
        "rds_restored_aside",
    ],
)
def test_one_call_from_home_does_not_speak_for_those_beside_it(name: str):
    home: Lookups = {"responder_allowed_networks": [{"cidr": "198.51.100.0/24"}]}
    who = _by_role(name)["userIdentity"]
    calls = [{**record, "userIdentity": who} for record in as_records(BY_ID[name].samples()[0])]
    for number in range(len(calls) + 1):
        made = [{**call, "sourceIPAddress": "203.0.113.9"} for call in calls[:number]]
        made += [{**call, "sourceIPAddress": "198.51.100.7"} for call in calls[number:]]
        assert [row["severity"] for row in _rows(name, made, home)] == ["high" if number else "medium"], number


# Buckets


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([{"bucket": "customer-*"}], 0),
        ([{"bucket": "customer-data", "expires": EARLIER}], 1),
        ([{"bucket": "customer-*", "expires": EARLIER}, {"bucket": "*-data"}], 0),
        ([{"bucket": "customer-*", "expires": EARLIER}, {"bucket": "*-data", "expires": EARLIER}], 1),
        ([{"bucket": "customer-*", "expires": ""}], 0),
        ([{"bucket": "customer-*", "expires": "2099-12-31"}], 1),
        ([{"bucket": "www-*"}], 1),
    ],
)
@pytest.mark.parametrize("name", ["s3_public_access_block_removed", "s3_bucket_policy_made_public"])
def test_a_bucket_on_the_list_may_be_public(name: str, entries: list[dict[str, str]], found: int):
    assert len(_rows(name, [_first(name)], {"responder_public_buckets": entries})) == found


def test_a_publicly_writable_bucket_is_found_even_if_the_public_may_read_it():
    record = _first("s3_bucket_acl_made_public")
    lists = {"responder_public_buckets": [{"bucket": "*"}]}
    for acl, found in (("public-read", 0), ("public-read-write", 1)):
        asked = {"bucketName": "www", "x-amz-acl": acl}
        assert len(_rows("s3_bucket_acl_made_public", [{**record, "requestParameters": asked}], lists)) == found


# Accounts


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([{"account_id": "444455556666", "expires": LATER}], 0),
        ([{"account_id": "444455556666", "expires": EARLIER}], 1),
        ([{"account_id": "444455556666", "expires": EARLIER}, {"account_id": "444455556666"}], 0),
        ([{"account_id": "444455556666", "expires": ""}], 0),
        ([{"account_id": "444455556666", "expires": "2099-12-31"}], 1),
        ([{"account_id": "777788889999"}], 1),
        ([], 1),
    ],
)
@pytest.mark.parametrize("name", ["s3_bucket_shared_with_outside_account"])
def test_sharing_with_a_trusted_account_is_no_finding(name: str, entries: list[dict[str, str]], found: int):
    assert len(_rows(name, [_first(name)], {"responder_trusted_accounts": entries})) == found


@of_each
def test_a_search_that_knows_our_accounts_knows_trusted_ones_too(detection: Any):
    assert "lookup responder_accounts" not in detection.search, "use cloudtrail_known_account"


# Ourselves

OWN = "arn:aws:sts::111122223333:assumed-role/Responder/cloudtrail-responder"
OWN_LISTS = {"responder_own_principals": [{"own_principal": OWN, "account_id": ACCOUNT}]}


def test_what_the_responder_does_is_no_finding():
    record = _by_role("trail_logging_stopped", OWN)
    assert len(_rows("trail_logging_stopped", [record], {})) == 1
    assert _rows("trail_logging_stopped", [record], OWN_LISTS) == []


def test_the_responder_is_not_excepted_for_calls_that_no_playbook_makes():
    assert len(_rows("iam_user_created", [_by_role("iam_user_created", OWN)], OWN_LISTS)) == 1


def test_every_call_of_a_playbook_is_known_as_our_own():
    known = ShippedSearches(DETECTIONS).knowledge.macro("cloudtrail_own_calls")
    assert known is not None
    calls = {p.action.partition(":")[2] for book in registry.every() for p in book.permissions}
    assert [call for call in sorted(calls) if not re.search(known["definition"].strip('"'), call)] == []


# Speed


def test_the_lists_do_not_slow_a_search_down():
    record = _by_role("trail_deleted")
    records = [{**record, "eventID": f"event-{n}"} for n in range(400)]

    def cost(entries: int) -> float:
        lists = _principals(*({"principal": f"pipeline-{n}-*"} for n in range(entries)))
        started = time.process_time()
        (row,) = _rows("trail_deleted", records, lists)
        assert row["event_count"] == "400"
        return time.process_time() - started

    cost(0)
    assert min(cost(50) for _ in range(3)) < 5 * min(cost(1) for _ in range(3)), "fifty times as many"


def test_exceptions_apply_before_rows_are_grouped():
    for detection in DETECTIONS:
        text = compiler.search_of(detection)
        assert f"| `cloudtrail_apply_exceptions({detection.id})`" in text.partition("| `cloudtrail_group")[0]
