"""Who may restore a Redshift snapshot: calls that moto lacks, and the list of snapshots that shows it.

Facts: Redshift API Reference, AuthorizeSnapshotAccess (``AuthorizationAlreadyExists``), RevokeSnapshotAccess
(``AuthorizationNotFound``), DescribeClusterSnapshots (``ClusterSnapshotNotFound``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.redshift.models import redshift_backends

from sandbox.aws.double import Answer, Refused, World


def _snapshot(name: str, world: World) -> Any:
    found = redshift_backends[world.account][world.region].snapshots.get(name)
    if found is None:
        raise Refused("ClusterSnapshotNotFound", f"Snapshot {name} not found.")
    return found


def _shown(name: str, world: World) -> Mapping[str, Any]:
    snapshot = _snapshot(name, world)
    return {
        "SnapshotIdentifier": name,
        "ClusterIdentifier": snapshot.cluster_identifier,
        "OwnerAccount": world.account,
        "SnapshotType": snapshot.snapshot_type,
        "Status": "available",
        "SnapshotCreateTime": snapshot.create_time,
        "Tags": list(snapshot.tags),
        "AccountsWithRestoreAccess": [{"AccountId": account} for account in _accounts(name, world)],
    }


def _accounts(name: str, world: World) -> list[str]:
    kept: dict[str, list[str]] = world.keep("redshift_snapshot_access")
    return kept.setdefault(name, [])


def describe(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    named = given.get("SnapshotIdentifier")
    names = [named] if named else sorted(redshift_backends[world.account][world.region].snapshots)
    return {"Snapshots": [_shown(name, world) for name in names]}


def authorize(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    name, account = given["SnapshotIdentifier"], given["AccountWithRestoreAccess"]
    _snapshot(name, world)
    if account in _accounts(name, world):
        raise Refused("AuthorizationAlreadyExists", f"{account} may restore {name} already.")
    _accounts(name, world).append(account)
    return {"Snapshot": _shown(name, world)}


def revoke(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    name, account = given["SnapshotIdentifier"], given["AccountWithRestoreAccess"]
    _snapshot(name, world)
    if account not in _accounts(name, world):
        raise Refused("AuthorizationNotFound", f"{account} may not restore {name}.")
    _accounts(name, world).remove(account)
    return {"Snapshot": _shown(name, world)}


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("redshift", "DescribeClusterSnapshots"): describe,
    ("redshift", "AuthorizeSnapshotAccess"): authorize,
    ("redshift", "RevokeSnapshotAccess"): revoke,
}
