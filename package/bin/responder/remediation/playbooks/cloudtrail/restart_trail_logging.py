"""Restart a CloudTrail trail that was stopped.

Facts: CloudTrail API Reference, StartLogging, StopLogging, GetTrailStatus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....findings.claims import Claim, resource_at
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from ...sweeping import Part, Signature, View, Wrong
from ._trails import READING, TRAIL, TRAILS, described, reach_of, resource_of, target_in

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

STOPPED = Signature("trail_logging_stopped", "CloudTrail trail stopped logging", "T1562.008")


class RestartTrailLogging(Playbook):
    """Starts the logging of a trail that is stopped, in its home region; the finding may name it by name or ARN.

    A trail that is logging already is left alone.
    """

    id = "restart_trail_logging"
    title = "Restart trail logging"
    accepts = (TRAIL,)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the trail's name or ARN"
    services = ("cloudtrail",)
    deleted_by = ("DeleteTrail",)
    permissions = (
        *READING,
        Permission("cloudtrail:GetTrailStatus", TRAILS),
        Permission("cloudtrail:StartLogging", TRAILS),
        Permission("cloudtrail:StopLogging", TRAILS),
    )
    risk = "low"
    risk_note = (
        "Logging costs what it did before it was stopped. Settings of the trail that were weakened, and a trail that "
        "was deleted, are not repaired. An organization trail can only be restarted from the account that owns it."
    )
    undo_note = "Stops logging again, if it was this app that started it."
    sweeps = (STOPPED,)

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "cloudtrail", "name"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (target_in(finding, aws),)

    def read(self, target: Target, aws: Aws) -> Observation:
        resource = resource_of(described(aws, target), aws)
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

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        trail = described(aws, resource.target)
        status = aws.read("cloudtrail", "get_trail_status", resource.region, Name=resource.id)
        found = [f"It logs {reach_of(trail)} into bucket {trail['S3BucketName']} again, at the cost from before."]
        if status.get("StopLoggingTime"):
            found.append(f"It was stopped at {status['StopLoggingTime']}; what happened since is in no log file of it.")
        if status.get("LatestDeliveryError"):
            found.append(
                f"Its last delivery failed ({status['LatestDeliveryError']}): started again, it may log nothing."
            )
        return found

    def look(self, view: View) -> Iterator[Part]:
        """A trail is changed where it is at home, and by the account that owns it: others are looked at there."""
        account = view.aws.account.account_id
        listed = view.aws.read("cloudtrail", "describe_trails", view.region, includeShadowTrails=False)["trailList"]
        found = []
        for trail in listed:
            name, owner = str(trail["TrailARN"]), arn.parse(str(trail["TrailARN"]))
            if trail["HomeRegion"] != view.region or owner is None or owner.account != account:
                continue
            if not view.aws.read("cloudtrail", "get_trail_status", view.region, Name=name)["IsLogging"]:
                short = arn.name_of(name)
                reason = f"Trail {short} does not log."
                found.append(Wrong(STOPPED, TRAIL, short, view.region, "critical", reason, {"trail": short}))
        yield Part(tuple(found))
