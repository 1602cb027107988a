"""GetBucketNotificationConfiguration, by which moto never says that events go to EventBridge.

Source: S3 API Reference, ``EventBridgeConfiguration``: an empty element where it is on. The configuration is moto's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.s3.models import s3_backends

from sandbox.aws.double import Answer, Refused, World


def get(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    bucket = s3_backends[world.account]["aws"].buckets.get(given["Bucket"])
    if bucket is None:
        raise Refused("NoSuchBucket", "The specified bucket does not exist.")
    whole = bucket.notification_configuration
    if whole is None:
        return {}
    found: dict[str, Any] = {
        f"{kind}Configurations": [_one(each, arn) for each in configured]
        for kind, arn, configured in (
            ("Topic", "TopicArn", whole.topic),
            ("Queue", "QueueArn", whole.queue),
            ("LambdaFunction", "LambdaFunctionArn", whole.cloud_function),
        )
    }
    if whole.event_bridge is not None:
        found["EventBridgeConfiguration"] = {}
    return found


def _one(configured: Any, arn: str) -> Mapping[str, Any]:
    found = {"Id": configured.id, arn: configured.arn, "Events": configured.events}
    if configured.filters:
        found["Filter"] = {"Key": {"FilterRules": configured.filters["S3Key"]["FilterRule"]}}
    return found


DOUBLES: Mapping[tuple[str, str], Answer] = {("s3", "GetBucketNotificationConfiguration"): get}
