"""Network interfaces as EC2 describes them, what is behind them, and which of them only a service can change.

Facts: EC2 API Reference, DescribeNetworkInterfaces (the attachment names the instance and its owner, which may be
another account), ModifyNetworkInterfaceAttribute (interfaces that a service manages refuse the change).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import NotFound, RefusedByGuardrail, Unavailable
from ...model import Resource, Target, tags_of
from ...named import arn_in
from ...permission import Permission
from . import _ec2

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

#: To read an interface, and the instance behind it.
READ = (
    Permission("ec2:DescribeNetworkInterfaces"),
    Permission("ec2:DescribeInstances"),
    Permission("iam:GetInstanceProfile", "arn:aws:iam::*:instance-profile/*"),
)
#: Kinds of interfaces that belong to whoever attached them (EC2 API Reference, NetworkInterface).
OURS = ("interface", "efa", "efa-only")
_INTERFACES = _ec2.by_filter(
    "describe_network_interfaces",
    "NetworkInterfaces",
    "network-interface-id",
    "NetworkInterfaceId",
    "NetworkInterfaceIds",
)


def interface_in(finding: Finding) -> str:
    """The id. Raises InvalidFinding."""
    return _ec2.id_in(finding, "eni-", "network interface")


def described(target: Target, aws: Aws) -> Mapping[str, Any]:
    """Raises NotFound where it does not exist, and Unavailable where that is not clear."""
    return _ec2.read_one(_INTERFACES, target, aws)


def read_interface(target: Target, aws: Aws) -> tuple[Resource, Mapping[str, Any]]:
    """With the instance that it is attached to: what protects that, and whom it acts as, protects its interface."""
    found = described(target, aws)
    owner = str(found["OwnerId"])
    instance = _instance_behind(found, target.region, aws)
    resource = Resource(
        id=arn_in(aws, "ec2", target.region, f"network-interface/{arn.name_of(target.id)}", owner),
        type="AWS::EC2::NetworkInterface",
        account=owner,
        region=target.region,
        tags=tags_of(found.get("TagSet", ())),
        principals=(instance.id, *instance.principals) if instance else (),
        tags_behind=instance.tags if instance else {},
    )
    return resource, found


def _instance_behind(found: Mapping[str, Any], region: str, aws: Aws) -> Resource | None:
    """Raises Unavailable where AWS does not show the instance."""
    attachment = found.get("Attachment") or {}
    name, owner = str(attachment.get("InstanceId") or ""), str(attachment.get("InstanceOwnerId") or found["OwnerId"])
    if not name:
        return None
    if owner != found["OwnerId"]:
        # Another account's, which cannot be read from here: its ARN is all that is known.
        return _ec2.instance_resource(owner, {"InstanceId": name}, region, aws)
    try:
        _, instance = _ec2.read_instance(Target(name, region), aws)
    except NotFound:
        # The interface is not gone, so this is not said. A terminated instance soon lets go of it.
        raise Unavailable(
            f"{found['NetworkInterfaceId']} is attached to {name}, which AWS does not show.", "It is read again."
        ) from None
    return _ec2.instance_resource(owner, instance, region, aws, _ec2.roles_of(instance, aws))


def use_of(found: Mapping[str, Any]) -> dict[str, str]:
    """VPC, who manages it (empty: whoever attached it), what uses it, and the instance that it is attached to."""
    kind = str(found.get("InterfaceType") or "interface")
    managed = bool(found.get("RequesterManaged")) or kind not in OURS
    attachment = found.get("Attachment") or {}
    return {
        "vpc": str(found["VpcId"]),
        "managed by": str(found.get("RequesterId") or kind) if managed else "",
        "used by": str(attachment.get("InstanceId") or found.get("Description") or ""),
        "instance": str(attachment.get("InstanceId") or ""),
    }


def who_uses(interface: str, state: Mapping[str, Any]) -> str:
    """For people, from ``use_of``."""
    return f"{interface} is used by {state.get('used by') or 'nothing that AWS names'}."


def refuse_managed(interface: str, state: Mapping[str, Any]) -> None:
    """Raises RefusedByGuardrail for an interface that only a service can change."""
    if state["managed by"]:
        raise RefusedByGuardrail(
            f"{interface} is managed by {state['managed by']}, which alone can change it.",
            "Change the security groups of the load balancer, database or function that it belongs to.",
        )
