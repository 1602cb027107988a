"""Restart a CloudTrail trail that was stopped.

Facts: CloudTrail API Reference, StartLogging, StopLogging, DescribeTrails (a trail can only be changed in its home
region; an organization trail only by the management or delegated administrator account).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from ....aws import arn
from ....errors import NotFound, Rejected
from ...playbook import Call, Change, Permission, Playbook, Verification
from ...steps import perform, read_back, require, tags_of

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
    needs = ("vendor_account", "vendor_region", "object_id")
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

    def plan(self, finding: Finding, aws: Aws, safety: Safety) -> List[Change]:
        require(self, finding)
        trail = _find(finding, aws)
        name, region = str(trail["TrailARN"]), str(trail["HomeRegion"])
        _refuse_foreign(name, trail.get("IsOrganizationTrail", False), aws)
        state = _status(aws, name, region)
        if state["IsLogging"]:
            return []
        tags = aws.read("cloudtrail", "list_tags", region, ResourceIdList=[name])["ResourceTagList"]
        return [
            Change(
                resource=name,
                resource_type="AWS::CloudTrail::Trail",
                account=aws.account.account_id,
                region=region,
                summary=f"Start logging of trail {trail['Name']} again, which is stopped.",
                before=state,
                after={"IsLogging": True},
                calls=(Call("cloudtrail", "start_logging", {"Name": name}),),
                undo_calls=(Call("cloudtrail", "stop_logging", {"Name": name}),),
                tags=tags_of(tags[0].get("TagsList", ())) if tags else {},
            )
        ]

    def apply(self, change: Change, aws: Aws) -> None:
        perform(change.calls, change, aws)

    def verify(self, change: Change, aws: Aws) -> Verification:
        return _await(change, aws, logging=True)

    def undo(self, change: Change, aws: Aws) -> None:
        """Stops logging again, but only if the trail was not logging before."""
        if not change.before["IsLogging"]:
            perform(change.undo_calls, change, aws)

    def verify_undone(self, change: Change, aws: Aws) -> Verification:
        return _await(change, aws, logging=bool(change.before["IsLogging"]))


def _find(finding: Finding, aws: Aws) -> Mapping[str, Any]:
    """The trail as ``describe_trails`` shows it; by ARN in its own region, by name in that of the event."""
    named = arn.parse(finding.object_id)
    if named:
        _refuse_foreign(finding.object_id, False, aws)
    region = named.region if named else finding.vendor_region
    found = _describe(aws, finding.object_id, region)
    if found is None:
        raise NotFound(
            f"Trail {finding.object_id} does not exist (any more) in {region}.",
            "If it was deleted, create it again from your template; there is nothing to restart.",
        )
    return found


def _describe(aws: Aws, trail: str, region: str) -> Optional[Mapping[str, Any]]:
    answer = aws.read_if(
        ("TrailNotFoundException",),
        "cloudtrail",
        "describe_trails",
        region,
        trailNameList=[trail],
        includeShadowTrails=True,
    )
    found = [t for t in (answer or {}).get("trailList", ()) if trail in (t["TrailARN"], t["Name"])]
    # Trails of several regions may share a name; the event was logged where the one that is meant is at home.
    found.sort(key=lambda t: t["HomeRegion"] != region)
    return found[0] if found else None


def _refuse_foreign(name: str, organization: bool, aws: Aws) -> None:
    named = arn.parse(name)
    if named and named.account != aws.account.account_id:
        kind = "an organization trail" if organization else "a trail"
        raise Rejected(
            f"{name} is {kind} of account {named.account}; account {aws.account.account_id} cannot start it.",
            f"Add account {named.account} on the AWS accounts tab and remediate there.",
        )


def _status(aws: Aws, name: str, region: str) -> Dict[str, Any]:
    status = aws.read("cloudtrail", "get_trail_status", region, Name=name)
    state: Dict[str, Any] = {"IsLogging": bool(status.get("IsLogging"))}
    # A trail that runs into a broken bucket logs nothing; whoever reads the ticket should see it.
    if status.get("LatestDeliveryError"):
        state["LatestDeliveryError"] = str(status["LatestDeliveryError"])
    return state


def _await(change: Change, aws: Aws, logging: bool) -> Verification:
    def say(state: Mapping[str, Any]) -> str:
        words = "is logging" if state["IsLogging"] else "is not logging"
        error = state.get("LatestDeliveryError")
        return f"{change.resource} {words}" + (f", but its last delivery failed: {error}." if error else ".")

    return read_back(
        aws, lambda: _status(aws, change.resource, change.region), lambda state: state["IsLogging"] == logging, say
    )
