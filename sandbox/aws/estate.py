"""A small AWS estate: a trail with its delivery chain, buckets, instances, groups and users."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sandbox.aws.actors import Actor
from sandbox.aws.recorder import Recorder
from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn

TRAIL, LOG_BUCKET, DATA_BUCKET = "org-trail", "example-corp-cloudtrail", "example-corp-customer-exports"
ALL_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
#: Documentation networks (RFC 5737); spl/geo.py places each in a country.
OFFICE_IP, ATTACKER_IP = "198.51.100.20", "203.0.113.66"


@dataclass(frozen=True)
class Key:
    user: str
    user_id: str
    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True)
class Estate:
    """What was built, by name."""

    queue_url: str
    group_id: str
    bucket: str
    #: The key the attacker will have stolen, and the one the app acts with.
    deploy_key: Key
    responder_key: Key
    admin_key: Key

    def actor(self, key: Key, source_ip: str, recorder: Recorder, user_agent: str = "") -> Actor:
        actor = Actor(key.user, key.access_key_id, key.secret_access_key, source_ip, user_id=key.user_id)
        if user_agent:
            actor.user_agent = user_agent
        return recorder.watch(actor)


def build(aws: AwsStandIn, *, with_trail: bool = True) -> Estate:
    """``with_trail``: with a trail and its way to Splunk. Without, ``queue_url`` is empty."""
    queue_url = ""
    if with_trail:
        queue_url = _delivery(aws)
        aws.client("cloudtrail").create_trail(
            Name=TRAIL, S3BucketName=LOG_BUCKET, IsMultiRegionTrail=True, EnableLogFileValidation=True
        )
        aws.client("cloudtrail").start_logging(Name=TRAIL)
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=DATA_BUCKET)
    s3.put_public_access_block(Bucket=DATA_BUCKET, PublicAccessBlockConfiguration=ALL_BLOCKED)
    s3.put_object(Bucket=DATA_BUCKET, Key="2026/customers.csv", Body=b"id,name\n1,Example Customer\n")
    return Estate(
        queue_url=queue_url,
        group_id=_web_server(aws),
        bucket=DATA_BUCKET,
        deploy_key=user(aws, "deploy-bot"),
        responder_key=user(aws, "cloudtrail-responder"),
        admin_key=user(aws, "alice"),
    )


def _delivery(aws: AwsStandIn) -> str:
    """S3 -> SNS -> SQS with a dead-letter queue; returns the queue's URL."""
    s3, sns, sqs = aws.client("s3"), aws.client("sns"), aws.client("sqs")
    s3.create_bucket(Bucket=LOG_BUCKET)
    s3.put_public_access_block(Bucket=LOG_BUCKET, PublicAccessBlockConfiguration=ALL_BLOCKED)
    s3.put_bucket_policy(Bucket=LOG_BUCKET, Policy=json.dumps(_log_bucket_policy()))
    topic = sns.create_topic(Name="cloudtrail-logs")["TopicArn"]
    dead = sqs.create_queue(QueueName="cloudtrail-logs-dead")["QueueUrl"]
    dead_arn = _queue_arn(sqs, dead)
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "5"})
    queue = sqs.create_queue(QueueName="cloudtrail-logs", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=_queue_arn(sqs, queue), ReturnSubscriptionArn=True)
    rules = [{"Name": "prefix", "Value": "AWSLogs/"}, {"Name": "suffix", "Value": ".json.gz"}]
    notification = {"TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": rules}}}
    s3.put_bucket_notification_configuration(
        Bucket=LOG_BUCKET, NotificationConfiguration={"TopicConfigurations": [notification]}
    )
    return str(queue)


def _queue_arn(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def _log_bucket_policy() -> dict[str, Any]:
    """As CloudTrail requires it (CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail")."""
    bucket, service = f"arn:aws:s3:::{LOG_BUCKET}", {"Service": "cloudtrail.amazonaws.com"}
    source = {"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{TRAIL}"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": service,
                "Action": "s3:GetBucketAcl",
                "Resource": bucket,
                "Condition": {"StringEquals": source},
            },
            {
                "Effect": "Allow",
                "Principal": service,
                "Action": "s3:PutObject",
                "Resource": f"{bucket}/AWSLogs/{ACCOUNT}/*",
                "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **source}},
            },
        ],
    }


def _web_server(aws: AwsStandIn) -> str:
    """An instance whose group lets in 443 from everywhere and 22 from the office; returns the group's id."""
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="web", Description="Web servers", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]},
        ],
    )
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SecurityGroupIds=[group])
    return str(group)


def user(aws: AwsStandIn, name: str) -> Key:
    """A user with an access key."""
    iam = aws.client("iam")
    made = iam.create_user(UserName=name)["User"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Key(name, made["UserId"], key["AccessKeyId"], key["SecretAccessKey"])
