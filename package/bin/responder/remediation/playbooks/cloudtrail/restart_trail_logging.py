"""Restart a CloudTrail trail that was stopped.

Facts: CloudTrail API Reference, StartLogging, StopLogging, DescribeTrails (a trail can only be changed in its home
region; an organization trail only by the management or delegated administrator account).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....aws.bulk import BulkRead
from ....errors import NotFound, Rejected
from ....findings.claims import Claim, resource_at
from ...playbook import Call, Observation, Permission, Playbook, Resource, Step, Target, tags_of

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

TRAILS = "arn:aws:cloudtrail:*:*:trail/*"


class RestartTrailLogging(Playbook):
    """Starts the logging of a trail that is stopped, in its home region; the finding may name it by name or ARN.

    A trail that is logging already is left alone.
    """

    id = "restart_trail_logging"
    title = "Restart trail logging"
    accepts = ("AWS::CloudTrail::Trail",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the trail's name or ARN"
    services = ("cloudtrail",)
    permissions = (
        Permission("cloudtrail:DescribeTrails"),
        Permission("cloudtrail:GetTrailStatus", TRAILS),
        Permission("cloudtrail:ListTags", TRAILS),
        Permission("cloudtrail:StartLogging", TRAILS),
        Permission("cloudtrail:StopLogging", TRAILS),
    )
    risk = "low"
    risk_note = (
        "Logging costs what it did before it was stopped. Settings of the trail that were weakened, and a trail that "
        "was deleted, are not repaired. An organization trail can only be restarted from the account that owns it."
    )
    undo_note = "Stops logging again, if it was this app that started it."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "cloudtrail", "name"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        if named:
            _refuse_foreign(finding.object_id, False, aws)
        return (Target(finding.object_id, named.region if named else finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        trail = _describe(aws, target)
        name, region = str(trail["TrailARN"]), str(trail["HomeRegion"])
        _refuse_foreign(name, bool(trail.get("IsOrganizationTrail")), aws)
        tags = aws.read_bulk(_TAGS, name, region)
        resource = Resource(
            id=name,
            type="AWS::CloudTrail::Trail",
            account=aws.account.account_id,
            region=region,
            tags=tags_of(tags[0].get("TagsList", ())) if tags else {},
        )
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        status = aws.read("cloudtrail", "get_trail_status", resource.region, Name=resource.id)
        state: dict[str, Any] = {"IsLogging": bool(status["IsLogging"])}
        # A trail that runs into a broken bucket logs nothing; whoever reads the ticket should see it.
        if status.get("LatestDeliveryError"):
            state["LatestDeliveryError"] = str(status["LatestDeliveryError"])
        return state

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state["IsLogging"]:
            return ()
        name = {"Name": seen.resource.id}
        start, stop = Call("cloudtrail", "start_logging", name), Call("cloudtrail", "stop_logging", name)
        return (Step("IsLogging", False, True, start, stop),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Start logging of trail {arn.name_of(resource.id)} again, which is stopped."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        logs = "is logging" if state["IsLogging"] else "is not logging"
        error = state.get("LatestDeliveryError")
        return f"{resource.id} {logs}" + (f", but its last delivery failed: {error}." if error else ".")


def _describe(aws: Aws, target: Target) -> Mapping[str, Any]:
    """The trail as ``describe_trails`` shows it; by ARN in its own region, by name in that of the event."""
    found = aws.read_bulk(_TRAILS, target.id, target.region)
    if not found:
        raise NotFound(
            f"Trail {target.id} does not exist (any more) in {target.region}.",
            "If it was deleted, create it again from your template; there is nothing to restart.",
        )
    # Trails of several regions may share a name; the event was logged where the one that is meant is at home.
    return min(found, key=lambda trail: bool(trail["HomeRegion"] != target.region))


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
_TAGS = BulkRead("cloudtrail", "list_tags", "ResourceTagList", _tagged, _resource, most=20)


def _refuse_foreign(name: str, organization: bool, aws: Aws) -> None:
    named = arn.parse(name)
    if named and named.account != aws.account.account_id:
        kind = "an organization trail" if organization else "a trail"
        raise Rejected(
            f"{name} is {kind} of account {named.account}; account {aws.account.account_id} cannot start it.",
            f"Add account {named.account} on the AWS accounts tab and remediate there.",
        )
