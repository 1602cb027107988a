"""Records in all the shapes that CloudTrail has: who, where and what is read from each of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from proof_site import ACCOUNT, KEY, MALLORY, Site, finding, record
from responder.findings.proof import Contradicted, Missing, Proved, Unprovable

OTHER = "444455556666"
TRAIL = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/org-trail"
ROLE, SESSION = f"arn:aws:iam::{ACCOUNT}:role/ops", f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ann"
SESSION_KEY = "ASIAIOSFODNN7EXAMPLE"

SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # what the record has: (fields of the record, fields of the finding)
    "a trail by name, found by ARN": ({}, {"object_id": TRAIL}),
    "a trail by ARN, found by name": ({"requestParameters": {"name": TRAIL}}, {}),
    "a trail by ARN, found by ARN": ({"requestParameters": {"name": TRAIL}}, {"object_id": TRAIL}),
    "no recipientAccountId, as before 2014": ({"recipientAccountId": None}, {}),
    "no account of the caller": (
        {"userIdentity": {"type": "AWSService", "invokedBy": "x"}},
        {"user_arn": "", "access_key_id": ""},
    ),
    "a caller of another account, who is not named": (
        {"userIdentity": {"type": "AWSAccount", "accountId": OTHER, "principalId": "AROAEXAMPLE:session"}},
        {"user_arn": "", "access_key_id": ""},
    ),
    "a role session, found by its own ARN": (
        {
            "userIdentity": {
                "type": "AssumedRole",
                "arn": SESSION,
                "accountId": ACCOUNT,
                "accessKeyId": SESSION_KEY,
                "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE, "userName": "ops"}},
            }
        },
        {"user_arn": SESSION, "access_key_id": SESSION_KEY},
    ),
    "a role session, found by the role": (
        {
            "userIdentity": {
                "type": "AssumedRole",
                "arn": SESSION,
                "accountId": ACCOUNT,
                "accessKeyId": SESSION_KEY,
                "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE, "userName": "ops"}},
            }
        },
        {"user_arn": ROLE, "access_key_id": SESSION_KEY, "object_id": ROLE},
    ),
    "root": (
        {
            "userIdentity": {
                "type": "Root",
                "arn": f"arn:aws:iam::{ACCOUNT}:root",
                "accountId": ACCOUNT,
                "accessKeyId": "",
            }
        },
        {"user_arn": f"arn:aws:iam::{ACCOUNT}:root", "access_key_id": ""},
    ),
    "the resource only in resources": (
        {
            "requestParameters": None,
            "resources": [{"ARN": TRAIL, "accountId": ACCOUNT, "type": "AWS::CloudTrail::Trail"}],
        },
        {"object_id": TRAIL},
    ),
    "a bucket with its objects in resources": (
        {
            "eventSource": "s3.amazonaws.com",
            "requestParameters": {"bucketName": "files", "Host": "files.s3.amazonaws.com"},
            "resources": [
                {"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::files/"},
                {"accountId": ACCOUNT, "ARN": "arn:aws:s3:::files"},
            ],
        },
        {"object_id": "arn:aws:s3:::files"},
    ),
    "a new key in the response": (
        {
            "eventSource": "iam.amazonaws.com",
            "responseElements": {"accessKey": {"accessKeyId": "AKIANEW", "userName": "bob"}},
        },
        {"object_id": "AKIANEW"},
    ),
    "a user by name, found by an ARN with a path": (
        {"eventSource": "iam.amazonaws.com", "requestParameters": {"userName": "bob"}},
        {"object_id": f"arn:aws:iam::{ACCOUNT}:user/team/bob"},
    ),
    "an alarm, whose service CloudTrail calls monitoring": (
        {"eventSource": "monitoring.amazonaws.com", "requestParameters": {"alarmNames": ["root-used"]}},
        {"object_id": f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:root-used"},
    ),
    "one member instead of a list of them": (
        {"requestParameters": {"FlowLogId": {"content": "fl-1", "tag": 1}}},
        {"object_id": "fl-1"},
    ),
    "a number": ({"requestParameters": {"ruleNumber": 100}}, {"object_id": "100"}),
    "empty things": ({"requestParameters": {"name": "org-trail", "ipv6Ranges": {}, "acl": [""], "policy": ""}}, {}),
    "the caller as the resource, by key": ({"requestParameters": None}, {"object_id": KEY}),
    "the caller as the resource, by ARN": ({"requestParameters": None}, {"object_id": MALLORY}),
    "the caller as the resource, by name": (
        {"requestParameters": None},
        {"object_id": "mallory", "object_category": "AWS::IAM::User"},
    ),
    "the caller as the resource, of a call that was refused": (
        {"errorCode": "AccessDenied", "requestParameters": None},
        {"object_id": KEY},
    ),
    "letters of any script": (
        {"requestParameters": {"name": "tr\u00e4il \U0001f98a"}},
        {"object_id": "tr\u00e4il \U0001f98a"},
    ),
}


@pytest.mark.parametrize(("fields", "claimed"), SHAPES.values(), ids=SHAPES)
def test_a_record_of_any_shape_proves_what_it_says(site: Site, fields: dict[str, Any], claimed: dict[str, Any]) -> None:
    as_aws_writes_it = json.dumps(record(1, **fields), separators=(",", ":"), ensure_ascii=False)
    as_the_add_on_writes_it = json.dumps(record(2, **fields))
    site.index(as_aws_writes_it, as_the_add_on_writes_it)
    assert site.prove(finding(1, **claimed)) == site.prove(finding(2, **claimed)) == Proved(1)


def test_a_record_of_a_hundred_kilobytes_is_read_to_its_end(site: Site) -> None:
    policy = {"Statement": [{"Sid": f"s{number}", "Effect": "Deny"} for number in range(3_000)]}
    site.index(record(requestParameters={"policy": policy, "name": "org-trail"}))
    assert site.prove() == Proved(1)


FOREIGN: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a resource that the record says belongs to another account": (
        {
            "requestParameters": {"bucketName": "files"},
            "resources": [{"ARN": "arn:aws:s3:::files", "accountId": OTHER}],
        },
        {"object_id": "files"},
        "account of the resource",
    ),
    "a caller of another account as the resource": (
        {"userIdentity": {**record()["userIdentity"], "accountId": OTHER}},
        {"object_id": KEY},
        "account of the resource",
    ),
    "the same name in another service": (
        {"eventSource": "s3.amazonaws.com", "requestParameters": {"bucketName": "org-trail"}},
        {"object_id": TRAIL},
        "object_id",
    ),
    "the same name in another region": ({}, {"object_id": TRAIL.replace("eu-west-1", "us-east-1")}, "object_id"),
    "the same name in another account": ({}, {"object_id": TRAIL.replace(ACCOUNT, OTHER)}, "object_id"),
    "the name of another account's resource": (
        {"requestParameters": {"name": TRAIL.replace(ACCOUNT, OTHER)}},
        {},
        "object_id",
    ),
    "a call that was refused": ({"errorCode": "AccessDenied"}, {}, "object_id"),
    "a call that failed": ({"errorCode": "TrailNotFoundException"}, {}, "object_id"),
    "the name of a parameter": ({"requestParameters": {"org-trail": "x"}}, {}, "object_id"),
    "a mention in a longer text": ({"requestParameters": {"name": "not org-trail"}}, {}, "object_id"),
    "the name of the caller, which is not the thing that is meant": (
        {"requestParameters": None},
        {"object_id": "mallory", "object_category": "AWS::S3::Bucket"},
        "object_id",
    ),
    "a mention by the caller": ({"requestParameters": None, "userAgent": "org-trail"}, {}, "object_id"),
}


@pytest.mark.parametrize(("fields", "claimed", "what"), FOREIGN.values(), ids=FOREIGN)
def test_a_record_does_not_prove_a_resource_by(
    site: Site, fields: dict[str, Any], claimed: dict[str, Any], what: str
) -> None:
    site.index(record(**fields))
    verdict = site.prove(finding(**claimed))
    assert isinstance(verdict, Contradicted) and verdict.what == what


ODD: list[Any] = [None, [], {}, "", 5, True, ["x"], {"a": {"b": []}}, [[[]]], [None, {"ARN": None}, {"ARN": 5}]]


@pytest.mark.parametrize(
    "name",
    ["userIdentity", "requestParameters", "responseElements", "resources", "eventSource", "awsRegion", "errorCode"],
)
def test_no_record_whatever_ends_a_proof(site: Site, name: str) -> None:
    site.index(*(json.dumps({**record(number), name: odd}) for number, odd in enumerate(ODD)))
    verdicts = [site.prove(finding(number)) for number in range(len(ODD))]
    assert all(isinstance(verdict, (Proved, Contradicted, Missing, Unprovable)) for verdict in verdicts)
