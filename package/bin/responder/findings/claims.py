"""What a playbook wants proved beyond a finding's account, region, principal and resource.

A claim is a value that must occur in the finding's records before the playbook may act on it. A playbook that acts on
something in ``detail`` claims each such thing; nothing in ``detail`` is proved otherwise.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Callable, FrozenSet, Iterable, Iterator, List, Mapping, NamedTuple

from .cloudtrail import CloudTrailRecord, leaves


def texts_of(record: CloudTrailRecord) -> FrozenSet[str]:
    """Every text and number in the request, the response and the resources of a call that succeeded."""
    return record.named if record.succeeded else frozenset()


class Claim(NamedTuple):
    """``value`` must be among the ``values_in`` at least one record; ``what`` is what people call it."""

    what: str
    value: str
    values_in: Callable[[CloudTrailRecord], Iterable[str]] = texts_of


def own_caller(account: str) -> Claim:
    """The caller belongs to the account: for playbooks that act on callers. Calls across accounts are in both logs."""
    return Claim("account of the caller", account, lambda record: (record.caller_account,))


# Rules of security groups

_INGRESS = ("AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules")
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1", "": "-1"}
_WITH_PORTS = ("tcp", "udp", "icmp", "icmpv6", "any")
_RANGE = re.compile(r"cidr(_?ip)?(v[46])?", re.IGNORECASE)


def ingress_rules(rules: Any) -> List[Claim]:
    """A claim for each of a finding's rules, a list of ``{rule_id, cidr, protocol, from_port, to_port}``.

    A part that the finding leaves out would mean any rule to a playbook, and is in no record.
    """
    listed = rules if isinstance(rules, (list, tuple)) else ()
    return [Claim("security group rule", _wanted(rule), rules_in) for rule in listed if isinstance(rule, Mapping)]


def rules_in(record: CloudTrailRecord) -> FrozenSet[str]:
    """The rules that a call added to a security group or changed in it: by id, by content, and by both.

    Three shapes are known: flat parameters, ``ipPermissions`` (with ``items`` or without), and the rules of
    ModifySecurityGroupRules; responses since 2021 list the rules with their ids.
    """
    if record.event_name not in _INGRESS or not record.succeeded:
        return frozenset()
    parts = (record.fields.get("requestParameters"), record.fields.get("responseElements"))
    return frozenset(text for part in parts for text in _rules(part, ""))


def _wanted(rule: Mapping[str, Any]) -> str:
    rule_id, cidr = str(rule.get("rule_id") or ""), str(rule.get("cidr") or "")
    if rule_id and not cidr:
        return rule_id
    protocol = str(rule.get("protocol") or "any")
    ports = (_scalar(rule.get(name)) or "any" for name in ("from_port", "to_port"))
    content = _content(cidr or "any range", protocol, *ports)
    return f"{rule_id} {content}".strip()


def _rules(value: Any, rule_id: str) -> Iterator[str]:
    if isinstance(value, (list, tuple)):
        for inner in value:
            yield from _rules(inner, rule_id)
    if not isinstance(value, Mapping):
        return
    fields = {name.lower(): inner for name, inner in value.items()}
    rule_id = _scalar(fields.get("securitygroupruleid")) or rule_id
    if rule_id:
        yield rule_id
    if fields.get("isegress") in (True, "true"):
        return
    if "ipprotocol" not in fields and "fromport" not in fields:
        for inner in value.values():
            yield from _rules(inner, rule_id)
        return
    for cidr in _ranges(value):
        content = _content(cidr, _scalar(fields.get("ipprotocol")), fields.get("fromport"), fields.get("toport"))
        yield content
        if rule_id:
            yield f"{rule_id} {content}"


def _ranges(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner) if _RANGE.fullmatch(name) else _ranges(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _ranges(inner)


def _content(cidr: str, protocol: str, from_port: Any, to_port: Any) -> str:
    """As in ``tcp 22-22 0.0.0.0/0``. Other protocols have no ports; protocols and ranges have several spellings."""
    protocol = _PROTOCOLS.get(protocol.lower(), protocol.lower())
    ports = f" {_scalar(from_port) or 'none'}-{_scalar(to_port) or 'none'}" if protocol in _WITH_PORTS else ""
    try:
        cidr = str(ipaddress.ip_network(cidr, strict=False))
    except ValueError:
        # Not a range: shown as it is, and the same as no range that is one.
        cidr = cidr[:100]
    return f"{protocol}{ports} {cidr}"


def _scalar(value: Any) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
