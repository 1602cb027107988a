"""The sandbox's AWS: what actors do is recorded as CloudTrail records it, and reaches whoever reads the queue."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from sandbox.aws import attack, estate
from sandbox.aws.actors import Actor
from sandbox.aws.collector import Collector, objects
from sandbox.aws.recorder import Recorder
from sandbox.aws.server import ACCOUNT, AwsStandIn, client


@pytest.fixture
def aws() -> Iterator[AwsStandIn]:
    with AwsStandIn() as stand_in:
        stand_in.reset()
        yield stand_in


@pytest.fixture
def built(aws: AwsStandIn) -> estate.Estate:
    return estate.build(aws)


@pytest.fixture
def recorder(aws: AwsStandIn, built: estate.Estate) -> Recorder:
    return Recorder(aws)


@pytest.fixture
def thief(built: estate.Estate, recorder: Recorder) -> Actor:
    return built.actor(built.deploy_key, estate.ATTACKER_IP, recorder)


def collected(aws: AwsStandIn, built: estate.Estate, recorder: Recorder) -> list[dict]:
    recorder.deliver()
    records: list[dict] = []
    Collector(aws, built.queue_url, lambda batch, source: records.extend(batch)).collect()
    return records


def test_the_whole_attack_arrives_through_bucket_topic_and_queue(aws, built, recorder, thief):
    for step in attack.STEPS:
        step.do(thief, built)
    names = [record["eventName"] for record in collected(aws, built, recorder)]
    assert names[-1] == "StopLogging"
    assert {"AuthorizeSecurityGroupIngress", "DeleteBucketPublicAccessBlock", "PutBucketAcl"} <= set(names)


def test_who_and_from_where(aws, built, recorder, thief):
    thief.client("sts").get_caller_identity()
    (record,) = collected(aws, built, recorder)
    assert record["userIdentity"] == {
        "type": "IAMUser",
        "principalId": built.deploy_key.user_id,
        "arn": f"arn:aws:iam::{ACCOUNT}:user/deploy-bot",
        "accountId": ACCOUNT,
        "accessKeyId": built.deploy_key.access_key_id,
        "userName": "deploy-bot",
    }
    assert record["sourceIPAddress"] == estate.ATTACKER_IP
    assert record["readOnly"] is True and record["responseElements"] is None


@pytest.mark.extended
def test_ec2_lists_are_wrapped_and_the_answer_names_the_new_rules(aws, built, recorder, thief):
    attack._open_group(thief, built)
    (record,) = collected(aws, built, recorder)
    (permission,) = record["requestParameters"]["ipPermissions"]["items"]
    assert permission["ipRanges"] == {"items": [{"cidrIp": "0.0.0.0/0"}]}
    assert permission["ipv6Ranges"] == {"items": [{"cidrIpv6": "::/0"}]}
    rules = record["responseElements"]["securityGroupRuleSet"]["items"]
    assert [rule["securityGroupRuleId"][:4] for rule in rules] == ["sgr-", "sgr-"]


@pytest.mark.extended
def test_s3_keeps_header_names_and_policies_are_objects(aws, built, recorder, thief):
    policy = {"Version": "2012-10-17", "Statement": []}
    thief.client("s3").put_bucket_policy(Bucket=built.bucket, Policy=json.dumps(policy))
    thief.client("s3").put_bucket_acl(Bucket=built.bucket, ACL="public-read")
    logged = [record["requestParameters"] for record in collected(aws, built, recorder)]
    assert logged[0] == {"Host": "s3.amazonaws.com", "bucketName": built.bucket, "bucketPolicy": policy, "policy": ""}
    assert logged[1]["x-amz-acl"] == "public-read"


def test_a_failed_call_carries_its_error_and_no_answer(aws, built, recorder, thief):
    with pytest.raises(ClientError):
        thief.client("cloudtrail").stop_logging(Name="no-such-trail")
    (record,) = collected(aws, built, recorder)
    assert record["errorCode"] == "TrailNotFoundException" and record["responseElements"] is None


@pytest.mark.extended
def test_a_new_secret_never_stands_in_the_record(aws, built, recorder, thief):
    made = thief.client("iam").create_access_key(UserName="alice")["AccessKey"]
    (record,) = collected(aws, built, recorder)
    assert record["responseElements"]["accessKey"]["accessKeyId"] == made["AccessKeyId"]
    assert made["SecretAccessKey"] not in json.dumps(record)


@pytest.mark.extended
def test_nothing_is_logged_while_the_trail_is_off_but_the_stopping_itself_is(aws, built, recorder, thief):
    attack._stop_trail(thief, built)
    thief.client("iam").list_users()
    assert [r["eventName"] for r in collected(aws, built, recorder)] == ["StopLogging"]
    assert [r["eventName"] for r in recorder.everything] == ["StopLogging", "ListUsers"]


@pytest.mark.extended
def test_data_events_stay_out_of_a_management_trail(aws, built, recorder, thief):
    thief.client("s3").get_object(Bucket=built.bucket, Key="2026/customers.csv")
    assert collected(aws, built, recorder) == []


@pytest.mark.extended
def test_a_file_announced_twice_is_read_once(aws, built, recorder, thief):
    thief.client("sts").get_caller_identity()
    (key,) = recorder.deliver()
    again = json.dumps({"s3Bucket": estate.LOG_BUCKET, "s3ObjectKey": [key]})
    aws.client("sqs").send_message(QueueUrl=built.queue_url, MessageBody=again)
    records: list[dict] = []
    assert Collector(aws, built.queue_url, lambda batch, source: records.extend(batch)).collect() == 1
    assert len(records) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "AWSLogs%2Fx+y.json.gz"}}}]},
        {"s3Bucket": "b", "s3ObjectKey": ["AWSLogs/x y.json.gz"]},
    ],
    ids=["s3-event", "cloudtrail-notification"],
)
@pytest.mark.parametrize("wrapped", [True, False], ids=["sns", "raw"])
def test_every_envelope_is_understood(body, wrapped):
    text = json.dumps({"Type": "Notification", "Message": json.dumps(body)}) if wrapped else json.dumps(body)
    assert list(objects(text)) == [("b", "AWSLogs/x y.json.gz")]


def test_s3s_test_event_names_no_object():
    assert list(objects(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}))) == []


def test_a_call_that_is_heard_of_is_answered_also_where_it_is_answered_with_an_object(aws: AwsStandIn) -> None:
    aws.client("iam").create_user(UserName="reader")
    key = aws.client("iam").create_access_key(UserName="reader")["AccessKey"]
    access_key_id, heard = key["AccessKeyId"], list[tuple[str, dict[str, object]]]()
    own = client(aws.url, "s3", key=access_key_id, secret=key["SecretAccessKey"])
    aws.client("s3").create_bucket(Bucket="heard-of")
    aws.client("s3").put_object(Bucket="heard-of", Key="k", Body=b"\x1f\x8b\xff\x00", ContentType="x/y")
    aws.listen(access_key_id, lambda call: lambda parsed, request_id: heard.append((call.operation, parsed)))
    try:
        assert own.get_object(Bucket="heard-of", Key="k")["Body"].read() == b"\x1f\x8b\xff\x00"
    finally:
        aws.stop_listening(access_key_id)
    ((operation, parsed),) = heard
    assert operation == "GetObject" and parsed["ContentType"] == "x/y"
