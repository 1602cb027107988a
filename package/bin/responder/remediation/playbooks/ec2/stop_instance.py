"""Stop an instance.

Facts: EC2 API Reference, StopInstances (memory and instance-store volumes are lost, and so is a public address that is
no Elastic IP); EC2 User Guide, "Enable stop protection", "Root device type" (an instance whose root is an instance
store cannot be stopped), "Spot instance interruptions" (a one-time spot instance cannot be stopped).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import RefusedByGuardrail
from ...made import Made
from ...model import Call, Observation, Resource, Step
from ...permission import Permission
from . import _ec2
from ._instances import OnInstances

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

#: What it is on the way to comes to what it will be: stopping takes minutes.
SETTLED = {"pending": "running", "stopping": "stopped"}


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    for instance in record.answers("instancesSet.items.instanceId"):
        yield {"object_category": "AWS::EC2::Instance", "object_id": instance}


class StopInstance(OnInstances):
    """Stops the instances that the finding names: those that an event launched, or a single one.

    Their volumes stay for the investigation; what is in memory and on instance-store volumes is lost. An instance with
    stop protection is left alone, and so is one that cannot be stopped (instance-store root, spot): isolate it instead.
    An instance whose role is this app's own is refused.
    """

    id = "stop_instance"
    title = "Stop instance"
    services = ("ec2", "iam")
    stops_it = True
    permissions = (
        Permission("ec2:DescribeInstances"),
        Permission("ec2:DescribeInstanceAttribute", _ec2.INSTANCES),
        Permission("iam:GetInstanceProfile", "arn:aws:iam::*:instance-profile/*"),
        Permission("ec2:StopInstances", _ec2.INSTANCES),
        Permission("ec2:StartInstances", _ec2.INSTANCES),
    )
    takes_back = (Made("ec2", ("RunInstances",), _taken_back),)
    risk = "high"
    risk_note = (
        "Whatever the instance serves is down. Memory and instance-store volumes are lost: take snapshots or a memory "
        "dump first if they matter. A public address that is no Elastic IP changes. An Auto Scaling group replaces it."
    )
    undo_note = "Starts the instance again; memory, instance-store data and the former public address do not come back."

    def state_of(self, resource: Resource, described: Mapping[str, Any], aws: Aws) -> Mapping[str, Any]:
        why = ""
        if described.get("RootDeviceType") == "instance-store":
            why = "its root device is an instance store"
        elif described.get("InstanceLifecycle") == "spot":
            why = "it is a spot instance"
        kind = str(described.get("InstanceType"))
        return {
            "state": str(described["State"]["Name"]),
            "cannot be stopped": why,
            "type": kind,
            "since": str(described.get("LaunchTime")),
            "instance store": _has_instance_store(kind),
        }

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, instance = seen.state["state"], arn.name_of(seen.resource.id)
        if SETTLED.get(now, now) != "running":
            return ()
        if seen.state["cannot be stopped"]:
            raise RefusedByGuardrail(
                f"Instance {instance} cannot be stopped: {seen.state['cannot be stopped']}.",
                "Isolate it, or terminate it by hand.",
            )
        asked = {"InstanceId": instance, "Attribute": "disableApiStop"}
        protection = aws.read("ec2", "describe_instance_attribute", seen.resource.region, **asked)
        if protection["DisableApiStop"].get("Value"):
            raise RefusedByGuardrail(
                f"Instance {instance} has stop protection.",
                "Take it off if it may be stopped, or isolate it.",
            )
        ids = {"InstanceIds": [instance]}
        return (Step("state", now, "stopped", Call("ec2", "stop_instances", ids), Call("ec2", "start_instances", ids)),)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        return bool(SETTLED.get(one, one) == SETTLED.get(other, other))

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Stop instance {arn.name_of(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Instance {arn.name_of(resource.id)} is {state['state']}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        stores = state.get("instance store")
        said = [f"{arn.name_of(resource.id)} ({state.get('type')}) runs since {state.get('since')}."]
        if stores:
            said.append("Its type has instance-store volumes or its disks are not all EBS: what is on those is lost.")
        return [*said, *_ec2.who_misses(resource.tags)]


def _has_instance_store(kind: str) -> bool:
    """By the name: families ``i``, ``d``, ``h``, and a ``d`` behind the generation (EC2 User Guide, "Instance type
    naming conventions")."""
    return bool(re.match(r"(?:i|im|is|d|h)\d|[a-z-]+\d+[a-z]*d", kind.partition(".")[0]))
