"""A region in which snapshots, and images, may be shared with everyone. All tests of a process share the region."""

from __future__ import annotations

from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws.scenarios import Admin, Fields


def snapshots(admin: Admin, name: str) -> dict[str, Any]:
    admin("ec2").disable_snapshot_block_public_access()
    return _fields("AWS::EC2::SnapshotBlockPublicAccess")


def images(admin: Admin, name: str) -> dict[str, Any]:
    admin("ec2").disable_image_block_public_access()
    return _fields("AWS::EC2::ImageBlockPublicAccess")


def _fields(category: str) -> dict[str, Any]:
    return {"object_category": category, "object_id": f"{ACCOUNT}:us-east-1"}


def fix(admin: Admin, fields: Fields) -> None:
    if "Snapshot" in fields["object_category"]:
        admin("ec2").enable_snapshot_block_public_access(State="block-new-sharing")
    else:
        admin("ec2").enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")


remove = drift = None
VARIANTS = {"snapshots": snapshots, "images": images}
