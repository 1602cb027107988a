"""Block public access for EBS snapshots and for AMIs, a setting of an account in a region, which moto lacks.

Facts: EC2 API Reference, EnableSnapshotBlockPublicAccess, GetSnapshotBlockPublicAccessState and their twins for images:
a new account has neither; the answers to the changes say the new state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.aws.double import Answer, Refused, World

OFF = "unblocked"
STATES = {"snapshots": ("block-all-sharing", "block-new-sharing"), "images": ("block-new-sharing",)}
KEYS = {"snapshots": "State", "images": "ImageBlockPublicAccessState"}


def _get(kind: str) -> Answer:
    def get(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
        return {KEYS[kind]: world.keep("public_sharing").get(kind, OFF), "ManagedBy": "account"}

    return get


def _enable(kind: str) -> Answer:
    def enable(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
        if given[KEYS[kind]] not in STATES[kind]:
            raise Refused("InvalidParameterValue", f"Value ({given[KEYS[kind]]}) for parameter State is invalid.")
        world.keep("public_sharing")[kind] = given[KEYS[kind]]
        return {KEYS[kind]: given[KEYS[kind]]}

    return enable


def _disable(kind: str) -> Answer:
    def disable(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
        world.keep("public_sharing")[kind] = OFF
        return {KEYS[kind]: OFF}

    return disable


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("ec2", "GetSnapshotBlockPublicAccessState"): _get("snapshots"),
    ("ec2", "EnableSnapshotBlockPublicAccess"): _enable("snapshots"),
    ("ec2", "DisableSnapshotBlockPublicAccess"): _disable("snapshots"),
    ("ec2", "GetImageBlockPublicAccessState"): _get("images"),
    ("ec2", "EnableImageBlockPublicAccess"): _enable("images"),
    ("ec2", "DisableImageBlockPublicAccess"): _disable("images"),
}
