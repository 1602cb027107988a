"""A snapshot that is shared with everyone, and one with an account that nobody knows."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def public(admin: Admin, name: str) -> dict[str, Any]:
    return _shared(admin, "all", {"GroupNames": ["all"]})


def with_an_account(admin: Admin, name: str) -> dict[str, Any]:
    return _shared(admin, "444455556666", {"UserIds": ["444455556666"]})


def _shared(admin: Admin, name: str, whom: Fields) -> dict[str, Any]:
    ec2 = admin("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    _modify(admin, snapshot, "add", whom)
    return {"object_category": "AWS::EC2::Snapshot", "object_id": snapshot, "detail": {"shared_with": name}}


def _modify(admin: Admin, snapshot: str, operation: str, whom: Fields) -> None:
    admin("ec2").modify_snapshot_attribute(
        SnapshotId=snapshot, Attribute="createVolumePermission", OperationType=operation, **whom
    )


def fix(admin: Admin, fields: Fields) -> None:
    name = fields["detail"]["shared_with"]
    _modify(admin, fields["object_id"], "remove", {"GroupNames": ["all"]} if name == "all" else {"UserIds": [name]})


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").delete_snapshot(SnapshotId=fields["object_id"])


drift = None
VARIANTS = {"public": public, "with_an_account": with_an_account}
SLOW = ("with_an_account",)
