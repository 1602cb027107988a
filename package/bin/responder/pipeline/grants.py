"""Who may do what in a pipeline, as policy documents.

Every service is let in for one resource only: ``aws:SourceArn`` names the trail, bucket, topic or rule it acts for, so
that nobody can have the service act for a resource of theirs (the confused deputy).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .documents import Document, document
from .place import KEY_ARN, Place

CLOUDTRAIL, S3, SNS, EVENTS = (f"{name}.amazonaws.com" for name in ("cloudtrail", "s3", "sns", "events"))
#: What a service asks of the key of a queue or a topic that it sends to.
_SENDING = ["kms:Decrypt", "kms:GenerateDataKey*"]


_READING = (
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ReceiveMessage",
    "SendMessage",
)


def _allow(sid: str, principal: Any, action: Any, resource: Any, condition: Document | None = None) -> Document:
    found = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {**found, "Condition": condition} if condition else found


def _service(name: str) -> Document:
    return {"Service": name}


def key_policy(
    place: Place, trail_arns: Sequence[str], trail_accounts: Sequence[str], senders: Sequence[str]
) -> Document:
    """The account's own policies rule over the key; CloudTrail encrypts with it, ``senders`` send with it.

    Senders are let in without ``aws:SourceArn``: not all of them name one to KMS. Whom they send for is decided by the
    policies of topic and queue. Source: CloudTrail User Guide, "Configure KMS key policies for CloudTrail".
    """
    context = [f"arn:{place.partition}:cloudtrail:*:{account}:trail/*" for account in trail_accounts]
    return document(
        _allow("Account", {"AWS": place.iam_arn("root")}, "kms:*", "*"),
        _allow(
            "CloudTrailEncrypts",
            _service(CLOUDTRAIL),
            "kms:GenerateDataKey*",
            "*",
            {
                "StringEquals": {"aws:SourceArn": list(trail_arns)},
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": context},
            },
        ),
        _allow(
            "CloudTrailLooksAtTheKey",
            _service(CLOUDTRAIL),
            "kms:DescribeKey",
            "*",
            {"StringEquals": {"aws:SourceArn": list(trail_arns)}},
        ),
        *(_allow(f"{name.partition('.')[0].title()}Sends", _service(name), _SENDING, "*") for name in senders),
    )


def publishes(service: str, source_arn: str) -> Document:
    """A statement of a key's policy, for a service that publishes to a topic and says for whom."""
    return _allow("Publishes", _service(service), _SENDING, "*", {"StringEquals": {"aws:SourceArn": source_arn}})


def bucket_policy(bucket_arn: str, folders: Sequence[str], trail_arns: Sequence[str]) -> Document:
    """CloudTrail writes below ``folders`` (``AWSLogs/...``, with the prefix); nobody comes without TLS.

    Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
    """
    source = {"aws:SourceArn": list(trail_arns)}
    return document(
        _allow("CloudTrailAclCheck", _service(CLOUDTRAIL), "s3:GetBucketAcl", bucket_arn, {"StringEquals": source}),
        _allow(
            "CloudTrailWrite",
            _service(CLOUDTRAIL),
            "s3:PutObject",
            [f"{bucket_arn}/{folder}/*" for folder in folders],
            {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **source}},
        ),
        {
            "Sid": "DenyWithoutTls",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "s3:*",
            "Resource": [bucket_arn, f"{bucket_arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


def topic_policy(topic_arn: str, publisher: str, source_arn: str, account: str) -> Document:
    """``publisher``: S3 for a bucket, or CloudTrail for a trail."""
    conditions: Document = {"ArnEquals": {"aws:SourceArn": source_arn}}
    if publisher == S3:
        # The ARN of a bucket does not name its account.
        conditions["StringEquals"] = {"aws:SourceAccount": account}
    return document(_allow("Publish", _service(publisher), "sns:Publish", topic_arn, conditions))


def queue_policy(queue_arn: str, sender: str, source_arn: str) -> Document:
    """``sender``: SNS for a topic, or EventBridge for a rule. Nobody sends without TLS."""
    return document(
        _allow("Send", _service(sender), "sqs:SendMessage", queue_arn, {"ArnEquals": {"aws:SourceArn": source_arn}}),
        {
            "Sid": "DenyWithoutTls",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "sqs:*",
            "Resource": queue_arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


def reader_trust(reader: str, external_id: str, networks: Sequence[str]) -> Document:
    conditions: Document = {"StringEquals": {"sts:ExternalId": external_id}}
    if networks:
        conditions["IpAddress"] = {"aws:SourceIp": list(networks)}
    statement = {"Sid": "Reader", "Effect": "Allow", "Principal": {"AWS": reader}, "Action": "sts:AssumeRole"}
    return document({**statement, "Condition": conditions})


def reader_permissions(bucket_arn: str, queue_arns: Sequence[str], has_key: bool) -> Document:
    """What reads the queue and the files may do; with the dead-letter queue, and the way back from there."""

    def allow(sid: str, actions: list[str], *resources: str) -> Document:
        return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": list(resources)}

    return document(
        allow("Queue", [f"sqs:{name}" for name in _READING], *queue_arns),
        allow("Files", ["s3:GetObject", "s3:GetObjectVersion"], f"{bucket_arn}/*"),
        # Without it, a file that is gone looks like one that is forbidden.
        allow("Bucket", ["s3:ListBucket"], bucket_arn),
        *([allow("Key", ["kms:Decrypt", "kms:GenerateDataKey"], KEY_ARN)] if has_key else []),
    )
