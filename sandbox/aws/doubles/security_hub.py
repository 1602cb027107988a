"""What moto lacks of Security Hub, or gets wrong: to enable it twice, standards, and the tags of the hub.

Facts: Security Hub API Reference, EnableSecurityHub (``ResourceConflictException`` where it is enabled),
BatchEnableStandards, BatchDisableStandards, GetEnabledStandards (``PENDING`` first, then ``READY``), DescribeStandards,
ListTagsForResource. Whether it is enabled is moto's to say; with it go its standards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.securityhub.models import securityhub_backends

from sandbox.aws.double import Answer, Refused, World

#: What is offered, and what a hub has by default; the oldest is named in another way.
_DEFAULT = (
    "ruleset/cis-aws-foundations-benchmark/v/1.2.0",
    "standards/aws-foundational-security-best-practices/v/1.0.0",
)
_OFFERED = (*_DEFAULT, "standards/pci-dss/v/3.2.1", "standards/nist-800-53/v/5.0.0")


def enable(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    backend = securityhub_backends[world.account][world.region]
    if backend.enabled:
        raise Refused("ResourceConflictException", "Account is already subscribed to Security Hub.")
    defaults = given.get("EnableDefaultStandards", True)
    backend.enable_security_hub(enable_default_standards=defaults, tags=given.get("Tags"))
    standards = _standards(world)
    standards.clear()
    standards.update({_arn(world, one): "READY" for one in _DEFAULT} if defaults else {})
    return {}


def list_tags(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return {"Tags": dict(getattr(_backend(world), "tags", None) or {})}


def describe_standards(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _backend(world)
    return {"Standards": [{"StandardsArn": _arn(world, one), "Name": one} for one in _OFFERED]}


def enabled_standards(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _backend(world)
    standards = _standards(world)
    shown = [_shown(world, arn, status) for arn, status in standards.items()]
    standards.update(dict.fromkeys(standards, "READY"))
    return {"StandardsSubscriptions": shown}


def enable_standards(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _backend(world)
    wanted = [str(one["StandardsArn"]) for one in given["StandardsSubscriptionRequests"]]
    if not set(wanted) <= {_arn(world, one) for one in _OFFERED}:
        raise Refused("InvalidInputException", "Invalid standards ARN.")
    standards = _standards(world)
    for arn in wanted:
        standards.setdefault(arn, "PENDING")
    return {"StandardsSubscriptions": [_shown(world, arn, standards[arn]) for arn in wanted]}


def disable_standards(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _backend(world)
    standards, wanted = _standards(world), given["StandardsSubscriptionArns"]
    by_subscription = {_subscription(world, arn): arn for arn in standards}
    if not set(wanted) <= set(by_subscription):
        raise Refused("InvalidInputException", "There is no such subscription.")
    gone = [by_subscription[one] for one in wanted]
    for arn in gone:
        del standards[arn]
    return {"StandardsSubscriptions": [_shown(world, arn, "DELETING") for arn in gone]}


def _backend(world: World) -> Any:
    backend = securityhub_backends[world.account][world.region]
    if not backend.enabled:
        raise Refused("InvalidAccessException", "Account is not subscribed to AWS Security Hub")
    return backend


def _standards(world: World) -> dict[str, str]:
    """ARNs of standards that are enabled, and their status."""
    kept: dict[str, str] = world.keep("security_hub_standards")
    return kept


def _arn(world: World, standard: str) -> str:
    return f"arn:aws:securityhub:{'' if standard.startswith('ruleset') else world.region}::{standard}"


def _subscription(world: World, standard: str) -> str:
    named = standard.rpartition("::")[2].partition("/")[2]
    return f"arn:aws:securityhub:{world.region}:{world.account}:subscription/{named}"


def _shown(world: World, standard: str, status: str) -> dict[str, Any]:
    return {
        "StandardsSubscriptionArn": _subscription(world, standard),
        "StandardsArn": standard,
        "StandardsInput": {},
        "StandardsStatus": status,
    }


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("securityhub", "BatchDisableStandards"): disable_standards,
    ("securityhub", "BatchEnableStandards"): enable_standards,
    ("securityhub", "DescribeStandards"): describe_standards,
    ("securityhub", "EnableSecurityHub"): enable,
    ("securityhub", "GetEnabledStandards"): enabled_standards,
    ("securityhub", "ListTagsForResource"): list_tags,
}
