"""Insight selectors of trails: moto's cannot be turned off, since it keeps the old ones where an empty list is put.

Facts: CloudTrail API Reference, PutInsightSelectors (it replaces; an empty list turns all off), GetInsightSelectors
(``InsightNotEnabledException`` where there are none). Whether there is such a trail is moto's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from sandbox.aws.double import Answer, Refused, World

KINDS = ("ApiCallRateInsight", "ApiErrorRateInsight")


def get(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    trail = _trail(given, world)
    if not trail.insight_selectors:
        raise Refused("InsightNotEnabledException", f"Trail {trail.arn} does not have Insights enabled.")
    return {"TrailARN": trail.arn, "InsightSelectors": [dict(one) for one in trail.insight_selectors]}


def put(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    trail, selectors = _trail(given, world), given["InsightSelectors"]
    kinds = [one.get("InsightType") for one in selectors]
    if len(set(kinds)) != len(kinds) or not set(kinds) <= set(KINDS):
        raise Refused("InvalidInsightSelectorsException", "The insight selectors are not valid.")
    trail.insight_selectors = [{"InsightType": kind} for kind in kinds]
    return {"TrailARN": trail.arn, "InsightSelectors": selectors}


def _trail(given: Mapping[str, Any], world: World) -> Any:
    """Raises TrailNotFoundException, also outside of its home region."""
    return cloudtrail_backends[world.account][world.region].get_trail(given["TrailName"])


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("cloudtrail", "GetInsightSelectors"): get,
    ("cloudtrail", "PutInsightSelectors"): put,
}
