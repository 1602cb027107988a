"""Enable a disabled rule of EventBridge again.

Facts: EventBridge API Reference, DescribeRule, EnableRule, DisableRule (a rule that a service manages is a
ManagedRuleException), ListTargetsByRule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, Rejected
from ....findings.claims import Claim, resource_at
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

RULES = "arn:aws:events:*:*:rule/*"
STATE = "state"
DEFAULT = "default"


class EnableEventRule(Playbook):
    """Enables a rule of an event bus that was disabled. Its pattern and targets stay as they are.

    A rule that an AWS service manages is refused. A rule that was deleted, or lost its targets, is not repaired.
    """

    id = "enable_event_rule"
    title = "Enable EventBridge rule again"
    accepts = ("AWS::Events::Rule",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "`event_bus`: name or ARN of the rule's bus; the default bus where it is missing"
    services = ("events",)
    deleted_by = ("DeleteRule",)
    permissions = (
        Permission("events:DescribeRule", RULES),
        Permission("events:ListTagsForResource", RULES),
        Permission("events:EnableRule", RULES),
        Permission("events:DisableRule", RULES),
        Permission("events:ListTargetsByRule", RULES, optional=True),
    )
    risk = "low"
    risk_note = (
        "The rule's targets are called again for events from now on. Events that came in the meantime are lost, unless "
        "the bus has an archive."
    )
    undo_note = "Disables the rule again."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        def buses_in(record: CloudTrailRecord) -> Sequence[str]:
            if not record.succeeded or record.event_name not in ("DisableRule", "PutRule"):
                return []
            return [_bus_name(text) for text in record.parameters("eventBusName")] or [DEFAULT]

        return (resource_at(finding.object_id, "events", "name"), Claim("event bus", _bus_in(finding), buses_in))

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        name, bus, region = arn.name_of(finding.object_id), _bus_in(finding), finding.vendor_region
        if not name or "/" in name:
            raise InvalidFinding("The finding names no rule.", "Let the search set object_id to its name.")
        rule = name if bus == DEFAULT else f"{bus}/{name}"
        return (Target(arn_in(aws, "events", region, f"rule/{rule}"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        shown = aws.read("events", "describe_rule", target.region, **_named(target.id))
        if shown.get("ManagedBy"):
            raise Rejected(
                f"Rule {arn.name_of(target.id)} is managed by {shown['ManagedBy']}.", "Enable it in that service."
            )
        tags = aws.read("events", "list_tags_for_resource", target.region, ResourceARN=target.id)["Tags"]
        owner = arn.parse(str(shown["Arn"]))
        account = owner.account if owner else ""
        resource = Resource(target.id, "AWS::Events::Rule", account, target.region, tags_of(tags))
        return Observation(resource, {STATE: str(shown["State"])})

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return {STATE: str(aws.read("events", "describe_rule", resource.region, **_named(resource.id))["State"])}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        if seen.state[STATE] != "DISABLED":
            return ()
        enable, disable = (Call("events", f"{verb}_rule", _named(seen.resource.id)) for verb in ("enable", "disable"))
        return (Step(STATE, "DISABLED", "ENABLED", enable, disable),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Enable rule {arn.name_of(resource.id)} of EventBridge again."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Rule {arn.name_of(resource.id)} is {str(state[STATE]).lower()}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        named = {("Rule" if key == "Name" else key): value for key, value in _named(resource.id).items()}
        targets = aws.read("events", "list_targets_by_rule", resource.region, **named)["Targets"]
        if not targets:
            return ("The rule has no targets: enabled, it reaches nobody. Restore its targets, too.",)
        return (f"It calls {len(targets)} target(s): {', '.join(str(one['Arn']) for one in targets[:5])}.",)


def _bus_in(finding: Finding) -> str:
    """Of an ARN of a rule its own bus counts."""
    named = arn.parse(finding.object_id)
    pieces = named.resource.split("/") if named else []
    return "/".join(pieces[1:-1]) if len(pieces) > 2 else _bus_name(str(finding.detail.get("event_bus") or DEFAULT))


def _bus_name(text: str) -> str:
    """Names of partners' buses have slashes."""
    named = arn.parse(text)
    return named.resource.partition("/")[2] if named else text


def _named(resource: str) -> dict[str, Any]:
    """Name and bus of ``...:rule/[<bus>/]<name>``."""
    pieces = resource.split(":", 5)[5].split("/")
    return {"Name": pieces[-1], "EventBusName": "/".join(pieces[1:-1]) or DEFAULT}
