"""The page that says what each detection costs a search head and its indexers."""

from __future__ import annotations

from collections.abc import Sequence

from .compile import runs_an_hour
from .model import Detection
from .schedule import BASELINE_EVERY, EVERY_MINUTES, MOST_RUNS
from .terms import literal_terms

FILE = "cost.md"
#: Terms that a cell shows; of more it gives the number.
SHOWN = 4
#: Fills in terms when the search runs.
OWN_PRINCIPALS = "`cloudtrail_own_principal_terms`"


def page(detections: Sequence[Detection], note: str) -> str:
    runs, enabled = runs_an_hour(detections), runs_an_hour([one for one in detections if one.enabled_by_default])
    periods = ", ".join(f"{urgency} every {minutes} minutes" for urgency, minutes in EVERY_MINUTES.items())
    lines = [note, "", "# What each detection costs", ""]
    lines += [
        f"All detections and their baselines enabled: **{runs:g} scheduled runs an hour**, and never more than "
        f"{MOST_RUNS:g} (a test holds the sum). As shipped, {enabled:g}. How often one runs follows from its urgency: "
        f"{periods}. A baseline is updated every {BASELINE_EVERY} minutes.",
        "",
        _why_hourly(detections),
        "",
        "- *window*: minutes of index time that a run reads: its slice, as long as its period, and those before it "
        "that it needs to see a burst whole. *settle*: minutes before the run at which the slice ends. *back*: how old "
        "an event may be when it arrives.",
        "- *literal terms*: words of the base search that the index looks up. Only events with one of them are read. "
        "Where there are none, a run reads all events of its window: switch these on last, and look at their run time.",
        "",
        "| detection | urgency | runs an hour | window | settle | back | literal terms |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in sorted(detections, key=lambda one: (-one.schedule.runs_an_hour, one.id)):
        schedule = one.schedule
        cost = f"{schedule.runs_an_hour:g}"
        if one.baseline:
            cost += f" + {60 / BASELINE_EVERY:g} (baseline)"
        lines.append(
            f"| [{one.title}]({one.id}.md) | {schedule.urgency} | {cost} "
            f"| {schedule.every_minutes + schedule.overlap_minutes} | {schedule.settle_minutes} "
            f"| {schedule.lookback} | {_terms(one)} |"
        )
    return "\n".join(lines) + "\n"


def _why_hourly(detections: Sequence[Detection]) -> str:
    """What the severe ones wait for, counted, and why an hour will do."""
    high = [one.schedule.every_minutes for one in detections if one.severity == "high"]
    sooner, hourly, later = (
        sum(every < 60 for every in high),
        sum(every == 60 for every in high),
        sum(every > 60 for every in high),
    )
    return (
        "What is critical runs every 15 minutes or more often. Of high severity, what an attacker uses with the next "
        "call (credentials, rights, data that is open or read in bulk) runs every 15 or 30 minutes: "
        f"{sooner} detections. {hourly} run every hour, {later} every 4 hours. What these find stays (a trust, a rule, "
        "a service that no longer watches) or is done by the time its record arrives (something deleted), so the "
        "answer is the same within the hour, and the runs are left for what cannot wait. If it cannot wait for you, "
        "change its schedule: [When it runs](README.md#when-it-runs)."
    )


def _terms(detection: Detection) -> str:
    base = detection.search.partition("\n")[0]
    terms = literal_terms(base)
    if OWN_PRINCIPALS in base:
        return f"the app's own principals, {' '.join(f'`{term}`' for term in terms)}"
    if not terms:
        return "**none**"
    shown = " ".join(f"`{term}`" for term in terms[:SHOWN])
    return f"{shown} and {len(terms) - SHOWN} more" if len(terms) > SHOWN else shown
