"""EC2 calls on prefix lists and the serial console that moto lacks, or takes where AWS does not.

Facts: EC2 API Reference, ModifyManagedPrefixList (a stale CurrentVersion is PrefixListVersionMismatch; an entry that is
not there, or is there already, is refused), GetManagedPrefixListAssociations, EnableSerialConsoleAccess,
DisableSerialConsoleAccess, GetSerialConsoleAccessStatus (off in a new account).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends

from sandbox.aws.double import Answer, Refused, World


def _list(given: Mapping[str, Any], world: World) -> Any:
    found = ec2_backends[world.account][world.region].managed_prefix_lists.get(given["PrefixListId"])
    if found is None:
        raise Refused("InvalidPrefixListID.NotFound", f"The prefix list ID {given['PrefixListId']} does not exist")
    return found


def modify_prefix_list(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _list(given, world)
    added, removed = given.get("AddEntries") or [], given.get("RemoveEntries") or []
    if (added or removed) and given.get("CurrentVersion") != found.version:
        raise Refused("PrefixListVersionMismatch", "The prefix list has a different version number.")
    there = [entry["Cidr"] for entry in found.entries.get(found.version, [])]
    if any(entry["Cidr"] not in there for entry in removed) or any(entry["Cidr"] in there for entry in added):
        raise Refused("InvalidParameterValue", "An entry to remove is not there, or one to add is.")
    ec2_backends[world.account][world.region].modify_managed_prefix_list(
        add_entry=[dict(entry) for entry in added],
        remove_entry=[dict(entry) for entry in removed],
        prefix_list_id=found.id,
        prefix_list_name=given.get("PrefixListName") or found.prefix_list_name,
    )
    return {"PrefixList": {"PrefixListId": found.id, "Version": found.version, "State": "modify-in-progress"}}


def prefix_list_associations(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found, backend = _list(given, world), ec2_backends[world.account][world.region]
    users = [
        {"ResourceId": group.id, "ResourceOwner": world.account}
        for groups in backend.groups.values()
        for group in groups.values()
        if any(rule.prefix_list_id == found.id for rule in group.ingress_rules)
    ]
    return {"PrefixListAssociations": users}


def _serial_console(world: World) -> dict[str, Any]:
    kept: dict[str, Any] = world.keep("serial_console")
    kept.setdefault("SerialConsoleAccessEnabled", False)
    return kept


def enable_serial_console(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _serial_console(world)["SerialConsoleAccessEnabled"] = True
    return dict(_serial_console(world))


def disable_serial_console(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _serial_console(world)["SerialConsoleAccessEnabled"] = False
    return dict(_serial_console(world))


def serial_console_status(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return dict(_serial_console(world))


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("ec2", "ModifyManagedPrefixList"): modify_prefix_list,
    ("ec2", "GetManagedPrefixListAssociations"): prefix_list_associations,
    ("ec2", "EnableSerialConsoleAccess"): enable_serial_console,
    ("ec2", "DisableSerialConsoleAccess"): disable_serial_console,
    ("ec2", "GetSerialConsoleAccessStatus"): serial_console_status,
}
