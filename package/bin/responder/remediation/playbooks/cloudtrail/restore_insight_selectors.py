"""Turn CloudTrail Insights of a trail on again.

Facts: CloudTrail API Reference, GetInsightSelectors, PutInsightSelectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ...last_known import unknown
from ...model import Observation, Resource, Step
from ...permission import Permission
from ._restoring import RestoreSelectors
from ._selectors import last_insights, put_insights, read_insights
from ._trails import READING, TRAILS

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

ASPECT = "insights"


class RestoreInsightSelectors(RestoreSelectors):
    """Turns those kinds of CloudTrail Insights on again that a trail had before the finding's PutInsightSelectors call.

    What they were is read from CloudTrail's records of the 90 days before. Kinds that are on now stay on.
    """

    id = "restore_insight_selectors"
    title = "Restore insight selectors of trail"
    aspect = ASPECT
    event_name = "PutInsightSelectors"
    permissions = (
        *READING,
        Permission("cloudtrail:GetInsightSelectors", TRAILS),
        Permission("cloudtrail:PutInsightSelectors", TRAILS),
    )
    risk = "low"
    risk_note = (
        "Insights are paid for by the events they analyze. It takes up to 36 hours until the first of them after they "
        "were turned on."
    )
    undo_note = "Turns off again what it turned on, if nobody has changed it since."
    proved_on = "moto, and a double of the calls for Insights, which moto cannot turn off"

    def selectors(self, resource: Resource, aws: Aws) -> Any:
        return read_insights(resource, aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, known = seen.state[ASPECT], last_insights(finding, seen, aws)
        if known is None:
            raise unknown(f"Insights of trail {arn.name_of(seen.resource.id)}")
        wanted = sorted({*now, *known})
        if wanted == now:
            return ()
        return (Step(ASPECT, now, wanted, put_insights(seen.resource, wanted), put_insights(seen.resource, now)),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        on = ", ".join(one for one in steps[0].after if one not in steps[0].before)
        return f"Turn Insights ({on}) of trail {arn.name_of(resource.id)} on again."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        return f"Trail {arn.name_of(resource.id)} has Insights {', '.join(state[ASPECT]) or 'off'}."
