"""Have an instance's metadata service ask for a session token again (IMDSv2).

Facts: EC2 API Reference, ModifyInstanceMetadataOptions (what is not sent stays as it is; the state is ``pending`` for a
while); EC2 User Guide, "Use IMDSv2" (the metric MetadataNoToken counts calls without a token).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .... import arn
from ...model import Call, Observation, Resource, Step
from ...permission import Permission
from . import _ec2
from ._instances import OnInstances

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

TOKENS, DAYS = "session tokens", 7


class RequireImdsv2(OnInstances):
    """Sets an instance's metadata service to require session tokens, so that a forged request gets no credentials.

    Other options, as the hop limit, stay as they are. An instance whose metadata service is off is left alone.
    """

    id = "require_imdsv2"
    title = "Require IMDSv2"
    services = ("ec2", "cloudwatch")
    permissions = (
        Permission("ec2:DescribeInstances"),
        Permission("ec2:ModifyInstanceMetadataOptions", _ec2.INSTANCES),
        Permission("cloudwatch:GetMetricStatistics", optional=True),
    )
    risk = "medium"
    risk_note = "Software on the instance that does not know IMDSv2 gets no credentials and no metadata any more."
    undo_note = "Makes tokens optional again."

    def state_of(self, resource: Resource, described: Mapping[str, Any], aws: Aws) -> Mapping[str, Any]:
        options = described.get("MetadataOptions") or {}
        return {
            TOKENS: str(options.get("HttpTokens") or "optional"),
            "endpoint": str(options.get("HttpEndpoint") or "enabled"),
        }

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now = seen.state[TOKENS]
        if now == "required" or seen.state["endpoint"] == "disabled":
            return ()
        instance = {"InstanceId": arn.name_of(seen.resource.id)}
        call, undo = (
            Call("ec2", "modify_instance_metadata_options", {**instance, "HttpTokens": tokens})
            for tokens in ("required", now)
        )
        return (Step(TOKENS, now, "required", call, undo),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Require session tokens (IMDSv2) of instance {arn.name_of(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Session tokens are {state[TOKENS]} for metadata of instance {arn.name_of(resource.id)}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        instance, now = arn.name_of(resource.id), datetime.now(timezone.utc)
        asked = aws.read(
            "cloudwatch",
            "get_metric_statistics",
            resource.region,
            Namespace="AWS/EC2",
            MetricName="MetadataNoToken",
            Dimensions=[{"Name": "InstanceId", "Value": instance}],
            StartTime=now - timedelta(days=DAYS),
            EndTime=now,
            Period=DAYS * 86_400,
            Statistics=["Sum"],
        )
        calls = int(sum(point["Sum"] for point in asked["Datapoints"]))
        if not calls:
            return [f"In the last {DAYS} days, CloudWatch counted no call for metadata of {instance} without a token."]
        return [f"In the last {DAYS} days, {calls} calls for metadata of {instance} had no token and would now fail."]
