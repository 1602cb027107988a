"""A recorder of AWS Config that was stopped, was narrowed, or is gone with its delivery channel."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields

ROLE = f"arn:aws:iam::{ACCOUNT}:role/config"
EVERYTHING = {"allSupported": True, "includeGlobalResourceTypes": True}
BUCKET = "config-bucket-of-tests"


def stopped(admin: Admin, name: str) -> dict[str, Any]:
    _set_up(admin)
    return _finding("StopConfigurationRecorder")


def narrowed(admin: Admin, name: str) -> dict[str, Any]:
    client = _set_up(admin)
    client.start_configuration_recorder(ConfigurationRecorderName="default")
    client.put_configuration_recorder(ConfigurationRecorder=_recorder({"resourceTypes": ["AWS::S3::Bucket"]}))
    return _finding("PutConfigurationRecorder")


def deleted(admin: Admin, name: str) -> dict[str, Any]:
    _clear(admin)
    return _finding("DeleteConfigurationRecorder")


def past(fields: Fields) -> Sequence[Fields]:
    recorder = {"configurationRecorder": _recorder(EVERYTHING)}
    channel = {"deliveryChannel": {"name": "default", "s3BucketName": BUCKET}}
    return [
        earlier.call("config", "PutDeliveryChannel", channel),
        earlier.call("config", "PutConfigurationRecorder", recorder),
    ]


def fix(admin: Admin, fields: Fields) -> None:
    _set_up(admin).start_configuration_recorder(ConfigurationRecorderName="default")


def _set_up(admin: Admin) -> Any:
    client = _clear(admin)
    client.put_configuration_recorder(ConfigurationRecorder=_recorder(EVERYTHING))
    client.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": BUCKET})
    return client


def _clear(admin: Admin) -> Any:
    """A region has one, and all tests share a region."""
    admin("s3").create_bucket(Bucket=BUCKET)
    client = admin("config")
    with contextlib.suppress(client.exceptions.ClientError):
        client.stop_configuration_recorder(ConfigurationRecorderName="default")
    with contextlib.suppress(client.exceptions.ClientError):
        client.delete_delivery_channel(DeliveryChannelName="default")
    with contextlib.suppress(client.exceptions.ClientError):
        client.delete_configuration_recorder(ConfigurationRecorderName="default")
    return client


def _recorder(group: dict[str, Any]) -> dict[str, Any]:
    return {"name": "default", "roleARN": ROLE, "recordingGroup": group}


def _finding(command: str) -> dict[str, Any]:
    kind = "AWS::Config::ConfigurationRecorder"
    return {"object_category": kind, "object_id": "default", "command": command}


remove = None
drift = None
VARIANTS = {"deleted": deleted, "stopped": stopped, "narrowed": narrowed}
