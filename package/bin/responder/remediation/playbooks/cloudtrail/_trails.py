"""Trails, as every playbook about them reads them.

Facts: CloudTrail API Reference, DescribeTrails, ListTags (a trail can only be changed in its home region, in others it
shows as a shadow; an organization trail only by the management or delegated administrator account).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....aws.bulk import BulkRead
from ....errors import NotFound, Rejected
from ...last_known import response_of
from ...model import Resource, Target, tags_of
from ...permission import Permission

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding

TRAIL = "AWS::CloudTrail::Trail"
TRAILS = "arn:aws:cloudtrail:*:*:trail/*"
READING = (Permission("cloudtrail:DescribeTrails"), Permission("cloudtrail:ListTags", TRAILS))


def target_in(finding: Finding, aws: Aws) -> Target:
    named = arn.parse(finding.object_id)
    if named:
        _refuse_foreign(finding.object_id, False, aws)
    return Target(finding.object_id, named.region if named else finding.vendor_region)


def described(aws: Aws, target: Target) -> Mapping[str, Any]:
    """The trail as ``describe_trails`` shows it; by ARN in its own region, by name in that of the event."""
    found = aws.read_bulk(_TRAILS, target.id, target.region)
    if not found:
        raise NotFound(
            f"Trail {target.id} does not exist (any more) in {target.region}.",
            "If it was deleted, create it again (playbook recreate_deleted_trail); there is nothing to restart.",
        )
    # Trails of several regions may share a name; the event was logged where the one that is meant is at home.
    return min(found, key=lambda trail: bool(trail["HomeRegion"] != target.region))


def resource_of(trail: Mapping[str, Any], aws: Aws) -> Resource:
    """Raises Rejected where another account owns the trail."""
    name, region = str(trail["TrailARN"]), str(trail["HomeRegion"])
    _refuse_foreign(name, bool(trail.get("IsOrganizationTrail")), aws)
    tags = aws.read_bulk(TAGS, name, region)
    return Resource(
        id=name,
        type=TRAIL,
        account=aws.account.account_id,
        region=region,
        tags=tags_of(tags[0].get("TagsList", ())) if tags else {},
    )


def is_of(record: CloudTrailRecord, resource: Resource) -> bool:
    """Whether a call was about this very trail: trails of other regions may have the same name."""
    named = response_of(record).get("trailARN")
    return record.region == resource.region and named in (None, resource.id)


def reach_of(trail: Mapping[str, Any]) -> str:
    """What it covers, in words."""
    if trail.get("IsOrganizationTrail"):
        return "all accounts of the organization"
    return "all regions of the account" if trail.get("IsMultiRegionTrail") else f"region {trail.get('HomeRegion')} only"


def _names(trail: Mapping[str, Any]) -> tuple[str, ...]:
    return str(trail.get("TrailARN")), str(trail.get("Name"))


def _by_name(names: Sequence[str]) -> Mapping[str, Any]:
    return {"trailNameList": list(names), "includeShadowTrails": True}


def _trail(aws: Aws, region: str, name: str) -> list[dict[str, Any]]:
    absent = ("TrailNotFoundException",)
    answer = aws.read_if(absent, "cloudtrail", "describe_trails", region, **_by_name([name]))
    return [trail for trail in (answer["trailList"] if answer is not None else ()) if name in _names(trail)]


def _tagged(names: Sequence[str]) -> Mapping[str, Any]:
    return {"ResourceIdList": list(names)}


def _resource(item: Mapping[str, Any]) -> tuple[str, ...]:
    return (str(item.get("ResourceId")),)


_TRAILS = BulkRead("cloudtrail", "describe_trails", "trailList", _by_name, _names, most=50, alone=_trail)
#: ListTags takes 20 (CloudTrail API Reference), and fails for all where one is gone.
TAGS = BulkRead("cloudtrail", "list_tags", "ResourceTagList", _tagged, _resource, most=20)


def _refuse_foreign(name: str, organization: bool, aws: Aws) -> None:
    named = arn.parse(name)
    if named and named.account != aws.account.account_id:
        kind = "an organization trail" if organization else "a trail"
        raise Rejected(
            f"{name} is {kind} of account {named.account}; account {aws.account.account_id} cannot change it.",
            f"Add account {named.account} on the AWS accounts tab and remediate there.",
        )
