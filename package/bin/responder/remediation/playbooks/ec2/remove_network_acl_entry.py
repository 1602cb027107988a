"""Take back the entry that opened a network ACL to the world.

Facts: EC2 API Reference, CreateNetworkAclEntry, ReplaceNetworkAclEntry, DeleteNetworkAclEntry (an entry is named by
number and direction alone, so what stands there now is compared with the whole of what the event made).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding
from ....findings.network_claims import acl_entry, entry_of, entry_text
from ....findings.past_calls import PastCalls
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import arn_in
from ...networks import is_world, network_of
from ...permission import Permission
from ...playbook import Playbook
from . import _ec2

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

ACLS = "arn:aws:ec2:*:*:network-acl/*"
_ACLS = _ec2.by_filter("describe_network_acls", "NetworkAcls", "network-acl-id", "NetworkAclId", "NetworkAclIds")
NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58"}
_CREATE, _REPLACE, _DELETE = "CreateNetworkAclEntry", "ReplaceNetworkAclEntry", "DeleteNetworkAclEntry"


class RemoveNetworkAclEntry(Playbook):
    """Deletes the inbound entry that an event added to a network ACL, or puts back the one that it replaced.

    Only if the entry of that number is still exactly the event's (action, protocol, ports, range), and open to the
    world. What an entry was before it was replaced is known from the earlier call that made it, if the CloudTrail index
    reaches that far; if not, a person has to decide. Other entries stay.
    """

    id = "remove_network_acl_entry"
    title = "Remove network ACL entry"
    accepts = ("AWS::EC2::NetworkAcl",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = (
        '`entry`: `{"rule_number", "egress", "action", "cidr", "protocol", "from_port", "to_port"}` as '
        "the event has them, and `call`, its name"
    )
    services = ("ec2",)
    permissions = (
        Permission("ec2:DescribeNetworkAcls"),
        Permission("ec2:DeleteNetworkAclEntry", ACLS),
        Permission("ec2:CreateNetworkAclEntry", ACLS),
        Permission("ec2:ReplaceNetworkAclEntry", ACLS),
    )
    risk = "medium"
    risk_note = (
        "Network ACLs have no memory of connections: what came in by the entry is cut off at once, answers to outgoing "
        "connections included. All subnets of the ACL are concerned."
    )
    undo_note = "Adds the entry again, or puts it in place of the former one again."
    already = ("InvalidNetworkAclEntry.NotFound", "NetworkAclEntryAlreadyExists")

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (acl_entry(_wanted(finding)),)

    def past(self, finding: Finding) -> PastCalls | None:
        if _wanted(finding)["call"] != _REPLACE:
            return None
        return PastCalls((_CREATE, _REPLACE, _DELETE), arn.name_of(finding.object_id))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _wanted(finding)
        return (Target(_ec2.id_in(finding, "acl-", "network ACL"), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        acl = _ec2.read_one(_ACLS, target, aws)
        resource = Resource(
            id=arn_in(aws, "ec2", target.region, f"network-acl/{arn.name_of(target.id)}", str(acl["OwnerId"])),
            type="AWS::EC2::NetworkAcl",
            account=str(acl["OwnerId"]),
            region=target.region,
            tags=tags_of(acl.get("Tags", ())),
        )
        return Observation(resource, _state(acl))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(_ec2.read_one(_ACLS, resource.target, aws))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        acl, wanted = arn.name_of(seen.resource.id), _wanted(finding)
        aspect = f"inbound entry {wanted['rule_number']}"
        now, network = seen.state.get(aspect), network_of(wanted["cidr"])
        if now is None or _text(acl, aspect, now) != entry_text(wanted) or _may_be_open(now, safety):
            return ()
        if network is None or not is_world([network]):
            return ()
        former = _former(seen.past, wanted) if wanted["call"] == _REPLACE else None
        if former is None:
            call, undo = Call("ec2", "delete_network_acl_entry", _place(acl, aspect)), _put("create", acl, aspect, now)
        else:
            call, undo = _put("replace", acl, aspect, former), _put("replace", acl, aspect, now)
        return (Step(aspect, now, former, call, undo),)

    def ready(self, step: Step, seen: Observation) -> Call:
        """Where somebody has put another entry in the place, and a person wants the former one back all the same."""
        if step.call.operation == "create_network_acl_entry" and seen.state.get(step.aspect) is not None:
            return Call("ec2", "replace_network_acl_entry", step.call.parameters)
        return step.call

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        acl, (step,) = arn.name_of(resource.id), steps
        if step.after is None:
            return f"Delete {step.aspect} of network ACL {acl}: {_words(step.before)}."
        return f"Put back {step.aspect} of network ACL {acl}: {_words(step.after)}, in place of {_words(step.before)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        said = [f"{aspect} is {_words(state[aspect]) if state.get(aspect) else 'not there'}" for aspect in aspects]
        return f"Of network ACL {arn.name_of(resource.id)}, {', '.join(said)}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        subnets = state.get("subnets", ())
        if not subnets:
            return ["No subnet uses this network ACL."]
        return [f"{len(subnets)} subnet{'s' * (len(subnets) != 1)} use it: {', '.join(subnets[:10])}."]


def _wanted(finding: Finding) -> Mapping[str, Any]:
    """The entry the finding is about. Raises InvalidFinding unless it is a whole one."""
    entry = finding.detail.get("entry")
    found = dict(entry) if isinstance(entry, Mapping) else {}
    number, is_text = str(found.get("rule_number", "")), isinstance(found.get("call"), str)
    whole = number.isascii() and number.isdecimal() and 0 < int(number) < 32767 and is_text
    if not whole or network_of(found.get("cidr")) is None or str(found.get("egress", False)).lower() != "false":
        raise InvalidFinding(
            "The finding does not say which inbound entry was made, and by which call.",
            'Let the search set detail to {"entry": {"call", "rule_number", "egress", "action", "cidr", "protocol", '
            '"from_port", "to_port"}}.',
        )
    return {**found, "network_acl": arn.name_of(finding.object_id), "rule_number": int(number)}


def _may_be_open(entry: Mapping[str, Any], safety: Safety) -> bool:
    """Exactly one port, and one that may be open."""
    ports = entry.get("PortRange") or {}
    return bool(ports) and ports["From"] == ports["To"] and ports["From"] in safety.allowed_open_ports


def _former(past: Sequence[CloudTrailRecord], wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """The entry that stood there before; None where it had been deleted. Raises InvalidFinding if it is not known."""
    for record in past:
        known = entry_of(record)
        here = (known["network_acl"], str(known["rule_number"])) == (wanted["network_acl"], str(wanted["rule_number"]))
        if not here or str(known["egress"]).lower() == "true":
            continue
        if record.event_name == _DELETE:
            return None
        entry = _entry_from(known)
        if entry is None:
            break
        return entry
    raise InvalidFinding(
        f"Entry {wanted['rule_number']} of {wanted['network_acl']} replaced another one, and no earlier CloudTrail "
        "record says all of it.",
        "Restore the entry from your template or AWS Config, or delete it by hand.",
    )


def _entry_from(known: Mapping[str, Any]) -> dict[str, Any] | None:
    """In the form in which AWS describes an entry; None where the record does not say all of it."""
    protocol, action = str(known["protocol"] or "-1").lower(), str(known["action"]).lower()
    protocol = NUMBERS.get(protocol, protocol.replace("all", "-1"))
    ports = [str(known[name]) for name in ("from_port", "to_port")]
    if network_of(known["cidr"]) is None or action not in ("allow", "deny") or protocol in ("1", "58"):
        return None
    if protocol in ("6", "17") and not all(port.isascii() and port.isdecimal() for port in ports):
        return None
    block = "Ipv6CidrBlock" if ":" in str(known["cidr"]) else "CidrBlock"
    entry: dict[str, Any] = {"Protocol": protocol, "RuleAction": action, block: str(known["cidr"])}
    if protocol in ("6", "17"):
        entry["PortRange"] = {"From": int(ports[0]), "To": int(ports[1])}
    return entry


def _state(acl: Mapping[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = {"subnets": sorted(str(one["SubnetId"]) for one in acl.get("Associations", ()))}
    for entry in acl["Entries"]:
        if not entry["Egress"]:
            names = ("Protocol", "RuleAction", "CidrBlock", "Ipv6CidrBlock", "PortRange", "IcmpTypeCode")
            known = {name: entry[name] for name in names if entry.get(name) not in (None, {})}
            if known.get("Protocol") not in ("6", "17"):
                known.pop("PortRange", None)
            if known.get("Protocol") not in ("1", "58"):
                known.pop("IcmpTypeCode", None)
            state[f"inbound entry {entry['RuleNumber']}"] = known
    return state


def _text(acl: str, aspect: str, entry: Mapping[str, Any]) -> str:
    ports = entry.get("PortRange") or {}
    return entry_text(
        {
            "network_acl": acl,
            "rule_number": aspect.rpartition(" ")[2],
            "action": entry["RuleAction"],
            "protocol": entry["Protocol"],
            "from_port": ports.get("From"),
            "to_port": ports.get("To"),
            "cidr": entry.get("CidrBlock") or entry.get("Ipv6CidrBlock"),
        }
    )


def _words(entry: Mapping[str, Any]) -> str:
    """As in ``allow tcp 22-22 0.0.0.0/0``."""
    return _text("-", "- -", entry).partition("inbound ")[2]


def _place(acl: str, aspect: str) -> dict[str, Any]:
    return {"NetworkAclId": acl, "RuleNumber": int(aspect.rpartition(" ")[2]), "Egress": False}


def _put(verb: str, acl: str, aspect: str, entry: Mapping[str, Any]) -> Call:
    return Call("ec2", f"{verb}_network_acl_entry", {**_place(acl, aspect), **entry})
