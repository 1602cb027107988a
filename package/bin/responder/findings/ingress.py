"""The rules that a CloudTrail record says were added to a security group, as a finding's ``detail`` has them.

What a record says in its request is enough here; that it is true of the event is what the proof finds out, with its own
reading (``claims``). Facts: EC2 API Reference, AuthorizeSecurityGroupIngress; CloudTrail wraps lists in ``items``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: Rules of one call that are read: a group has 1,000 at most, and a finding's detail 30,000 characters.
MAX_RULES = 100


def added_rules(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``[{"rule_id", "cidr", "protocol", "from_port", "to_port"}]``; empty for any other call."""
    request = record.get("requestParameters")
    if record.get("eventName") != "AuthorizeSecurityGroupIngress" or not isinstance(request, Mapping):
        return []
    permissions = [one for one in _items(request.get("ipPermissions")) if isinstance(one, Mapping)] or [request]
    return [rule for permission in permissions for rule in _rules(permission)][:MAX_RULES]


def _rules(permission: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    ranges = [*_items(permission.get("ipRanges")), *_items(permission.get("ipv6Ranges")), permission]
    for one in ranges:
        for name in ("cidrIp", "cidrIpv6"):
            cidr = one.get(name) if isinstance(one, Mapping) else None
            if isinstance(cidr, str) and cidr:
                yield {
                    "rule_id": "",
                    "cidr": cidr,
                    "protocol": str(permission.get("ipProtocol") or ""),
                    "from_port": permission.get("fromPort"),
                    "to_port": permission.get("toPort"),
                }


def _items(value: Any) -> list[Any]:
    found = value.get("items") if isinstance(value, Mapping) else value
    return list(found) if isinstance(found, list) else []
