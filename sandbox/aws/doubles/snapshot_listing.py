"""DescribeSnapshots, of which moto ignores whose snapshots are asked for, and who may use them.

Source: EC2 API Reference, DescribeSnapshots: ``OwnerIds`` (``self``), ``RestorableByUserIds`` (``all`` for public
ones, ``self`` for those of the caller and those that are shared with it). The snapshots themselves are moto's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.exceptions import InvalidSnapshotIdError
from moto.ec2.models import ec2_backends

from sandbox.aws.double import Answer, Refused, World


def describe(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    backend = ec2_backends[world.account][world.region]
    filters = {one["Name"]: one["Values"] for one in given.get("Filters", ())}
    try:
        found = backend.describe_snapshots(given.get("SnapshotIds"), filters)
    except InvalidSnapshotIdError:
        raise Refused("InvalidSnapshot.NotFound", "The snapshot does not exist.") from None
    owners = {world.account if one == "self" else one for one in given.get("OwnerIds", ())}
    users = {world.account if one == "self" else one for one in given.get("RestorableByUserIds", ())}
    return {
        "Snapshots": [
            _described(one)
            for one in found
            if (not owners or one.owner_id in owners) and (not users or users & _users(one))
        ]
    }


def _users(snapshot: Any) -> set[str]:
    return {*snapshot.create_volume_permission_groups, *snapshot.create_volume_permission_userids, snapshot.owner_id}


def _described(snapshot: Any) -> Mapping[str, Any]:
    return {
        "SnapshotId": snapshot.id,
        "OwnerId": snapshot.owner_id,
        "VolumeId": snapshot.volume.id,
        "VolumeSize": snapshot.volume.size,
        "State": snapshot.status,
        "Progress": snapshot.progress,
        "StartTime": snapshot.start_time,
        "Description": snapshot.description or "",
        "Encrypted": snapshot.encrypted,
        "Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in snapshot.get_tags()],
    }


DOUBLES: Mapping[tuple[str, str], Answer] = {("ec2", "DescribeSnapshots"): describe}
