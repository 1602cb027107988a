"""Playbook ``block_public_bucket``: the public is shut out, ACL and policy stay, and what was comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Optional

import pytest
from botocore.exceptions import ClientError
from responder.errors import InvalidFinding, NotFound, RefusedByGuardrail
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from tests.aws.support import Connected, stored

PLAYBOOK = registry.get("block_public_bucket")
BUCKET = "AWS::S3::Bucket"
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ALL_ON = dict.fromkeys(FLAGS, True)
HALF = {**ALL_ON, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
Find = Callable[..., Finding]


@pytest.fixture
def bucket(admin: Callable[..., Any], name: str) -> str:
    """A bucket open by ACL and by policy, with a tag."""
    s3 = admin("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_acl(Bucket=name, ACL="public-read")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "data", "Value": "secret"}]})
    return name


def block_of(admin: Callable[..., Any], bucket: str) -> Optional[dict[str, bool]]:
    try:
        answer = admin("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration"
        return None
    return {flag: answer[flag] for flag in FLAGS}


@pytest.mark.parametrize("before", [None, HALF, dict.fromkeys(FLAGS, False)], ids=["none", "half", "all off"])
def test_the_block_goes_on_and_what_was_comes_back(
    connected: Connected,
    admin: Callable[..., Any],
    bucket: str,
    finding: Find,
    before: Optional[dict[str, bool]],
) -> None:
    s3 = admin("s3")
    if before is not None:
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=before)
    acl, policy = s3.get_bucket_acl(Bucket=bucket)["Grants"], s3.get_bucket_policy(Bucket=bucket)["Policy"]
    found = finding(object_category=BUCKET, object_id=f"arn:aws:s3:::{bucket}")

    (change,) = map(stored, PLAYBOOK.plan(found, connected.aws, Safety()))
    assert change.resource == f"arn:aws:s3:::{bucket}"
    assert change.before["PublicAccessBlock"] == before and block_of(admin, bucket) == before
    assert change.before["PolicyIsPublic"] and json.loads(change.before["Policy"]) == json.loads(policy)
    assert [g["Permission"] for g in change.before["PublicGrants"]] == ["READ"]
    assert change.tags == {"data": "secret"}

    PLAYBOOK.apply(change, connected.aws)
    PLAYBOOK.apply(change, connected.aws)
    assert block_of(admin, bucket) == ALL_ON
    assert PLAYBOOK.verify(change, connected.aws).ok
    assert PLAYBOOK.plan(found, connected.aws, Safety()) == []
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"] == acl, "the ACL is evidence, not ours to destroy"
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == policy

    PLAYBOOK.undo(change, connected.aws)
    PLAYBOOK.undo(change, connected.aws)
    assert block_of(admin, bucket) == before
    assert PLAYBOOK.verify_undone(change, connected.aws).ok


def test_a_bare_bucket_needs_neither_policy_nor_tags(
    connected: Connected, admin: Callable[..., Any], name: str, finding: Find
) -> None:
    admin("s3").create_bucket(Bucket=name)
    (change,) = PLAYBOOK.plan(finding(object_id=name), connected.aws, Safety())
    assert change.before == {
        "PublicAccessBlock": None,
        "PublicGrants": [],
        "PolicyIsPublic": False,
        "Policy": None,
    }
    assert change.tags == {}


def test_a_website_does_not_go_dark(
    connected: Connected, admin: Callable[..., Any], bucket: str, finding: Find
) -> None:
    website = {"IndexDocument": {"Suffix": "index.html"}}
    admin("s3").put_bucket_website(Bucket=bucket, WebsiteConfiguration=website)
    with pytest.raises(RefusedByGuardrail, match="static website"):
        PLAYBOOK.plan(finding(object_id=bucket), connected.aws, Safety())


def test_the_owner_is_sent_with_every_call(connected: Connected, bucket: str, finding: Find) -> None:
    """AWS then refuses to touch a bucket of that name that somebody else owns."""
    sent = []
    events = connected.aws.client("s3", "us-east-1").meta.events
    events.register(
        "before-call", lambda params, **_: sent.append(params["headers"].get("x-amz-expected-bucket-owner"))
    )
    (change,) = PLAYBOOK.plan(finding(object_id=bucket), connected.aws, Safety())
    PLAYBOOK.apply(change, connected.aws)
    PLAYBOOK.verify(change, connected.aws)
    PLAYBOOK.undo(change, connected.aws)
    assert len(sent) == 9 and set(sent) == {"123456789012"}


def test_a_bucket_that_is_gone_is_not_found(connected: Connected, name: str, finding: Find) -> None:
    with pytest.raises(NotFound, match=name):
        PLAYBOOK.plan(finding(object_id=name), connected.aws, Safety())


@pytest.mark.parametrize("object_id", ["../etc", "a b", "arn:aws:sns:us-east-1:123456789012:topic", "x"])
def test_what_is_no_bucket_name_is_refused_before_any_call(connected: Connected, finding: Find, object_id: str) -> None:
    with pytest.raises(InvalidFinding):
        PLAYBOOK.plan(finding(object_id=object_id), connected.aws, Safety())
    assert connected.calls == []
