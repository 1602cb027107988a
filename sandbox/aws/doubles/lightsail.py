"""Lightsail instances and their ports, which moto lacks.

Facts: Lightsail API Reference, CreateInstances, GetInstance, DeleteInstance, GetInstancePortStates,
OpenInstancePublicPorts, CloseInstancePublicPorts (a port that is not open is refused as InvalidInputException).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.aws.double import Answer, Refused, World


def _instances(world: World) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = world.keep("lightsail_instances")
    return kept


def _one(name: str, world: World) -> dict[str, Any]:
    if name not in _instances(world):
        raise Refused("NotFoundException", f"The Instance does not exist: {name}")
    return _instances(world)[name]


def create(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    for name in given["instanceNames"]:
        if name in _instances(world):
            raise Refused("InvalidInputException", f"Some names are already in use: {name}")
        arn = f"arn:aws:lightsail:{world.region}:{world.account}:Instance/{uuid.uuid4()}"
        _instances(world)[name] = {"name": name, "arn": arn, "tags": given.get("tags") or [], "ports": {}}
    return {"operations": [{"resourceName": name, "status": "Succeeded"} for name in given["instanceNames"]]}


def get(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _one(given["instanceName"], world)
    return {"instance": {name: found[name] for name in ("name", "arn", "tags")}}


def delete(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _one(given["instanceName"], world)
    del _instances(world)[given["instanceName"]]
    return {"operations": []}


def port_states(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return {"portStates": [{**port, "state": "open"} for port in _one(given["instanceName"], world)["ports"].values()]}


def open_ports(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    port = dict(given["portInfo"])
    if not any(port.get(name) for name in ("cidrs", "ipv6Cidrs", "cidrListAliases")):
        port |= {"cidrs": ["0.0.0.0/0"], "ipv6Cidrs": ["::/0"]}
    _one(given["instanceName"], world)["ports"][_key(port)] = port
    return {"operation": {"status": "Succeeded"}}


def close_ports(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    ports = _one(given["instanceName"], world)["ports"]
    if _key(given["portInfo"]) not in ports:
        raise Refused("InvalidInputException", "The port is not open.")
    del ports[_key(given["portInfo"])]
    return {"operation": {"status": "Succeeded"}}


def _key(port: Mapping[str, Any]) -> str:
    return f"{port.get('protocol')} {port.get('fromPort')}-{port.get('toPort')}"


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("lightsail", "CreateInstances"): create,
    ("lightsail", "GetInstance"): get,
    ("lightsail", "DeleteInstance"): delete,
    ("lightsail", "GetInstancePortStates"): port_states,
    ("lightsail", "OpenInstancePublicPorts"): open_ports,
    ("lightsail", "CloseInstancePublicPorts"): close_ports,
}
