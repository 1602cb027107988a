"""Let silenced alarms of CloudWatch act again.

Facts: CloudWatch API Reference, DescribeAlarms (100 names), EnableAlarmActions and DisableAlarmActions (both succeed
where there is no such alarm).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....aws.bulk import BulkRead
from ....errors import InvalidFinding, NotFound
from ....findings.claims import Claim, resource_at
from ...last_known import texts
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

ALARMS = "arn:aws:cloudwatch:*:*:alarm:*"
ACTIONS = "actions"
#: DisableAlarmActions takes a hundred.
MOST = 100


class EnableAlarmActions(Playbook):
    """Enables the actions of those alarms that the finding's call silenced. Thresholds and actions stay as they are.

    An alarm that was deleted is not created again.
    """

    id = "enable_alarm_actions"
    title = "Enable alarm actions again"
    accepts = ("AWS::CloudWatch::Alarm",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "`alarms`: the names of the silenced alarms, a list; `object_id` alone where it is missing"
    services = ("cloudwatch",)
    deleted_by = ("DeleteAlarms",)
    permissions = (
        Permission("cloudwatch:DescribeAlarms", ALARMS),
        Permission("cloudwatch:ListTagsForResource", ALARMS),
        Permission("cloudwatch:EnableAlarmActions", ALARMS),
        Permission("cloudwatch:DisableAlarmActions", ALARMS),
    )
    risk = "low"
    risk_note = (
        "An alarm that is in alarm state does not act before its state changes again: look at it. Somebody who "
        "silenced alarms for a maintenance window is notified again."
    )
    undo_note = "Disables the actions of these alarms again."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return [resource_at(alarm, "cloudwatch", "alarmNames", "alarmName") for alarm in _alarms_in(finding)]

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        region = finding.vendor_region
        return [Target(arn_in(aws, "cloudwatch", region, f"alarm:{alarm}"), region) for alarm in _alarms_in(finding)]

    def read(self, target: Target, aws: Aws) -> Observation:
        shown = _shown(target, aws)
        tags = aws.read("cloudwatch", "list_tags_for_resource", target.region, ResourceARN=target.id)["Tags"]
        kind = "AWS::CloudWatch::Alarm"
        resource = Resource(target.id, kind, aws.account.account_id, target.region, tags_of(tags))
        return Observation(resource, {ACTIONS: bool(shown["ActionsEnabled"])})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {ACTIONS: bool(_shown(resource.target, aws)["ActionsEnabled"])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[ACTIONS]:
            return ()
        names = {"AlarmNames": [_name_of(seen.resource.id)]}
        enable, disable = (Call("cloudwatch", f"{verb}_alarm_actions", names) for verb in ("enable", "disable"))
        return (Step(ACTIONS, False, True, enable, disable),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Let alarm {_name_of(resource.id)} act again, which is silenced."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"The actions of alarm {_name_of(resource.id)} are {'enabled' if state[ACTIONS] else 'disabled'}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        shown = _shown(resource.target, aws)
        actions = [str(action) for action in shown.get("AlarmActions") or ()]
        found = [f"It calls {', '.join(actions)}." if actions else "The alarm has no actions: it reaches nobody."]
        if shown.get("StateValue") == "ALARM":
            found.append("It is in alarm state now, and acts only when its state changes again.")
        return found


def _shown(target: Target, aws: Aws) -> Mapping[str, Any]:
    name = _name_of(target.id)
    found = aws.read_bulk(_ALARMS, name, target.region)
    if not found:
        raise NotFound(f"Alarm {name} does not exist (any more) in {target.region}.")
    return found[0]


def _by_name(names: Sequence[str]) -> Mapping[str, Any]:
    return {"AlarmNames": list(names), "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}


def _alarm(aws: Aws, region: str, name: str) -> list[dict[str, Any]]:
    answer = aws.read("cloudwatch", "describe_alarms", region, **_by_name([name]))
    return [*(answer.get("MetricAlarms") or ()), *(answer.get("CompositeAlarms") or ())]


def _names_of(alarm: Mapping[str, Any]) -> tuple[str, ...]:
    return (str(alarm.get("AlarmName")),)


#: A composite alarm is below another key: it is asked about alone.
_ALARMS = BulkRead("cloudwatch", "describe_alarms", "MetricAlarms", _by_name, _names_of, most=MOST, alone=_alarm)


def _alarms_in(finding: Finding) -> tuple[str, ...]:
    listed = finding.detail.get("alarms")
    # Names may have commas, so only a list is read as several.
    found = texts(listed) if isinstance(listed, (list, tuple)) else (_name_of(finding.object_id),)
    if not found or len(found) > MOST:
        raise InvalidFinding(
            f"The finding names no alarms, or more than {MOST}.", "Let the search set object_id to the alarm's name."
        )
    return found


def _name_of(text: str) -> str:
    """Of an ARN, all behind ``alarm:``: names have slashes and colons."""
    named = arn.parse(text)
    return named.resource.partition(":")[2] if named else text
