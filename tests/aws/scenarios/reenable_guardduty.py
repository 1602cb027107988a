"""A region whose detector was suspended, was deleted, or lost a protection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws import earlier
from tests.aws.scenarios import Admin, Fields


def suspended(admin: Admin, name: str) -> dict[str, Any]:
    return _about(_detector(admin, Enable=False))


def without_protection(admin: Admin, name: str) -> dict[str, Any]:
    features = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    return {**_about(_detector(admin, Enable=True, Features=features)), "detail": {"features": "S3_DATA_EVENTS"}}


def deleted(admin: Admin, name: str) -> dict[str, Any]:
    detector = _detector(admin, Enable=True)
    admin("guardduty").delete_detector(DetectorId=detector)
    return _about(detector)


def past(fields: Fields) -> Sequence[Fields]:
    request = {"enable": True, "findingPublishingFrequency": "FIFTEEN_MINUTES"}
    return [earlier.call("guardduty", "CreateDetector", request, {"detectorId": fields["object_id"]})]


def fix(admin: Admin, fields: Fields) -> None:
    client = admin("guardduty")
    for detector in client.list_detectors()["DetectorIds"]:
        features = [{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]
        client.update_detector(DetectorId=detector, Enable=True, Features=features)
        return
    client.create_detector(Enable=True)


def _detector(admin: Admin, **how: Any) -> str:
    """A region has one, and all tests share a region."""
    client = admin("guardduty")
    for other in client.list_detectors()["DetectorIds"]:
        client.delete_detector(DetectorId=other)
    return str(client.create_detector(**how)["DetectorId"])


def _about(detector: str) -> dict[str, Any]:
    return {"object_category": "AWS::GuardDuty::Detector", "object_id": detector}


remove = None
drift = None
VARIANTS = {"suspended": suspended, "deleted": deleted, "without_protection": without_protection}
