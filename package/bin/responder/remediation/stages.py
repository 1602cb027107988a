"""How long each stage of a remediation took, from the event on: for the audit, and for percentiles made of it."""

from __future__ import annotations

from collections.abc import Mapping

#: In the order in which they come about; not every remediation has all of them.
STAGES = ("indexed", "found", "notified", "approved", "changed", "verified", "proved")


def fields(event_at: float, times: Mapping[str, float]) -> dict[str, float]:
    """``event_time`` (epoch seconds), and for each stage ``<stage>_after``: seconds from the event.

    Times are epoch seconds by stage; 0 where a stage did not happen, or is not known: it has no field then. Clocks of
    AWS and of the search heads differ, and CloudTrail's times have whole seconds: what seems to come before the event
    comes with it.
    """
    if not event_at:
        return {}
    known = {stage: times[stage] for stage in STAGES if times.get(stage)}
    after = {f"{stage}_after": round(max(at - event_at, 0.0), 1) for stage, at in known.items()}
    return {"event_time": event_at, **after}
