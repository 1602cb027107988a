"""Turn a database's deletion protection and automated backups on again.

Facts: RDS API Reference, ModifyDBInstance, ModifyDBCluster (``DeletionProtection``, ``BackupRetentionPeriod`` 0 to 35
days; from 0 to another value may pause I/O); Aurora User Guide: both are the cluster's, and an instance of it has
neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...databases import CLUSTER, CLUSTERS, INSTANCE, INSTANCES, kind_of, read_database, target_of
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

PROTECTION, BACKUPS, MEMBER = "DeletionProtection", "BackupRetentionPeriod", "Cluster"
#: As ``detail`` has them.
PROTECTION_OFF, BACKUPS_OFF = "deletion protection", "automated backups"
CHANGED = ("ModifyDBInstance", "ModifyDBCluster")
SET_UP = (
    *CHANGED, "CreateDBInstance", "CreateDBCluster", "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceToPointInTime", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime",
)  # fmt: skip
MOST_DAYS = 35


class RestoreRdsProtection(Playbook):
    """Turns on again what the event turned off of a database instance or cluster: its deletion protection, its
    automated backups, or both.

    How long backups are kept is what the last call before the finding had set, read from the CloudTrail index, 90 days
    back. Where it has no such call, a person has to say so. An instance of an Aurora cluster has neither of its own:
    the finding has to name the cluster. Backups that were deleted with the setting do not come back.
    """

    id = "restore_rds_protection"
    title = "Restore database protection"
    accepts = (INSTANCE, CLUSTER)
    required_fields = ("vendor_account", "vendor_region", "object_category", "object_id", "detail")
    detail_note = "`disabled`: `deletion protection`, `automated backups`, or both with a comma between"
    services = ("rds",)
    permissions = (
        Permission("rds:DescribeDBInstances", INSTANCES),
        Permission("rds:ModifyDBInstance", INSTANCES),
        Permission("rds:DescribeDBClusters", CLUSTERS),
        Permission("rds:ModifyDBCluster", CLUSTERS),
    )
    risk = "low"
    risk_note = (
        "To turn backups on takes a first one at once, which may pause a database without a standby for some seconds. "
        "Tools that delete the database fail until its protection is off."
    )
    undo_note = "Turns off again what was turned on. To turn backups off deletes those that were made meanwhile."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        resource = resource_at(finding.object_id, "rds", "dBInstanceIdentifier", "dBClusterIdentifier")
        return (resource, *(Claim("what was turned off", name, _turned_off) for name in _meant(finding)))

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(SET_UP, arn.name_of(finding.object_id)) if BACKUPS_OFF in _meant(finding) else None

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (target_of(finding, aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = read_database(target.id, target.region, aws)
        return Observation(resource, _state(found))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(read_database(resource.id, resource.region, aws)[1])

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        meant, resource = _meant(finding), seen.resource
        if resource.type == INSTANCE and seen.state[MEMBER]:
            raise InvalidFinding(
                f"Database {arn.name_of(resource.id)} belongs to cluster {seen.state[MEMBER]}, whose protection and "
                "backups count.",
                "Let the search set object_id to the cluster, and object_category to AWS::RDS::DBCluster.",
            )
        steps = []
        if PROTECTION_OFF in meant and not seen.state[PROTECTION]:
            forth, back = _set(resource, {PROTECTION: True}), _set(resource, {PROTECTION: False})
            steps.append(Step(PROTECTION, False, True, forth, back))
        if BACKUPS_OFF in meant and not seen.state[BACKUPS]:
            days = _former(finding, seen)
            if days:
                forth, back = _set(resource, {BACKUPS: days}), _set(resource, {BACKUPS: 0})
                steps.append(Step(BACKUPS, 0, days, forth, back))
            elif not steps:
                raise InvalidFinding(
                    f"How long the backups of database {arn.name_of(resource.id)} were kept is in no CloudTrail record "
                    "of the last 90 days.",
                    "Turn its automated backups on by hand.",
                )
        return steps

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        said = " and ".join(
            "deletion protection" if step.aspect == PROTECTION else f"automated backups, kept for {step.after} days"
            for step in steps
        )
        return f"Turn on again for database {arn.name_of(resource.id)}: {said}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        days = state[BACKUPS]
        backups = f"keeps automated backups for {days} days" if days else "has no automated backups"
        protection = "on" if state[PROTECTION] else "off"
        return f"Database {arn.name_of(resource.id)} {backups}; its deletion protection is {protection}."


def _meant(finding: Finding) -> list[str]:
    listed = [name.strip() for name in str(finding.detail.get("disabled") or "").split(",")]
    found = [name for name in (PROTECTION_OFF, BACKUPS_OFF) if name in listed]
    if not found:
        raise InvalidFinding(
            "The finding does not say that deletion protection or automated backups were turned off.",
            'Let the search set detail to {"disabled": "deletion protection, automated backups"}.',
        )
    return found


def _turned_off(record: CloudTrailRecord) -> Iterator[str]:
    if not record.succeeded or record.service != "rds" or record.event_name not in CHANGED:
        return
    request = record.fields.get("requestParameters")
    given = request if isinstance(request, Mapping) else {}
    if str(given.get("deletionProtection")).lower() == "false":
        yield PROTECTION_OFF
    if str(given.get("backupRetentionPeriod")) == "0":
        yield BACKUPS_OFF


def _former(finding: Finding, seen: Observation) -> int:
    """The days that the newest call before the finding had set; 0 where there is none."""
    name = arn.name_of(seen.resource.id)
    paths = ("dBInstanceIdentifier", "targetDBInstanceIdentifier", "dBClusterIdentifier")
    for record in seen.past:
        if record.service != "rds" or name not in (text.lower() for path in paths for text in record.parameters(path)):
            continue
        for text in record.parameters("backupRetentionPeriod"):
            if text.isascii() and text.isdigit() and len(text) < 3 and 0 < int(text) <= MOST_DAYS:
                return int(text)
    return 0


def _state(database: Mapping[str, Any]) -> dict[str, Any]:
    return {
        PROTECTION: bool(database.get(PROTECTION)),
        BACKUPS: int(database.get(BACKUPS) or 0),
        MEMBER: database.get("DBClusterIdentifier"),
    }


def _set(resource: Resource, changed: Mapping[str, Any]) -> Call:
    is_instance = kind_of(resource.id) == INSTANCE
    name = {"DBInstanceIdentifier" if is_instance else "DBClusterIdentifier": arn.name_of(resource.id)}
    operation = "modify_db_instance" if is_instance else "modify_db_cluster"
    return Call("rds", operation, {**name, **changed, "ApplyImmediately": True})
