"""Take a database instance off the internet.

Facts: RDS API Reference, ModifyDBInstance (``PubliclyAccessible`` changes at once, whatever ``ApplyImmediately`` says);
RDS User Guide, "Hiding a DB instance in a VPC from the internet" (inside of the VPC its name goes on leading to it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim, resource_at
from ...databases import INSTANCE, INSTANCES, read_database, target_of
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

PUBLIC = "PubliclyAccessible"


class MakeRdsPrivate(Playbook):
    """Sets a database instance to not publicly accessible, which takes its public address away.

    Clients in the VPC, and those that come through a VPN or a peering, reach it as before. Of a cluster, each instance
    is a target of its own.
    """

    id = "make_rds_private"
    title = "Make database private"
    accepts = (INSTANCE,)
    required_fields = ("vendor_account", "vendor_region", "object_category", "object_id")
    detail_note = "nothing: `object_id` is the instance's name or ARN"
    services = ("rds",)
    permissions = (
        Permission("rds:DescribeDBInstances", INSTANCES),
        Permission("rds:ModifyDBInstance", INSTANCES),
    )
    risk = "medium"
    risk_note = (
        "Clients that come over the internet can no longer connect, also those that its security groups let in. The "
        "change takes a minute or two, without a restart."
    )
    undo_note = "Makes the instance publicly accessible again; it gets another public address."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "rds", "dBInstanceIdentifier", "targetDBInstanceIdentifier"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (target_of(finding, aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource, found = read_database(target.id, target.region, aws)
        return Observation(resource, {PUBLIC: bool(found[PUBLIC])})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {PUBLIC: bool(read_database(resource.id, resource.region, aws)[1][PUBLIC])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if not seen.state[PUBLIC]:
            return ()
        return (Step(PUBLIC, True, False, _set(seen.resource, False), _set(seen.resource, True)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Make database {arn.name_of(resource.id)} not publicly accessible."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Database {arn.name_of(resource.id)} is {'' if state[PUBLIC] else 'not '}publicly accessible."


def _set(resource: Resource, public: bool) -> Call:
    return Call("rds", "modify_db_instance", {"DBInstanceIdentifier": arn.name_of(resource.id), PUBLIC: public})
