"""A Lightsail instance whose SSH and RDP ports are open to everyone."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

PORTS = (22, 3389)


def opened(admin: Admin, name: str) -> dict[str, Any]:
    admin("lightsail").create_instances(
        instanceNames=[name], availabilityZone="us-east-1a", blueprintId="debian_12", bundleId="nano_3_0"
    )
    fields = {"object_category": "AWS::Lightsail::Instance", "object_id": name}
    for port in (*PORTS, 443):
        _open(admin, fields, port)
    rules = [{"protocol": "tcp", "from_port": str(port), "to_port": port} for port in PORTS]
    return {**fields, "detail": {"rules": rules}}


def fix(admin: Admin, fields: Fields) -> None:
    for port in PORTS:
        info = {"protocol": "tcp", "fromPort": port, "toPort": port}
        admin("lightsail").close_instance_public_ports(instanceName=fields["object_id"], portInfo=info)


def remove(admin: Admin, fields: Fields) -> None:
    admin("lightsail").delete_instance(instanceName=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _open(admin, fields, PORTS[0], "192.0.2.0/24")


def _open(admin: Admin, fields: Fields, port: int, *ranges: str) -> None:
    info: dict[str, Any] = {"protocol": "tcp", "fromPort": port, "toPort": port}
    info |= {"cidrs": list(ranges)} if ranges else {}
    admin("lightsail").open_instance_public_ports(instanceName=fields["object_id"], portInfo=info)


VARIANTS = {"opened": opened}
