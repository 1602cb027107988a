"""Which security groups CloudTrail shows a network interface to have got.

Facts: EC2 API Reference, ModifyNetworkInterfaceAttribute and ModifyInstanceAttribute (``groupSet`` replaces the whole
list; of an instance it can be given only where that has one interface), CreateNetworkInterface and RunInstances (they
answer with the interface and its groups).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .claims import Claim
from .cloudtrail import CloudTrailRecord
from .instance_claims import under, values_under

#: The calls that give an interface groups.
GIVING = ("ModifyNetworkInterfaceAttribute", "ModifyInstanceAttribute", "CreateNetworkInterface", "RunInstances")
_MODIFY, _MODIFY_INSTANCE, _CREATE, _LAUNCH = GIVING


def put_into(interface: str, groups: Iterable[str]) -> list[Claim]:
    """A claim for each group: a call that succeeded has given it to the interface, by name."""

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        for group in (given(record, interface) or ()) if record.event_name == _MODIFY else ():
            yield f"{interface} {group}"

    return [Claim("security group of the interface", f"{interface} {group}", values_in) for group in groups]


def given(record: CloudTrailRecord, interface: str, instance: str = "") -> frozenset[str] | None:
    """The groups that the interface had after a call; None where the call does not say.

    ``instance``: to which it is attached; empty for none.
    """
    if record.service != "ec2" or not record.succeeded:
        return None
    found = list(_described(record, interface, instance))
    groups = [text for one in found for part in values_under(("groupset",), one) for text in under(("groupid",), part)]
    return frozenset(groups) or None


def _described(record: CloudTrailRecord, interface: str, instance: str) -> Iterator[Any]:
    """What a record has of the interface, where it says its groups."""
    asked, answered = (record.fields.get(part) for part in ("requestParameters", "responseElements"))
    by_interface = record.event_name == _MODIFY and interface in record.parameters("networkInterfaceId")
    by_instance = record.event_name == _MODIFY_INSTANCE and instance in record.parameters("instanceId")
    if by_interface or by_instance:
        yield asked
    elif record.event_name == _CREATE:
        yield from (one for one in values_under(("networkinterface",), answered) if _is(one, interface))
    elif record.event_name == _LAUNCH:
        listed = (one for part in values_under(("networkinterfaceset",), answered) for one in _items(part))
        yield from (one for one in listed if _is(one, interface))


def _is(described: Any, interface: str) -> bool:
    return isinstance(described, Mapping) and described.get("networkInterfaceId") == interface


def _items(value: Any) -> list[Any]:
    items = value.get("items") if isinstance(value, Mapping) else value
    return list(items) if isinstance(items, (list, tuple)) else []
