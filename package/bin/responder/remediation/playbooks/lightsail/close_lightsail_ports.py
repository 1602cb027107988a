"""Close the ports of a Lightsail instance that were opened to the world.

Facts: Lightsail API Reference, GetInstancePortStates (an open port has its ranges; everybody is ``0.0.0.0/0`` and
``::/0``), CloseInstancePublicPorts, OpenInstancePublicPorts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.network_claims import lightsail_port
from ...model import Call, Observation, Resource, Step, Target
from ...named import names_no
from ...networks import is_world, network_of
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.finding import Finding
    from ....settings.model import Safety

INSTANCES = "arn:aws:lightsail:*:*:Instance/*"
_RANGES = ("cidrs", "ipv6Cidrs", "cidrListAliases")


class CloseLightsailPorts(Playbook):
    """Closes those ports of a Lightsail instance that the finding is about and that are open to the world now.

    A port that is open to the world is closed with all of its ranges. Other ports stay, and so does exactly one port
    that may be open (Safety tab).
    """

    id = "close_lightsail_ports"
    title = "Close Lightsail ports"
    accepts = ("AWS::Lightsail::Instance",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = '`rules`: a list of `{"protocol", "from_port", "to_port"}` as the event has them'
    services = ("lightsail",)
    permissions = (
        Permission("lightsail:GetInstance"),
        Permission("lightsail:GetInstancePortStates"),
        Permission("lightsail:CloseInstancePublicPorts", INSTANCES),
        Permission("lightsail:OpenInstancePublicPorts", INSTANCES),
    )
    risk = "medium"
    risk_note = (
        "Clients that came in through the port can no longer connect, also from ranges that were named beside it."
    )
    undo_note = "Opens the ports again, for the ranges that they had."
    proved_on = "a double of the calls, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return [lightsail_port(arn.name_of(finding.object_id), *port) for port in _wanted(finding)]

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _wanted(finding)
        name = arn.name_of(finding.object_id)
        if not re.fullmatch(r"\w[\w\-]*\w", name, re.ASCII) or name == "unknown":
            raise names_no("Lightsail instance", finding, "name")
        return (Target(name, finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        name = target.id
        found = aws.read("lightsail", "get_instance", target.region, instanceName=name)["instance"]
        named = arn.parse(str(found["arn"]))
        resource = Resource(
            # Its ARN has an id that no call takes.
            id=name,
            type="AWS::Lightsail::Instance",
            account=named.account if named else "",
            region=target.region,
            tags={str(tag["key"]): str(tag.get("value") or "") for tag in found.get("tags", ())},
            behind=(str(found["arn"]),),
            unique_id=str(found["arn"]),
        )
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        found = aws.read("lightsail", "get_instance_port_states", resource.region, instanceName=resource.id)
        state: dict[str, Any] = {}
        for port in found["portStates"]:
            if port.get("state") != "closed":
                ranges = {name: sorted(port[name]) for name in _RANGES if port.get(name)}
                state[_aspect(str(port["protocol"]), port.get("fromPort"), port.get("toPort"))] = ranges
        return state

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        steps = []
        for protocol, first, last in _wanted(finding):
            aspect = _aspect(protocol, first, last)
            now = seen.state.get(aspect)
            if now is None or not _is_open(now) or _may_be_open(protocol, first, last, safety):
                continue
            port = {"protocol": protocol, "fromPort": first, "toPort": last}
            close = Call("lightsail", "close_instance_public_ports", _on(seen.resource, port))
            undo = Call("lightsail", "open_instance_public_ports", _on(seen.resource, {**port, **now}))
            steps.append(Step(aspect, now, None, close, undo))
        return steps

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Close {', '.join(step.aspect for step in steps)} of Lightsail instance {resource.id}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        there = ", ".join(aspect for aspect in aspects if state.get(aspect) is not None)
        return f"Of Lightsail instance {resource.id}, {there or 'none of the ports'} is open."


def _on(resource: Resource, port: Mapping[str, Any]) -> dict[str, Any]:
    return {"instanceName": resource.id, "portInfo": dict(port)}


def _aspect(protocol: str, first: Any, last: Any) -> str:
    return f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"


def _is_open(ranges: Mapping[str, Any]) -> bool:
    """Without any range and alias, it is open to everyone."""
    networks = [network_of(one) for name in ("cidrs", "ipv6Cidrs") for one in ranges.get(name, ())]
    known = [one for one in networks if one is not None]
    by_version = [[one for one in known if one.version == version] for version in (4, 6)]
    return not ranges or any(is_world(one) for one in by_version)


def _may_be_open(protocol: str, first: int, last: int, safety: Safety) -> bool:
    return protocol in ("tcp", "udp") and first == last and first in safety.allowed_open_ports


def _wanted(finding: Finding) -> Sequence[tuple[str, int, int]]:
    """Protocol and ports. Raises InvalidFinding unless every rule has them."""
    listed = finding.detail.get("rules")
    rules = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, (list, tuple)) else []
    found: list[tuple[str, int, int]] = []
    for rule in rules:
        ports = [str(rule.get(name)) for name in ("from_port", "to_port")]
        protocol = str(rule.get("protocol"))
        if protocol not in ("tcp", "udp", "all", "icmp", "icmpv6") or not all(
            re.fullmatch(r"-1|[0-9]{1,5}", port) for port in ports
        ):
            found = []
            break
        found.append((protocol, int(ports[0]), int(ports[1])))
    if not found:
        raise InvalidFinding(
            "The finding does not say which ports were opened.",
            'Let the search set detail to {"rules": [{"protocol", "from_port", "to_port"}]}.',
        )
    return list(dict.fromkeys(found))
