"""Security Hub's standards: which are enabled, and the calls that enable and disable one.

Facts: Security Hub API Reference, BatchEnableStandards (takes ARNs of standards), BatchDisableStandards (takes ARNs of
subscriptions, which end alike), GetEnabledStandards (``PENDING`` until its controls are made), DescribeStandards,
EnableSecurityHub (which enables AWS's default standards unless told not to).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ....findings.cloudtrail import leaves
from ...last_known import request_of
from ...model import Call, Resource, Step
from ...named import arn_in
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord

HUB = "arn:aws:securityhub:*:*:hub/default"
PERMISSIONS = (
    Permission("securityhub:GetEnabledStandards", HUB),
    Permission("securityhub:BatchEnableStandards", HUB),
    Permission("securityhub:BatchDisableStandards", HUB),
)
#: Where Security Hub is not enabled.
OFF = ("InvalidAccessException", "ResourceNotFoundException")
#: What a standard and its subscription end with: name and version.
NAMED = r"[a-z0-9-]{1,80}/v/[0-9.]{1,20}"
STANDARD = re.compile(rf"arn:[a-z-]+:securityhub:[a-z0-9-]*::(?:standards|ruleset)/({NAMED})")
SUBSCRIPTION = re.compile(rf"arn:[a-z-]+:securityhub:[a-z0-9-]+:\d{{12}}:subscription/({NAMED})")
#: States of a standard that is not, or no longer, enabled.
_NOT_ENABLED = ("DELETING", "FAILED")
ASPECT = "standard "


def enabled(region: str, aws: Aws) -> dict[str, Any]:
    """The standards that are enabled, as aspects of a state. Raises where Security Hub is not enabled."""
    found = aws.read_all("StandardsSubscriptions", "securityhub", "get_enabled_standards", region)
    return {
        ASPECT + name_in(SUBSCRIPTION, one["StandardsSubscriptionArn"]): True
        for one in found
        if one.get("StandardsStatus") not in _NOT_ENABLED
    }


def name_in(pattern: re.Pattern[str], text: Any) -> str:
    """Name and version in an ARN; empty where it is none."""
    found = pattern.fullmatch(str(text))
    return found.group(1) if found else ""


def to_enable(standards: Iterable[str], state: Mapping[str, Any], resource: Resource, aws: Aws) -> Iterator[Step]:
    """A step for each standard, by its ARN, that is not enabled."""
    for standard in standards:
        name = name_in(STANDARD, standard)
        if name and not state.get(ASPECT + name):
            subscription = arn_in(aws, "securityhub", resource.region, f"subscription/{name}")
            requests = {"StandardsSubscriptionRequests": [{"StandardsArn": standard}]}
            yield Step(
                ASPECT + name,
                None,
                True,
                Call("securityhub", "batch_enable_standards", requests),
                Call("securityhub", "batch_disable_standards", {"StandardsSubscriptionArns": [subscription]}),
            )


def words(names: Iterable[str]) -> str:
    return ", ".join(name[len(ASPECT) :] for name in names)


def last_enabled(records: Iterable[CloudTrailRecord], region: str) -> list[str]:
    """ARNs of the standards that were enabled in a region and not disabled since; ``records``: newest first."""
    found: dict[str, str] = {}
    for record in reversed([one for one in records if one.region == region and one.service == "securityhub"]):
        for text in leaves(request_of(record)):
            if record.event_name == "BatchEnableStandards" and name_in(STANDARD, text):
                found[name_in(STANDARD, text)] = text
            if record.event_name == "BatchDisableStandards":
                found.pop(name_in(SUBSCRIPTION, text), None)
    return list(found.values())
