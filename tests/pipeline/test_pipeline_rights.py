"""The rights of the pipeline: real actions, enough for a whole life, and no more than is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from responder.errors import NotPermitted
from responder.permission_sets import pipeline, pipeline_data, pipeline_reader
from responder.permission_sets.permission_set import PermissionSet
from responder.settings.model import Http

from sandbox.aws.server import ACCOUNT, AwsStandIn
from tests.aws.action_reference import wrong_permissions
from tests.aws.support import RecordingAws, account
from tests.aws.users import user_with
from tests.pipeline.site import Site, WatchedCalls
from tools import playbooks

DOCS = Path(__file__).resolve().parents[2] / "docs" / "iam" / "aws"
SETS = [pipeline.PERMISSION_SET, pipeline_reader.PERMISSION_SET, pipeline_data.PERMISSION_SET]
READER = {"reader": "arn:aws:iam::222222222222:role/splunk", "external_id": "ext-1"}


@pytest.fixture
def enforced(stand_in: AwsStandIn) -> Iterator[Callable[[], None]]:
    """Call it and every call needs the rights that policies give (by action, not by resource)."""
    yield stand_in.check_rights
    stand_in.check_rights(False)


def statements(*sets: PermissionSet) -> list[dict[str, Any]]:
    """As they are in the documentation."""
    return [one for each in sets for one in json.loads((DOCS / f"{each.id}.json").read_text())["Statement"]]


def granted(*sets: PermissionSet) -> list[dict[str, Any]]:
    """The same for one policy: IAM wants each name once."""
    return [{name: value for name, value in one.items() if name != "Sid"} for one in statements(*sets)]


@pytest.mark.parametrize("given", SETS, ids=lambda given: given.id)
def test_the_permissions_are_real_and_as_narrow_as_aws_allows(given: PermissionSet) -> None:
    assert wrong_permissions(given.permissions) == []


@pytest.mark.parametrize("given", SETS, ids=lambda given: given.id)
def test_no_two_statements_have_the_same_name(given: PermissionSet) -> None:
    """IAM refuses such a policy."""
    names = [one["Sid"] for one in statements(given)]
    assert len(names) == len(set(names))


def test_what_deletes_needs_the_pipelines_tag_where_aws_can_tell() -> None:
    deleting = [
        (action, one)
        for one in statements(*SETS)
        for action in one["Action"]
        if action.partition(":")[2].startswith(("Delete", "Schedule", "Remove"))
    ]
    without = {action for action, one in deleting if "Condition" not in one}
    assert {action for action in without if not action.startswith(("s3:", "iam:"))} == {"kms:DeleteAlias"}
    assert "sqs:DeleteQueue" in {action for action, _ in deleting} - without


def test_with_these_rights_alone_it_lives_a_whole_life_and_uses_each_of_them(
    site: Site, admin: Callable[..., Any], enforced: Callable[[], None]
) -> None:
    keys = user_with(admin, f"{site.stem}-user", *granted(*SETS))
    recording = RecordingAws(account(site.url, **keys), Http(read_timeout=60))
    site.aws, site.calls = recording, WatchedCalls(recording, site.moments)
    enforced()
    site.plan(**READER)
    site.apply(**READER)
    break_by_hand(site)
    site.apply(raw_delivery=True)
    assert site.problems() == []
    site.client("s3").put_object(Bucket=site.bucket, Key="x", Body=b"x")
    site.teardown(delete_data=True)
    site.apply(notifier="eventbridge", encryption="s3")
    site.teardown(delete_data=True)
    assert site.estate() == {}
    action_of = playbooks.action_of()
    used = {action_of(service, operation) for service, operation in recording.calls}
    declared = {one.action for each in SETS for one in each.permissions if not one.implied}
    assert used - declared <= {"sts:GetCallerIdentity"}
    assert declared - used == NOT_USED_HERE


#: What an organization's trail asks.
NOT_USED_HERE = {"organizations:DescribeOrganization"}


def break_by_hand(site: Site) -> None:
    """So that every kind of setting has to be changed."""
    (key,) = site.key_arns()
    nothing = json.dumps({"Version": "2012-10-17", "Statement": []})
    site.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=nothing)
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:{site.stem}"
    site.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="")
    url = site.client("sqs").get_queue_url(QueueName=site.stem)["QueueUrl"]
    site.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    site.client("cloudtrail").update_trail(Name=site.stem, EnableLogFileValidation=False)
    role = f"{site.stem}-reader-us-east-1"
    other = {"Effect": "Allow", "Principal": {"AWS": READER["reader"]}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [other]})
    site.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=trust)


def test_whoever_lacks_a_right_is_told_which_and_what_to_do(
    site: Site, admin: Callable[..., Any], enforced: Callable[[], None]
) -> None:
    allowed = [one for one in granted(pipeline.PERMISSION_SET) if "sqs:CreateQueue" not in one["Action"]]
    keys = user_with(admin, f"{site.stem}-user", *allowed)
    limited = Site(site.url, site.stem, **keys)
    enforced()
    with pytest.raises(NotPermitted) as denied:
        limited.apply()
    text = str(denied.value)
    assert "SQS queue" in text and "sqs:CreateQueue" in text and "Allow the credentials" in text and "\n" not in text
    assert keys["secret_access_key"].reveal() not in text
