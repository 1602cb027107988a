"""A filter that archives findings, and a trusted IP list."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

#: Its own region: tests of detectors delete those of the first.
REGION = "eu-west-2"


def archiving(admin: Admin, name: str) -> dict[str, Any]:
    detector = _detector(admin)
    criteria = {"Criterion": {"severity": {"Gte": 1}}}
    admin("guardduty", REGION).create_filter(
        DetectorId=detector, Name=name, Action="ARCHIVE", FindingCriteria=criteria, Rank=3
    )
    about = {"object_category": "AWS::GuardDuty::Filter", "object_id": name, "vendor_region": REGION}
    return {**about, "detail": {"detector": detector}}


def trusted_list(admin: Admin, name: str) -> dict[str, Any]:
    detector = _detector(admin)
    made = admin("guardduty", REGION).create_ip_set(
        DetectorId=detector, Name=name, Format="TXT", Location=f"s3://{name}/list.txt", Activate=True
    )["IpSetId"]
    about = {"object_category": "AWS::GuardDuty::IPSet", "object_id": name, "vendor_region": REGION}
    return {**about, "detail": {"detector": detector, "list": made}}


def fix(admin: Admin, fields: Fields) -> None:
    client, detail = admin("guardduty", REGION), fields["detail"]
    if "list" in detail:
        client.update_ip_set(DetectorId=detail["detector"], IpSetId=detail["list"], Activate=False)
    else:
        client.update_filter(DetectorId=detail["detector"], FilterName=fields["object_id"], Action="NOOP")


def remove(admin: Admin, fields: Fields) -> None:
    client, detail = admin("guardduty", REGION), fields["detail"]
    if "list" in detail:
        client.delete_ip_set(DetectorId=detail["detector"], IpSetId=detail["list"])
    else:
        client.delete_filter(DetectorId=detail["detector"], FilterName=fields["object_id"])


def _detector(admin: Admin) -> str:
    return str(admin("guardduty", REGION).create_detector(Enable=True)["DetectorId"])


drift = None
VARIANTS = {"archiving": archiving, "trusted_list": trusted_list}
