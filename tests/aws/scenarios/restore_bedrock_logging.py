"""A region in which Bedrock's invocation logging was deleted, or turned off for texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields

BUCKET = "bedrock-bucket-of-tests"
CONFIGURATION = {
    "s3Config": {"bucketName": BUCKET, "keyPrefix": "logs"},
    "textDataDeliveryEnabled": True,
    "imageDataDeliveryEnabled": True,
    "embeddingDataDeliveryEnabled": True,
}


def deleted(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=BUCKET)
    admin("bedrock").delete_model_invocation_logging_configuration()
    return _finding()


def without_texts(admin: Admin, name: str) -> dict[str, Any]:
    admin("s3").create_bucket(Bucket=BUCKET)
    _put(admin, {**CONFIGURATION, "textDataDeliveryEnabled": False})
    return _finding()


def past(fields: Fields) -> Sequence[Fields]:
    request = {"loggingConfig": CONFIGURATION}
    return [earlier.call("bedrock", "PutModelInvocationLoggingConfiguration", request)]


def fix(admin: Admin, fields: Fields) -> None:
    _put(admin, CONFIGURATION)


def drift(admin: Admin, fields: Fields) -> None:
    _put(admin, {**CONFIGURATION, "imageDataDeliveryEnabled": False})


def _put(admin: Admin, configuration: dict[str, Any]) -> None:
    admin("bedrock").put_model_invocation_logging_configuration(loggingConfig=configuration)


def _finding() -> dict[str, Any]:
    return {"object_category": "AWS::Bedrock::ModelInvocationLogging", "object_id": "model invocation logging"}


remove = None
VARIANTS = {"deleted": deleted, "without_texts": without_texts}
