"""Do the scheduled searches run? Read from the scheduler's log, where it may be searched.

Source: Splunk, "What Splunk software logs about itself": scheduler.log, source type scheduler, index _internal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ...findings.renamed import PREFIX
from ...splunk.search import search
from .. import sample
from ..line import Check, Line, amber, green, name, red, some
from ..surroundings import Surroundings

WINDOW = 86_400.0
SPL = (
    'search index=_internal sourcetype=scheduler savedsearch_name="CloudTrail Responder - *" status=*'
    " | stats count values(reason) AS reasons BY savedsearch_name status"
)
#: Neither good nor bad: a later line of the same run tells.
UNDER_WAY = ("delegated_remote", "continued", "deferred")


def look(about: Surroundings) -> Iterable[Line]:
    on = [one for one in about.searches if one.is_on and (one.is_detection or one.is_baseline)]
    if not on:
        return [green("None of the app's searches is on.")]
    now = about.splunkd.now()
    rows = search(about.splunkd, SPL, now - WINDOW, now + sample.AHEAD, longest=sample.LONGEST)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    reasons: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        status, given = str(row.get("status")), row.get("reasons") or []
        counts[status][str(row.get("savedsearch_name"))] += int(sample.moment(row.get("count")))
        reasons[status].update([given] if isinstance(given, str) else given)
    if not counts:
        return [
            amber(
                f"The scheduler's log (index _internal) tells nothing of the {len(on)} searches that are on.",
                "Right after they were turned on that is so. Else see that search heads forward _internal, and that "
                "the scheduler runs (Monitoring Console > Search > Scheduler activity).",
            )
        ]
    succeeded = _sum(counts.get("success", {}))
    return [*_problems(counts, reasons), green(f"{succeeded} runs of the last 24 hours have succeeded.")]


def _problems(counts: Mapping[str, Mapping[str, int]], reasons: Mapping[str, set[str]]) -> Iterable[Line]:
    for status, named in sorted(counts.items()):
        if status in ("success", *UNDER_WAY):
            continue
        why = some(name(reason) for reason in sorted(reasons[status]))
        said = f"{_sum(named)} runs of the last 24 hours were {name(status)}: {_which(named)}. {why}".strip()
        if status == "skipped":
            yield amber(said, "The search head is too busy: run fewer searches at the same time, or give it more.")
        else:
            yield red(said, "Open one of the searches and run it by hand; see index=_internal sourcetype=scheduler.")


def _sum(named: Mapping[str, int]) -> int:
    return sum(named.values())


def _which(named: Mapping[str, int]) -> str:
    return some(name(one[len(PREFIX) :]) for one in sorted(named, key=lambda one: -named[one]))


CHECK = Check("Schedule", 17, look)
