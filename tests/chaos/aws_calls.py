"""What a request to AWS asks for, read from the wire, and what it changes.

Protocols: query (IAM, STS), EC2's variant of it, JSON with ``X-Amz-Target`` (CloudTrail), REST (S3).
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from sandbox.loopback import Exchange

_READS = ("Get", "List", "Describe", "Head", "AssumeRole", "Lookup", "Simulate", "Generate")
_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/[^/]+/([^/]+)/")
_WORLD = "0.0.0.0/0"


@dataclass(frozen=True)
class Call:
    """``operation`` as AWS names it; ``parameters`` as on the wire, which is flat for the query protocols."""

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_write(self) -> bool:
        # Of other REST services than S3, method and path.
        return not self.operation.startswith((*_READS, "GET ", "HEAD "))

    def __str__(self) -> str:
        shown = {name: value for name, value in self.parameters.items() if name not in ("Action", "Version")}
        return f"{self.service}:{self.operation} " + " ".join(f"{name}={value}" for name, value in shown.items())


def call_of(exchange: Exchange) -> Call:
    """The call that a request is."""
    headers = {name.lower(): value for name, value in exchange.headers.items()}
    scope = _SCOPE.search(headers.get("authorization", ""))
    service = scope.group(1) if scope else "unknown"
    if "x-amz-target" in headers:
        return Call(service, headers["x-amz-target"].rpartition(".")[2], _json(exchange.text))
    if service == "s3":
        return _s3(exchange)
    parameters = dict(parse_qsl(exchange.text, keep_blank_values=True))
    return Call(service, parameters.get("Action", f"{exchange.method} {exchange.path}"), parameters)


def changes(call: Call, rules: Mapping[str, str]) -> Iterator[str]:
    """What a call changes, in the words of ``Target.change``. ``rules``: port by security group rule id.

    A call that no playbook of the plan needs is described as it is.
    """
    given = call.parameters
    if call.operation == "RevokeSecurityGroupIngress":
        yield from _revoked(given, rules)
    elif call.operation == "UpdateAccessKey":
        verb = {"Inactive": "deactivate", "Active": "activate"}.get(str(given.get("Status")), "update")
        yield f"{verb} {given.get('AccessKeyId')}"
    elif call.operation == "StartLogging":
        yield f"start {str(given.get('Name')).rpartition('/')[2]}"
    elif call.operation == "PutPublicAccessBlock" and given["AllOn"]:
        yield f"block {given['Bucket']}"
    else:
        yield str(call)


def _revoked(given: Mapping[str, Any], rules: Mapping[str, str]) -> Iterator[str]:
    """Rules are named by id, or by what they allow."""
    group = given.get("GroupId")
    for name, value in given.items():
        if name.startswith("SecurityGroupRuleId"):
            yield f"revoke {group} {rules.get(value, value)}"
        elif re.fullmatch(r"IpPermissions\.\d+\.FromPort", name):
            prefix = name.rpartition(".")[0] + "."
            ranges = [v for n, v in given.items() if n.startswith(prefix) and n.endswith((".CidrIp", ".CidrIpv6"))]
            yield from (f"revoke {group} {value}" + f" {cidr}" * (cidr != _WORLD) for cidr in ranges)


def _s3(exchange: Exchange) -> Call:
    bucket = unquote(exchange.path).strip("/").partition("/")[0]
    sub_resource = next(iter(exchange.query), "")
    verb = {"GET": "Get", "HEAD": "Head"}.get(exchange.method, exchange.method.capitalize())
    parameters: dict[str, Any] = {"Bucket": bucket}
    if sub_resource == "publicAccessBlock" and exchange.method == "PUT":
        parameters["AllOn"] = [flag.text for flag in ET.fromstring(exchange.body)] == ["true"] * 4
    return Call("s3", verb + sub_resource[:1].upper() + sub_resource[1:], parameters)


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = text
    return value if isinstance(value, dict) else {"Body": value}
