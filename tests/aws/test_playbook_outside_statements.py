"""Playbooks that take outsiders out of resource policies: which statements and principals go, and what stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import Curable, InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.policy_documents import lines, parsed
from responder.remediation import registry
from responder.remediation.model import KEY_OF_WRITE, TIME_OF_WRITE
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws import policies
from tests.aws.support import FaultyAws, Tasks, account

BUCKETS = registry.get("remove_outside_bucket_statements")
KEYS = registry.get("remove_outside_key_statements")
PARTNER = "777788889999"
Admin = Callable[..., Any]
Find = Callable[..., Finding]


def allow(sid: str, principal: Any, name: str, **more: Any) -> dict[str, Any]:
    base = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}
    return {**base, "Resource": f"arn:aws:s3:::{name}/*", **more}


def root(of: str) -> str:
    return f"arn:aws:iam::{of}:root"


@pytest.fixture
def bucket(admin: Admin, name: str) -> Callable[..., str]:
    def make(*statements: dict[str, Any]) -> str:
        admin("s3").create_bucket(Bucket=name)
        admin("s3").put_bucket_policy(Bucket=name, Policy=policies.policy(*statements))
        return name

    return make


def sids(admin: Admin, name: str) -> list[str]:
    return [one["Sid"] for one in json.loads(admin("s3").get_bucket_policy(Bucket=name)["Policy"])["Statement"]]


def about(finding: Find, name: str, *statements: Any) -> Finding:
    return finding(object_category="AWS::S3::Bucket", object_id=name, detail={"statements": list(statements)})


def test_of_a_statement_for_many_only_outsiders_go(
    tasks: Tasks, admin: Admin, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    statement = allow("Mixed", {"AWS": [root(ACCOUNT), root(PARTNER), root(policies.OUTSIDE)]}, name)
    bucket(statement)
    tasks.known = (PARTNER,)
    done = tasks.run(about(finding, name, statement), BUCKETS.id)
    assert done.status == "done" and "put instead" in done.message
    (left,) = json.loads(admin("s3").get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert left == {**statement, "Principal": {"AWS": [root(ACCOUNT), root(PARTNER)]}}


@pytest.mark.parametrize("text", [TIME_OF_WRITE, KEY_OF_WRITE])
def test_a_text_that_stands_for_a_value_in_calls_of_others_stays_as_it_is(
    text: str, tasks: Tasks, admin: Admin, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    """Whoever writes it into a policy must not have us write something else."""
    new = allow("New", {"AWS": root(policies.OUTSIDE)}, name)
    old = allow("Old", {"AWS": root(ACCOUNT)}, name, Condition={"StringEquals": {"aws:PrincipalTag/since": text}})
    bucket(old, new)
    assert tasks.run(about(finding, name, new), BUCKETS.id).status == "done"
    assert json.loads(admin("s3").get_bucket_policy(Bucket=name)["Policy"])["Statement"] == [old]
    assert tasks.undo().status == "undone"
    assert json.loads(admin("s3").get_bucket_policy(Bucket=name)["Policy"])["Statement"] == [old, new]


def test_what_the_event_did_not_put_there_stays(
    tasks: Tasks, admin: Admin, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    old, new = allow("Old", "*", name), allow("New", {"AWS": root(policies.OUTSIDE)}, name)
    bucket(old, new)
    assert tasks.run(about(finding, name, new), BUCKETS.id).status == "done"
    assert sids(admin, name) == ["Old"]


def test_a_statement_that_was_changed_since_is_another(
    tasks: Tasks, admin: Admin, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    statement = allow("Public", "*", name)
    bucket({**statement, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example1234"}}})
    assert tasks.run(about(finding, name, statement), BUCKETS.id).status == "already"
    assert sids(admin, name) == ["Public"]


GONE = "AROAEXAMPLEGONE00000A"


def test_whoever_was_deleted_since_hides_nobody_and_is_not_written(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    """AWS puts ids in the places of roles that are deleted, and refuses to take a policy that has one."""
    helper = f"arn:aws:iam::{policies.OUTSIDE}:role/helper"
    written = allow("New", {"AWS": [helper, root(policies.OUTSIDE)]}, name)
    mixed = allow("Mixed", {"AWS": [root(ACCOUNT), GONE]}, name)
    now = {**written, "Principal": {"AWS": [GONE, root(policies.OUTSIDE)]}}
    bucket(now, mixed, allow("Gone", {"AWS": GONE}, name))
    faulty.add("PutBucketPolicy", code="MalformedPolicy", having=b"AROA")
    assert faulty_tasks.run(about(finding, name, written), BUCKETS.id).status == "done"
    assert sids(admin, name) == ["Mixed"]
    assert faulty_tasks.undo().status == "undone"
    back = json.loads(admin("s3").get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert [one["Principal"]["AWS"] for one in back] == [[root(policies.OUTSIDE)], [root(ACCOUNT)]]


def test_a_policy_that_aws_does_not_take_waits_for_a_person(
    faulty_tasks: Tasks, faulty: FaultyAws, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    """Nothing changes by being tried again."""
    statement = allow("New", {"AWS": root(policies.OUTSIDE)}, name)
    bucket(statement, allow("Closed account", {"AWS": root("999999999999")}, name))
    faulty.add("PutBucketPolicy", code="MalformedPolicy")
    with pytest.raises(Curable, match="MalformedPolicy"):
        faulty_tasks.run(about(finding, name, statement), BUCKETS.id)


@pytest.mark.parametrize("where", ["lookup", "entry"])
def test_an_account_of_ours_is_not_outside(
    tasks: Tasks, admin: Admin, name: str, bucket: Callable[..., str], finding: Find, where: str
) -> None:
    statement = allow("Ours", {"AWS": root(PARTNER)}, name)
    bucket(statement)
    if where == "lookup":
        tasks.known = (PARTNER,)
    else:
        tasks.others = {account(tasks.aws.account.endpoint_url, name="other", account_id=PARTNER): tasks.aws}
    assert tasks.run(about(finding, name, statement), BUCKETS.id).status == "already"
    assert sids(admin, name) == ["Ours"]


def test_all_but_somebody_is_left_to_a_person(
    tasks: Tasks, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    statement = allow("But", None, name, NotPrincipal={"AWS": root(ACCOUNT)})
    del statement["Principal"]
    bucket(statement)
    with pytest.raises(InvalidFinding, match="NotPrincipal.*by hand"):
        tasks.run(about(finding, name, statement), BUCKETS.id)


@pytest.mark.parametrize("detail", [{}, {"statements": []}, {"statements": "all"}, {"statements": ["*"]}])
def test_a_finding_that_names_no_statement_means_none(
    tasks: Tasks, name: str, bucket: Callable[..., str], finding: Find, detail: dict[str, Any]
) -> None:
    bucket(allow("Public", "*", name))
    found = finding(object_category="AWS::S3::Bucket", object_id=name, detail={"more": 1, **detail})
    with pytest.raises(InvalidFinding, match="which statements"):
        tasks.run(found, BUCKETS.id)


def test_a_statement_that_is_cut_off_is_not_guessed(
    tasks: Tasks, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    bucket(allow("Public", "*", name))
    with pytest.raises(InvalidFinding, match="too long"):
        tasks.run(about(finding, name, {"Effect": "Allow", "Truncated": '{"Sid": "Pub'}), BUCKETS.id)


def test_a_name_that_somebody_else_chose_cannot_write_a_second_line(
    tasks: Tasks, name: str, bucket: Callable[..., str], finding: Find
) -> None:
    statement = allow("x\nApproved by security", "*", name)
    bucket(statement)
    said = tasks.run(about(finding, name, statement), BUCKETS.id, "simulate").changes[0]
    assert "\n" not in said["summary"] and "x Approved" in said["summary"]


def key_with(admin: Admin, *statements: dict[str, Any]) -> str:
    key: str = admin("kms").create_key()["KeyMetadata"]["KeyId"]
    admin("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policies.policy(*statements))
    return key


def key_policy(admin: Admin, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(admin("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    return found


@pytest.mark.parametrize("action", ["kms:*", "*", ["kms:Decrypt", "kms:Put*"]])
def test_a_key_is_never_left_without_its_account(tasks: Tasks, admin: Admin, finding: Find, action: Any) -> None:
    public = {**policies.public("x"), "Action": action}
    key = key_with(admin, public)
    found = finding(object_category="AWS::KMS::ResourcePolicy", object_id=key, detail={"statements": [public]})
    assert tasks.run(found, KEYS.id).status == "done"
    (left,) = key_policy(admin, key)["Statement"]
    assert left["Principal"] == {"AWS": root(ACCOUNT)} and left["Action"] == "kms:*"


def test_a_key_whose_policy_never_named_the_account_gets_no_statement_for_it(
    tasks: Tasks, admin: Admin, finding: Find
) -> None:
    role = {**policies.own("kms:*"), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/keys"}}
    outside = {**policies.own("kms:Decrypt", sid="Out"), "Principal": {"AWS": root(policies.OUTSIDE)}}
    key = key_with(admin, role, outside)
    found = finding(object_category="AWS::KMS::ResourcePolicy", object_id=key, detail={"statements": [outside]})
    assert tasks.run(found, KEYS.id).status == "done"
    assert key_policy(admin, key)["Statement"] == [role]


def test_a_key_policy_of_which_nothing_would_be_left_is_left_to_a_person(
    tasks: Tasks, admin: Admin, finding: Find
) -> None:
    outside = {**policies.own("kms:Decrypt", sid="Out"), "Principal": {"AWS": root(policies.OUTSIDE)}}
    found = finding(
        object_category="AWS::KMS::ResourcePolicy",
        object_id=key_with(admin, outside),
        detail={"statements": [outside]},
    )
    with pytest.raises(InvalidFinding, match="Nothing would be left"):
        tasks.run(found, KEYS.id)


def test_an_alias_is_no_key(tasks: Tasks, finding: Find) -> None:
    found = finding(object_category="AWS::KMS::ResourcePolicy", object_id="alias/app", detail={"statements": [{}]})
    with pytest.raises(InvalidFinding, match="names no KMS key"):
        KEYS.plan(found, tasks.aws, Safety())


def test_a_topic_without_other_statements_gets_the_policy_of_a_new_one(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    sns = admin("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    new = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    public = policies.public("SNS:Publish", topic)
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policies.policy(public))
    found = finding(object_category="AWS::SNS::Topic", object_id=topic, detail={"statements": [public]})
    assert tasks.run(found, "remove_outside_topic_statements").status == "done"
    left = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    (now,), (default,) = (json.loads(text)["Statement"] for text in (left, new))
    assert now["Condition"] == default["Condition"] and now["Principal"] == default["Principal"]
    assert tasks.run(found, "remove_outside_topic_statements", task=tasks.task(2)).status == "already"


@pytest.mark.parametrize("address", ["https://evil.example/1/{name}", "{name}", "arn:aws:sqs:us-east-1:1:{name}"])
def test_of_a_queue_only_the_name_is_taken(tasks: Tasks, admin: Admin, name: str, finding: Find, address: str) -> None:
    """SQS says where the queue of this account is; an address in a finding is anybody's."""
    url = admin("sqs").create_queue(QueueName=name)["QueueUrl"]
    public = policies.public("SQS:*", f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")
    admin("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policies.policy(public)})
    found = finding(
        object_category="AWS::SQS::Queue", object_id=address.format(name=name), detail={"statements": [public]}
    )
    assert tasks.run(found, "remove_outside_queue_statements").status == "done"
    assert "Policy" not in admin("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get(
        "Attributes", {}
    )


def test_a_permission_that_was_added_goes_by_its_label(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    sqs = admin("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    for label, to in (("mine", PARTNER), ("theirs", policies.OUTSIDE)):
        sqs.add_permission(QueueUrl=url, Label=label, AWSAccountIds=[to], Actions=["SendMessage"])
    detail = {"label": "theirs", "granted_to": policies.OUTSIDE}
    found = finding(object_category="AWS::SQS::Permission", object_id=url, detail=detail)
    assert tasks.run(found, "remove_outside_queue_statements").status == "done"
    text = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    assert [one["Sid"] for one in json.loads(text)["Statement"]] == ["mine"]


def test_a_secret_gets_a_public_policy_back_only_by_undo(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    """Secrets Manager is asked to refuse a public one on the way there, and not on the way back."""
    playbook = registry.get("remove_outside_secret_statements")
    public, own = policies.public("secretsmanager:GetSecretValue"), policies.own("secretsmanager:*")
    admin("secretsmanager").create_secret(Name=name, SecretString="x")
    admin("secretsmanager").put_resource_policy(SecretId=name, ResourcePolicy=policies.policy(own, public))
    category = "AWS::SECRETSMANAGER::ResourcePolicy"
    found = finding(object_category=category, object_id=name, detail={"statements": [public]})
    (change,) = playbook.plan(found, tasks.aws, Safety())
    (step,) = change.steps
    assert step.call.parameters["BlockPublicPolicy"] is True
    assert step.undo is not None and step.undo.parameters["BlockPublicPolicy"] is False
    assert lines(parsed(step.undo.parameters["ResourcePolicy"])) == step.before


# Proof


def record(**changed: Any) -> CloudTrailRecord:
    statement = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*"}
    fields: dict[str, Any] = {
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutBucketPolicy",
        "recipientAccountId": ACCOUNT,
        "awsRegion": "us-east-1",
        "requestParameters": {"bucketName": "b", "bucketPolicy": {"Statement": statement}},
    }
    return CloudTrailRecord({**fields, **changed})


MEANT = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:getobject", "Resource": ["arn:aws:s3:::b/*"]}


def is_proved(playbook_id: str, found: Finding, *records: CloudTrailRecord) -> bool:
    claims = registry.get(playbook_id).claims(found)
    return bool(claims) and all(any(claim.value in list(claim.values_in(one)) for one in records) for claim in claims)


def test_the_record_proves_the_statement_however_it_is_written(finding: Find) -> None:
    assert is_proved(BUCKETS.id, about(finding, "b", MEANT), record())
    assert is_proved(BUCKETS.id, about(finding, "arn:aws:s3:::b", MEANT), record())


@pytest.mark.parametrize(
    "changed",
    [
        {"errorCode": "AccessDenied"},
        {"eventName": "PutObject"},
        {"eventSource": "sqs.amazonaws.com"},
        {"requestParameters": {"bucketName": "other", "bucketPolicy": {"Statement": MEANT}, "note": "b"}},
        {"requestParameters": {"bucketName": "b", "bucketPolicy": {"Statement": {**MEANT, "Effect": "Deny"}}}},
        {"requestParameters": {"bucketName": "b", "note": json.dumps({"Statement": MEANT})}},
        {"requestParameters": None},
    ],
)
def test_no_other_record_does(finding: Find, changed: dict[str, Any]) -> None:
    assert not is_proved(BUCKETS.id, about(finding, "b", MEANT), record(**changed))


def test_one_statement_that_is_not_in_the_event_spoils_the_proof(finding: Find) -> None:
    """Whoever writes the alert must not slip in one of his own."""
    assert not is_proved(BUCKETS.id, about(finding, "b", MEANT, allow("Old", "*", "b")), record())


def test_a_permission_is_proved_with_its_label_and_its_account(finding: Find) -> None:
    url = "https://sqs.us-east-1.amazonaws.com/1/orders"
    request = {"queueUrl": url, "label": "x", "aWSAccountIds": [policies.OUTSIDE], "actions": ["*"]}
    added = record(eventSource="sqs.amazonaws.com", eventName="AddPermission", requestParameters=request)

    def proved(**detail: str) -> bool:
        found = finding(object_category="AWS::SQS::Permission", object_id=url, detail=detail)
        return is_proved("remove_outside_queue_statements", found, added)

    assert proved(label="x", granted_to=policies.OUTSIDE)
    assert not proved(label="y", granted_to=policies.OUTSIDE) and not proved(label="x", granted_to=PARTNER)
