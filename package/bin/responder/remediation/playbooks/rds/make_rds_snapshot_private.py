"""Stop sharing a database snapshot with everyone, or with an account.

Facts: RDS API Reference, ModifyDBSnapshotAttribute and ModifyDBClusterSnapshotAttribute (attribute ``restore``, value
``all`` for everyone), DescribeDBSnapshotAttributes; RDS User Guide, "Sharing a DB snapshot".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .... import arn
from ....errors import InvalidFinding, NotFound
from ...model import Call, Observation, Resource, Target, tags_of
from ...named import arn_in
from ...permission import Permission
from ...shares import Shares
from ...sweeping import Part, Signature, View, Wrong

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

SNAPSHOTS, CLUSTER_SNAPSHOTS = "arn:aws:rds:*:*:snapshot:*", "arn:aws:rds:*:*:cluster-snapshot:*"
SHARED = Signature("rds_snapshot_shared", "RDS snapshot shared with everyone or an outside account", "T1537")
EVERYONE = "all"
#: Snapshots of a part: each is a call, and RDS lists no fewer at a time.
PAGE = 20
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:-]{0,254}")


@dataclass(frozen=True)
class _Kind:
    """The names that the calls for instances have, and those for clusters."""

    type: str
    #: As in its ARN.
    word: str
    #: ``DBSnapshot``; boto3's names begin with ``operation``.
    name: str
    operation: str


_KINDS = (
    _Kind("AWS::RDS::DBSnapshot", "snapshot", "DBSnapshot", "db_snapshot"),
    _Kind("AWS::RDS::DBClusterSnapshot", "cluster-snapshot", "DBClusterSnapshot", "db_cluster_snapshot"),
)


class MakeRdsSnapshotPrivate(Shares):
    """Takes back the share of a database snapshot that the event made, of an instance or a cluster: with everyone, or
    with an account that is not yours.

    Yours are the accounts of the AWS accounts tab and of the lookups `responder_accounts` and
    `responder_trusted_accounts`. Other shares stay. Copies that were made meanwhile stay where they are.
    """

    id = "make_rds_snapshot_private"
    title = "Make database snapshot private"
    accepts = tuple(kind.type for kind in _KINDS)
    required_fields = ("vendor_account", "vendor_region", "object_category", "object_id", "detail")
    services = ("rds",)
    permissions = (
        Permission("rds:DescribeDBSnapshots", SNAPSHOTS),
        Permission("rds:DescribeDBSnapshotAttributes", SNAPSHOTS),
        Permission("rds:ModifyDBSnapshotAttribute", SNAPSHOTS),
        Permission("rds:DescribeDBClusterSnapshots", CLUSTER_SNAPSHOTS),
        Permission("rds:DescribeDBClusterSnapshotAttributes", CLUSTER_SNAPSHOTS),
        Permission("rds:ModifyDBClusterSnapshotAttribute", CLUSTER_SNAPSHOTS),
    )
    risk = "low"
    risk_note = "Whoever it was shared with can no longer restore or copy it. Their copies stay."
    kind = "database snapshot"
    event_service = "rds"
    sweeps = (SHARED,)
    event_names = ("ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute")
    resource_paths = ("dBSnapshotIdentifier", "dBClusterSnapshotIdentifier")

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        name = named.resource.partition(":")[2] if named else finding.object_id
        kind = next((one for one in _KINDS if one.type == finding.object_category), None)
        if kind is None or not _NAME.fullmatch(name) or (named and named.service != "rds"):
            raise InvalidFinding(
                f"The finding names no database snapshot ('{finding.object_id[:80]}').",
                "Let the search set object_id to its name, and object_category to AWS::RDS::DBSnapshot or "
                "AWS::RDS::DBClusterSnapshot.",
            )
        region = finding.vendor_region
        return (Target(arn_in(aws, "rds", region, f"{kind.word}:{name}"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        kind, name = _named(target.id)
        listed = aws.read("rds", f"describe_{kind.operation}s", target.region, **{f"{kind.name}Identifier": name})
        found = listed[f"{kind.name}s"]
        if not found:
            raise NotFound(f"Database snapshot {name} does not exist (any more) in {target.region}.")
        name = str(found[0][f"{kind.name}Arn"])
        resource = Resource(
            id=name,
            type=kind.type,
            account=name.split(":")[4],
            region=target.region,
            tags=tags_of(found[0].get("TagList") or ()),
            unique_id=str(found[0].get("SnapshotCreateTime") or ""),
        )
        return Observation(resource, self.state(resource, aws))

    def shared_with(self, resource: Resource, aws: Aws) -> Sequence[str]:
        kind, name = _named(resource.id)
        operation = f"describe_{kind.operation}_attributes"
        found = aws.read("rds", operation, resource.region, **{f"{kind.name}Identifier": name})
        attributes = found[f"{kind.name}AttributesResult"][f"{kind.name}Attributes"]
        restore = [one for one in attributes if one["AttributeName"] == "restore"]
        return [str(value) for one in restore for value in one.get("AttributeValues") or ()]

    def look(self, view: View) -> Iterator[Part]:
        """Instances first, then clusters. Only snapshots that people have made can be shared."""
        word, _, marker = view.cursor.partition("|")
        instances, clusters = _KINDS
        if word != clusters.word:
            yield from self._look(instances, replace(view, cursor=marker), behind=f"{clusters.word}|")
            marker = ""
        yield from self._look(clusters, replace(view, cursor=marker))

    def _look(self, kind: _Kind, view: View, behind: str = "") -> Iterator[Part]:
        """``behind``: the cursor of what is looked at next, where that is not the end."""
        operation, asked = f"describe_{kind.operation}s", {"SnapshotType": "manual", "MaxRecords": PAGE}
        for snapshots, marker in view.pages("rds", operation, f"{kind.name}s", "Marker", "Marker", **asked):
            names = [str(one[f"{kind.name}Arn"]) for one in snapshots]
            cursor = f"{kind.word}|{marker}" if marker else behind
            yield Part(tuple(one for name in names for one in self._wrong(name, kind, view)), cursor)

    def _wrong(self, snapshot: str, kind: _Kind, view: View) -> Iterator[Wrong]:
        resource = Resource(snapshot, kind.type, view.aws.account.account_id, view.region)
        if EVERYONE in self.shared_with(resource, view.aws):
            _, name = _named(snapshot)
            reason = f"Everyone may restore database snapshot {name}."
            detail = {"snapshot": name, "shared_with": EVERYONE}
            # The detection tells shares of one snapshot apart.
            key = f"{name}:{EVERYONE}"
            yield Wrong(SHARED, kind.type, name, view.region, "critical", reason, detail, key)

    def share(self, resource: Resource, name: str, shared: bool) -> Call:
        kind, snapshot = _named(resource.id)
        parameters = {
            f"{kind.name}Identifier": snapshot,
            "AttributeName": "restore",
            "ValuesToAdd" if shared else "ValuesToRemove": [name],
        }
        return Call("rds", f"modify_{kind.operation}_attribute", parameters)


def _named(snapshot: str) -> tuple[_Kind, str]:
    """Kind and name of an ARN; the name of one that AWS made holds a colon: ``rds:orders-2026-01-01``."""
    word, _, name = snapshot.split(":", 5)[5].partition(":")
    return next(kind for kind in _KINDS if kind.word == word), name
