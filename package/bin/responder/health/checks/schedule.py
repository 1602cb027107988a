"""Do the scheduled searches run? Read from the scheduler's log, where it may be searched.

Source: Splunk, "What Splunk software logs about itself": scheduler.log, source type scheduler, index _internal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ...splunk.search import search
from .. import sample
from ..line import Check, Line, amber, green, name, red, some
from ..saved import PREFIX
from ..surroundings import Surroundings

WINDOW = 86_400.0
SPL = (
    'search index=_internal sourcetype=scheduler savedsearch_name="CloudTrail Responder - *" status=*'
    " | stats count BY savedsearch_name status"
)
#: Neither good nor bad: a later line of the same run tells.
UNDER_WAY = ("delegated_remote", "continued", "deferred")


def look(about: Surroundings) -> Iterable[Line]:
    on = [one for one in about.searches if one.is_on and (one.is_detection or one.is_baseline)]
    if not on:
        return [green("None of the app's searches is on.")]
    now = about.splunkd.now()
    rows = search(about.splunkd, SPL, now - WINDOW, now, longest=sample.LONGEST)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        counts[str(row.get("status"))][str(row.get("savedsearch_name"))] += int(sample.moment(row.get("count")))
    if not counts:
        return [
            amber(
                f"The scheduler's log (index _internal) tells nothing of the {len(on)} searches that are on.",
                "Right after they were turned on that is so. Else see that search heads forward _internal, and that "
                "the scheduler runs (Monitoring Console > Search > Scheduler activity).",
            )
        ]
    return [*_problems(counts), green(f"{_sum(counts.get('success', {}))} runs of the last 24 hours have succeeded.")]


def _problems(counts: dict[str, dict[str, int]]) -> Iterable[Line]:
    skipped = counts.get("skipped", {})
    if skipped:
        yield amber(
            f"{_sum(skipped)} runs of the last 24 hours were skipped: {_which(skipped)}.",
            "The search head is too busy. The next run reads on where the last one stopped, if it is not skipped, too.",
        )
    for status, named in sorted(counts.items()):
        if status not in ("success", "skipped", *UNDER_WAY):
            yield red(
                f"{_sum(named)} runs of the last 24 hours ended as {name(status)}: {_which(named)}.",
                "Open one of the searches and run it by hand; see index=_internal sourcetype=scheduler.",
            )


def _sum(named: dict[str, int]) -> int:
    return sum(named.values())


def _which(named: dict[str, int]) -> str:
    return some(name(one[len(PREFIX) :]) for one in sorted(named, key=lambda one: -named[one]))


CHECK = Check("Schedule", 17, look)
