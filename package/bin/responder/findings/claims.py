"""What a playbook wants proved beyond a finding's account, region, principal and resource.

A claim is a value that must occur in the finding's records before the playbook may act. That a record names the
resource *somewhere* proves little: whoever may make any call can put any name into a description. So a playbook claims
what it acts on, at the place where CloudTrail has it, and whatever it reads from ``detail``: the rest is not proved.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Callable, NamedTuple

from .. import arn
from .cloudtrail import CloudTrailRecord, leaves


def texts_of(record: CloudTrailRecord) -> frozenset[str]:
    """Every text and number in the request, the response and the resources of a call that succeeded."""
    return record.named if record.succeeded else frozenset()


class Claim(NamedTuple):
    """``value`` must be among the ``values_in`` at least one record; ``what`` is what people call it."""

    what: str
    value: str
    values_in: Callable[[CloudTrailRecord], Iterable[str]] = texts_of
    #: Whether it says what the record is about, where the record itself does not name the resource.
    is_resource: bool = False


def resource_at(resource: str, service: str, *paths: str) -> Claim:
    """A resource, by ARN or by name, is a parameter at one of the paths in a call of the service that succeeded."""

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        if record.succeeded and record.service == service:
            for path in paths:
                for text in record.parameters(path):
                    yield resource if record.is_resource(text, resource) else text

    return Claim("resource", resource, values_in)


def only_one(resource: str, service: str, *event_names: str) -> Claim:
    """What a region has one of, and its calls do not name: a record of such a call that succeeded is about it."""

    def values_in(record: CloudTrailRecord) -> Iterator[str]:
        if record.succeeded and record.service == service and record.event_name in event_names:
            yield resource

    return Claim("resource", resource, values_in, is_resource=True)


def caller(name: str, account: str) -> Claim:
    """An access key or ARN is that of a caller who belongs to the account: calls across accounts are in both logs."""

    def values_in(record: CloudTrailRecord) -> Iterable[str]:
        return record.caller_ids if record.caller_account == account else ()

    return Claim(f"caller in account {account}", name, values_in)


# Rules of security groups

_INGRESS = ("AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules")
#: Where these calls name the group that they change; every other group is one that a rule refers to.
_GROUP = ("groupId", "ModifySecurityGroupRulesRequest.GroupId")
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1", "": "-1"}
_WITH_PORTS = ("tcp", "udp", "icmp", "icmpv6", "any")
_RANGE = re.compile(r"cidr(_?ip)?(v[46])?", re.IGNORECASE)


def ingress_rules(group_id: str, rules: Any) -> list[Claim]:
    """A claim for each of a finding's rules of a group, a list of ``{rule_id, cidr, protocol, from_port, to_port}``.

    A part that the finding leaves out would mean any rule to a playbook, and is in no record.
    """
    named, listed = arn.parse(group_id), rules if isinstance(rules, (list, tuple)) else ()
    group = named.name if named else group_id
    rules = [rule for rule in listed if isinstance(rule, Mapping)]
    return [Claim("security group rule", f"{group} {_wanted(rule)}", rules_in) for rule in rules]


def rules_in(record: CloudTrailRecord) -> frozenset[str]:
    """The rules that a call added to a security group or changed in it: by id, by content, and by both.

    Three shapes are known: flat parameters, ``ipPermissions`` (with ``items`` or without), and the rules of
    ModifySecurityGroupRules; responses since 2021 list the rules with their ids.
    """
    if record.event_name not in _INGRESS or not record.succeeded:
        return frozenset()
    groups = [text for path in _GROUP for text in record.parameters(path)]
    parts = (record.fields.get("requestParameters"), record.fields.get("responseElements"))
    rules = [text for part in parts for text in _rules(part, "")]
    return frozenset(f"{group} {rule}" for group in groups[:1] for rule in rules)


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
