"""Create VPC flow logs again that were deleted.

Facts: EC2 API Reference, CreateFlowLogs (it succeeds also where it made none: ``Unsuccessful`` says so),
DescribeFlowLogs, DeleteFlowLogs. A flow log cannot be changed, and one that is created again has a new id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import Curable, InvalidFinding, NotFound
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...last_known import counted, parameters, request_of, response_of, texts, unknown
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

FLOW_LOGS = "arn:aws:ec2:*:*:vpc-flow-log/*"
#: What flow logs are made of.
WATCHED = ("vpc", "subnet", "network-interface", "transit-gateway", "transit-gateway-attachment")
SETTINGS = (
    "ResourceType", "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName", "DeliverLogsPermissionArn",
    "DeliverCrossAccountRole", "LogFormat", "MaxAggregationInterval", "DestinationOptions",
)  # fmt: skip
_ID = re.compile(r"fl-[0-9a-f]{1,17}")
_IDS_AT = (
    "DeleteFlowLogsRequest.FlowLogId.content", "DeleteFlowLogsRequest.FlowLogId", "flowLogId",
    "flowLogIdSet.items.flowLogId",
)  # fmt: skip


class RestoreFlowLogs(Playbook):
    """Creates the flow logs again that the finding's DeleteFlowLogs call deleted, for the same VPC or other resource.

    How they were set up is read from CloudTrail's records of CreateFlowLogs of the 90 days before. Where something is
    watched already, with the same traffic and destination, nothing is created. Tags of a flow log do not come back.
    """

    id = "restore_flow_logs"
    identities = ("FlowLogId",)
    title = "Restore VPC flow logs"
    accepts = ("AWS::EC2::FlowLog",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`flow_logs`: the ids of the deleted flow logs, a list (or a text with commas), 20 at most"
    services = ("ec2",)
    permissions = (
        Permission("ec2:DescribeFlowLogs"),
        Permission("ec2:CreateFlowLogs", FLOW_LOGS),
        *(Permission("ec2:CreateFlowLogs", f"arn:aws:ec2:*:*:{kind}/*") for kind in WATCHED),
        Permission("ec2:DeleteFlowLogs", FLOW_LOGS),
        Permission("logs:CreateLogDelivery", implied=True),
        Permission("logs:DeleteLogDelivery", implied=True),
        Permission(
            "iam:PassRole",
            "arn:aws:iam::*:role/*",
            ("StringEquals", "iam:PassedToService", "vpc-flow-logs.amazonaws.com"),
            implied=True,
        ),
    )
    risk = "low"
    risk_note = (
        "Flow logs cost what they did before. Their bucket, log group or stream and their role must still exist. What "
        "was not logged meanwhile stays missing. Tags of the flow logs are not known and are not set."
    )
    undo_note = "Deletes the flow logs that it created."
    already = ("FlowLogAlreadyExists", "InvalidFlowLogId.NotFound")

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return [resource_at(flow_log, "ec2", *_IDS_AT) for flow_log in _deleted(finding)]

    def past(self, finding: Finding) -> PastCalls | None:
        first, *others = _deleted(finding)
        return PastCalls(("CreateFlowLogs",), first, tuple(others))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        region, first = finding.vendor_region, _deleted(finding)[0]
        return (Target(arn_in(aws, "ec2", region, f"vpc-flow-log/{first}"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        """What is gone has no tags: the flow logs that are there are read instead."""
        resource = Resource(target.id, "AWS::EC2::FlowLog", aws.account.account_id, target.region)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        listed = aws.read_all("FlowLogs", "ec2", "describe_flow_logs", resource.region)
        return {_aspect(str(one.get("ResourceId")), one): _shown(one) for one in listed}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        wanted = set(_deleted(finding))
        found: dict[str, Step] = {}
        for record in counted(finding, seen.past):
            for flow_log, resource_id, settings in _created(record, aws):
                if flow_log in wanted:
                    wanted.discard(flow_log)
                    step = _step(resource_id, settings)
                    if seen.state.get(step.aspect) is None:
                        found[step.aspect] = step
        if wanted:
            raise unknown(f"VPC flow logs {', '.join(sorted(wanted))}")
        return list(found.values())

    def answered(self, call: Call, answer: Mapping[str, Any]) -> bool:
        for refused in answer.get("Unsuccessful") or ():
            code, message = (str(refused.get("Error", {}).get(name, ""))[:300] for name in ("Code", "Message"))
            if code == "FlowLogAlreadyExists":
                return False
            about = f"{call.operation} of {refused.get('ResourceId')}"
            if "NotFound" in code:
                raise NotFound(f"{about}: it does not exist (any more): {code}.")
            raise Curable(f"AWS refuses {about}: {code}: {message}", "Change it in AWS, then retry.")
        return True

    def ready(self, step: Step, seen: Observation) -> Call:
        """What was created is deleted by the id that it has got."""
        if step.call.operation != "delete_flow_logs":
            return step.call
        return replace(step.call, parameters={"FlowLogIds": [str(seen.state[step.aspect]["FlowLogId"])]})

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """It is there or not: one that was created again has a new id."""
        return (one is None) == (other is None)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Create VPC flow logs again: {'; '.join(step.aspect for step in steps)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        present = [aspect for aspect in aspects if state.get(aspect) is not None]
        return f"Flow logs of {resource.region}: {'; '.join(present) or 'none of these'}."


def _deleted(finding: Finding) -> list[str]:
    found = [arn.name_of(text) for text in texts(finding.detail.get("flow_logs"))]
    if not found or len(found) > 20 or not all(map(_ID.fullmatch, found)):
        raise InvalidFinding(
            "The finding does not say which VPC flow logs were deleted (1 to 20 ids).",
            'Let the search set detail to {"flow_logs": ["fl-..."]}.',
        )
    return found


def _created(record: CloudTrailRecord, aws: Aws) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Of each flow log that a call created: its id, what it watched, how it was set up."""
    request = request_of(record)
    request = _plain(request.get("CreateFlowLogsRequest") or request)
    response = _plain(response_of(record).get("CreateFlowLogsResponse") or response_of(record))
    flow_logs = _list(response.get("flowLogIdSet"))
    watched = _list(request.get("ResourceId") or request.get("resourceIds"))
    if len(flow_logs) != len(watched):
        # Some were refused: the record does not say which id is whose.
        return
    try:
        settings = parameters(aws, "ec2", "create_flow_logs", request, SETTINGS)
    except ValueError as error:
        raise InvalidFinding(f"A record of CreateFlowLogs cannot be read: {error}.", "Restore it by hand.") from None
    for flow_log, resource_id in zip(flow_logs, watched):
        yield flow_log, resource_id, settings


def _step(resource_id: str, settings: Mapping[str, Any]) -> Step:
    call = Call("ec2", "create_flow_logs", {"ResourceIds": [resource_id], **settings})
    # The id is known once it is there (``ready``).
    return Step(_aspect(resource_id, settings), None, _shown(settings), call, Call("ec2", "delete_flow_logs"))


def _aspect(resource_id: str, settings: Mapping[str, Any]) -> str:
    """As in ``vpc-1 (ALL) to arn:aws:s3:::logs``: what tells one flow log from another."""
    traffic = f" ({settings['TrafficType']})" if settings.get("TrafficType") else ""
    return f"{resource_id}{traffic} to {_destination(settings)}"


def _destination(settings: Mapping[str, Any]) -> str:
    """A log group by its name, however it is given; else the ARN."""
    given = str(settings.get("LogDestination") or "")
    group = settings.get("LogGroupName") or (given.partition(":log-group:")[2].partition(":")[0])
    return f"log group {group}" if group else given


def _shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: settings[name] for name in ("FlowLogId", "LogFormat", "MaxAggregationInterval") if settings.get(name)}


def _plain(value: Any) -> Any:
    """CloudTrail writes EC2's lists as ``{"tag": 1, "content": ...}``, or below ``item``."""
    if isinstance(value, Mapping):
        for key in ("content", "item", "items"):
            if key in value:
                return _plain(value[key])
        return {key: _plain(inner) for key, inner in value.items() if key != "xmlns"}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _list(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one]
