"""Stop sharing a Redshift snapshot with an account.

Facts: Redshift API Reference, AuthorizeSnapshotAccess, RevokeSnapshotAccess, DescribeClusterSnapshots
(``AccountsWithRestoreAccess``; there is no sharing with everyone). Automated snapshots cannot be shared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import NotFound
from ...model import Call, Observation, Resource, Target, tags_of
from ...named import arn_in, names_no
from ...permission import Permission
from ...shares import Shares

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

SNAPSHOTS = "arn:aws:redshift:*:*:snapshot:*/*"
_NAME = re.compile(r"(rs:)?[A-Za-z0-9][A-Za-z0-9-]{0,254}")


class MakeWarehouseSnapshotPrivate(Shares):
    """Takes back the share of a Redshift snapshot with an account that is not yours, which the event made.

    Yours are the accounts of the AWS accounts tab and of the lookups `responder_accounts` and
    `responder_trusted_accounts`. Other shares stay. Clusters that were restored from it meanwhile stay theirs.
    """

    id = "make_warehouse_snapshot_private"
    title = "Make Redshift snapshot private"
    accepts = ("AWS::Redshift::ClusterSnapshot",)
    detail_note = "`shared_with`: the account"
    services = ("redshift",)
    permissions = (
        Permission("redshift:DescribeClusterSnapshots"),
        Permission("redshift:RevokeSnapshotAccess", SNAPSHOTS),
        Permission("redshift:AuthorizeSnapshotAccess", SNAPSHOTS),
    )
    risk = "low"
    risk_note = "The account it was shared with can no longer restore it."
    already = ("AuthorizationNotFound", "AuthorizationAlreadyExists")
    proved_on = "moto, with a double of snapshot access"
    kind = "Redshift snapshot"
    event_service = "redshift"
    event_names = ("AuthorizeSnapshotAccess",)
    resource_paths = ("snapshotIdentifier", "snapshotArn")

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        name = named.resource.rpartition("/")[2] if named else finding.object_id
        if not _NAME.fullmatch(name) or (named and named.service != "redshift"):
            raise names_no("Redshift snapshot", finding, "name or ARN")
        return (Target(name, finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        name = target.id.rpartition("/")[2]
        found = _snapshot(aws, name, target.region)
        cluster = str(found["ClusterIdentifier"])
        resource = Resource(
            id=arn_in(aws, "redshift", target.region, f"snapshot:{cluster}/{name}", str(found["OwnerAccount"])),
            type="AWS::Redshift::ClusterSnapshot",
            account=str(found["OwnerAccount"]),
            region=target.region,
            tags=tags_of(found.get("Tags") or ()),
            unique_id=str(found.get("SnapshotCreateTime") or ""),
        )
        return Observation(resource, self.state(resource, aws))

    def shared_with(self, resource: Resource, aws: Aws) -> Sequence[str]:
        found = _snapshot(aws, resource.id.rpartition("/")[2], resource.region)
        return [str(one["AccountId"]) for one in found.get("AccountsWithRestoreAccess") or ()]

    def share(self, resource: Resource, name: str, shared: bool) -> Call:
        operation = "authorize_snapshot_access" if shared else "revoke_snapshot_access"
        parameters = {"SnapshotIdentifier": resource.id.rpartition("/")[2], "AccountWithRestoreAccess": name}
        return Call("redshift", operation, parameters)


def _snapshot(aws: Aws, name: str, region: str) -> Mapping[str, Any]:
    found = aws.read("redshift", "describe_cluster_snapshots", region, SnapshotIdentifier=name)["Snapshots"]
    if not found:
        raise NotFound(f"Redshift snapshot {name} does not exist (any more) in {region}.")
    snapshot: Mapping[str, Any] = found[0]
    return snapshot
