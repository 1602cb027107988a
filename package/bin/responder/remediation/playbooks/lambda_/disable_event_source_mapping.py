"""Disconnect a Lambda function from the queue, stream or table that somebody connected it to.

Facts: Lambda API Reference, ListEventSourceMappings, UpdateEventSourceMapping (the state is ``Disabling`` for a while).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....errors import InvalidFinding
from ....findings.lambda_claims import mapping
from ...made import Made
from ...model import Call, Observation, Resource, Step, Target
from ...permission import Permission
from ...playbook import Playbook
from . import _lambda

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.cloudtrail import CloudTrailRecord
    from ....findings.finding import Finding
    from ....settings.model import Safety

MAPPINGS = "arn:aws:lambda:*:*:event-source-mapping:*"
#: What it is on the way to comes to what it will be.
SETTLED = {"Creating": "Enabled", "Enabling": "Enabled", "Updating": "Enabled", "Disabling": "Disabled"}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _taken_back(record: CloudTrailRecord) -> Iterator[Mapping[str, Any]]:
    for named in _lambda.named_by(record):
        for mapping_id in record.answers("uUID"):
            yield {**named, "detail": {"mapping": mapping_id}}


class DisableEventSourceMapping(Playbook):
    """Disables the event source mapping that an event made or changed. Other triggers of the function stay."""

    id = "disable_event_source_mapping"
    title = "Disable event source mapping"
    accepts = ("AWS::Lambda::Function",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`mapping`: the UUID of the mapping"
    services = ("lambda",)
    deleted_by = ("DeleteFunction20150331",)
    permissions = (
        *_lambda.READ,
        Permission("lambda:ListEventSourceMappings"),
        Permission("lambda:UpdateEventSourceMapping", MAPPINGS),
    )
    takes_back = (Made("lambda", ("CreateEventSourceMapping",), _taken_back),)
    risk = "medium"
    risk_note = "What waits in the source is not worked on, and may be dropped when it grows too old."
    undo_note = "Enables the mapping again; it goes on with what waits."

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (mapping(_lambda.function_in(finding), _uuid(finding)),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _uuid(finding)
        return (_lambda.target_of(finding),)

    def read(self, target: Target, aws: Aws) -> Observation:
        _, resource = _lambda.read_function(target, aws)
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        state: dict[str, Any] = {}
        asked: dict[str, Any] = {"FunctionName": _lambda.name_in(resource.id)}
        while True:
            page = aws.read("lambda", "list_event_source_mappings", resource.region, **asked)
            for one in page["EventSourceMappings"]:
                state[_aspect(str(one["UUID"]))] = str(one["State"])
                state[f"source of {one['UUID']}"] = str(one.get("EventSourceArn") or "")
            if not page.get("NextMarker"):
                return state
            asked["Marker"] = page["NextMarker"]

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        uuid = _uuid(finding)
        now = seen.state.get(_aspect(uuid))
        if now is None or SETTLED.get(now, now) != "Enabled":
            return ()
        call, undo = (
            Call("lambda", "update_event_source_mapping", {"UUID": uuid, "Enabled": on}) for on in (False, True)
        )
        return (Step(_aspect(uuid), now, "Disabled", call, undo),)

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        return bool(SETTLED.get(one, one) == SETTLED.get(other, other))

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Disable {steps[0].aspect} of function {_lambda.name_in(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        said = ", ".join(f"{aspect} is {state.get(aspect) or 'gone'}" for aspect in aspects)
        return f"Of function {_lambda.name_in(resource.id)}, {said}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        sources = [source for name, source in sorted(state.items()) if name.startswith("source of ") and source]
        return [f"Event sources of the function: {', '.join(sources[:5]) or 'none'}."]


def _aspect(uuid: str) -> str:
    return f"event source mapping {uuid.lower()}"


def _uuid(finding: Finding) -> str:
    uuid = finding.detail.get("mapping")
    if not isinstance(uuid, str) or not _UUID.fullmatch(uuid):
        raise InvalidFinding(
            "The finding does not say which event source mapping was made.",
            "Let the search set mapping in detail to its UUID.",
        )
    return uuid.lower()
