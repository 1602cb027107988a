"""Let a trail log the management events again that a call has taken out of its event selectors.

Facts: CloudTrail API Reference, GetEventSelectors, PutEventSelectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ...last_known import unknown
from ...model import Observation, Resource, Step
from ...permission import Permission
from ._restoring import RestoreSelectors
from ._selectors import (
    in_words,
    last_selectors,
    logs_all_management_events,
    logs_management_events,
    put_selectors,
    read_selectors,
)
from ._trails import READING, TRAILS

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

ASPECT = "event selectors"


class RestoreEventSelectors(RestoreSelectors):
    """Puts back the event selectors that a trail had before the finding's PutEventSelectors call.

    What they were is read from CloudTrail's records of the 90 days before. A trail that logs all management events is
    left alone, whatever its data events: then somebody has repaired it already.
    """

    id = "restore_event_selectors"
    title = "Restore event selectors of trail"
    aspect = ASPECT
    event_name = "PutEventSelectors"
    permissions = (
        *READING,
        Permission("cloudtrail:GetEventSelectors", TRAILS),
        Permission("cloudtrail:PutEventSelectors", TRAILS),
    )
    risk = "low"
    risk_note = (
        "More is logged, which costs what it did before; data events are part of the selectors that come back. All "
        "selectors of the trail are replaced, as AWS has no call for one of them."
    )
    undo_note = "Puts back the selectors that were found, if nobody has changed them since."

    def selectors(self, resource: Resource, aws: Aws) -> Any:
        return read_selectors(resource, aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now = seen.state[ASPECT]
        if logs_all_management_events(now):
            return ()
        known = last_selectors(finding, seen, aws)
        if known is None:
            raise unknown(f"the event selectors of trail {arn.name_of(seen.resource.id)}")
        if known == now or not logs_management_events(known):
            # It did not log them before either: nothing to restore, and more could be lost than won.
            return ()
        return (Step(ASPECT, now, known, put_selectors(seen.resource, known), put_selectors(seen.resource, now)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        change = f"{in_words(steps[0].after)} instead of {in_words(steps[0].before)}"
        return f"Let trail {arn.name_of(resource.id)} log {change}, as before."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Trail {arn.name_of(resource.id)} logs {in_words(state[ASPECT])}."
