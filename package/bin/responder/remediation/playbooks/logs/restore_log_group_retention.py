"""Give a log group of CloudWatch Logs back the retention that a call has shortened.

Facts: CloudWatch Logs API Reference, PutRetentionPolicy, DeleteRetentionPolicy (events are then kept for good),
DescribeLogGroups (``retentionInDays`` is missing where events never expire; names come in their order, so the group
itself is the first of its prefix). Expired events are deleted within 72 hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, NotFound
from ....findings.claims import Claim, resource_at
from ....findings.past_calls import PastCalls
from ...last_known import newest, parameters, request_of, unknown
from ...model import Call, Observation, Resource, Step, Target
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

GROUPS = "arn:aws:logs:*:*:log-group:*"
RETENTION = "retention"
#: Of a group whose events never expire.
NEVER = 0


class RestoreLogGroupRetention(Playbook):
    """Sets the retention of a log group back to what it was before the finding's PutRetentionPolicy call.

    What it was is read from CloudTrail's records of the 90 days before: of the last PutRetentionPolicy or
    DeleteRetentionPolicy, or of the group's creation (then events never expire). A retention that is no longer as the
    call set it has been changed again, and stays; it is never shortened.
    """

    id = "restore_log_group_retention"
    title = "Restore retention of log group"
    accepts = ("AWS::Logs::LogGroup",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`retention_days`: the number of days that the call set"
    services = ("logs",)
    permissions = (
        Permission("logs:DescribeLogGroups"),
        Permission("logs:ListTagsForResource", GROUPS),
        Permission("logs:PutRetentionPolicy", GROUPS),
        Permission("logs:DeleteRetentionPolicy", GROUPS),
    )
    risk = "low"
    risk_note = (
        "Storage costs what it did before. Events that have expired are deleted within 72 hours, so it has to be done "
        "soon; what was deleted is lost. A data protection or account policy is not changed."
    )
    undo_note = "Sets the short retention again, if nobody has changed it since."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def days_in(record: CloudTrailRecord) -> Sequence[str]:
            is_call = record.succeeded and record.event_name == "PutRetentionPolicy"
            return list(record.parameters("retentionInDays")) if is_call else []

        group = resource_at(_group_in(finding), "logs", "logGroupName", "logGroupIdentifier")
        return (group, Claim("retention in days", str(_days_in(finding)), days_in))

    def past(self, finding: Finding) -> PastCalls | None:
        return PastCalls(("PutRetentionPolicy", "DeleteRetentionPolicy", "CreateLogGroup"), _group_in(finding))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        region = finding.vendor_region
        prefix = arn_in(aws, "logs", region, "log-group:")
        _days_in(finding)
        return (Target(prefix + _group_in(finding), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        shown = _shown(target, aws)
        tags = aws.read("logs", "list_tags_for_resource", target.region, resourceArn=target.id)["tags"]
        kind = "AWS::Logs::LogGroup"
        made = str(shown.get("creationTime") or "")
        resource = Resource(target.id, kind, aws.account.account_id, target.region, dict(tags), unique_id=made)
        return Observation(resource, _state(shown))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(_shown(resource.target, aws))

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, name = seen.state[RETENTION], _name_of(seen.resource.id)
        if now != _days_in(finding):
            return ()

        def read(record: CloudTrailRecord) -> int | None:
            if record.region != seen.resource.region:
                return None
            if record.event_name != "PutRetentionPolicy":
                return NEVER
            given = parameters(aws, "logs", "put_retention_policy", request_of(record), ("retentionInDays",))
            return int(given["retentionInDays"])

        known = newest(finding, seen.past, read)
        if known is None:
            raise unknown(f"the retention of log group {name}")
        if known != NEVER and known <= now:
            return ()
        return (Step(RETENTION, now, known, _put(name, known), _put(name, now)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Keep events of log group {_name_of(resource.id)} {_words(steps[0].after)} again."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Log group {_name_of(resource.id)} keeps events {_words(state[RETENTION])}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        stored = int(_shown(resource.target, aws).get("storedBytes") or 0)
        return (f"The log group stores {stored:,} bytes now.",)


def _shown(target: Target, aws: Aws) -> Mapping[str, Any]:
    name = _name_of(target.id)
    listed = aws.read("logs", "describe_log_groups", target.region, logGroupNamePrefix=name)["logGroups"]
    found = next((group for group in listed if group["logGroupName"] == name), None)
    if found is None:
        raise NotFound(f"Log group {name} does not exist (any more) in {target.region}.")
    return dict(found)


def _state(group: Mapping[str, Any]) -> dict[str, Any]:
    return {RETENTION: int(group.get("retentionInDays") or NEVER)}


def _put(name: str, days: int) -> Call:
    if days == NEVER:
        return Call("logs", "delete_retention_policy", {"logGroupName": name})
    return Call("logs", "put_retention_policy", {"logGroupName": name, "retentionInDays": days})


def _group_in(finding: Finding) -> str:
    return _name_of(finding.object_id)


def _name_of(text: str) -> str:
    """Of an ARN, all behind ``log-group:``: names have slashes."""
    named = arn.parse(text)
    return named.resource.partition(":")[2].partition(":")[0] if named else text


def _days_in(finding: Finding) -> int:
    days = str(finding.detail.get("retention_days") or "")
    if not (days.isdigit() and days.isascii()):
        raise InvalidFinding(
            "The finding does not say to how many days the retention was set.",
            'Let the search set detail to {"retention_days": "1"}.',
        )
    return int(days)


def _words(days: int) -> str:
    return "for good" if days == NEVER else f"for {days} day{'' if days == 1 else 's'}"
