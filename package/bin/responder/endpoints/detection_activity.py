"""``detection_activity``: what the detections have raised within the last 30 days, and what it cost. Post ``{}``.

Runs, their results and their failures are the scheduler's (index ``_internal``); cases are the audit's. Both are read
with the system's rights, and only numbers are told.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Seq
from dataclasses import dataclass, field
from typing import Any

from ..findings import renamed, shipped
from ..health.sample import moment
from ..splunk.client import APP
from ..splunk.search import search
from .base import Endpoint, Request

DAYS, DAY = 30, 86_400.0
#: Seconds that a search may take, and seconds that clocks may differ by.
LONGEST, AHEAD = 40, 300.0
RUNS = (
    f'search index=_internal sourcetype=scheduler app={APP} savedsearch_name="CloudTrail Responder - *"'
    " | stats count sum(result_count) AS results avg(run_time) AS seconds max(_time) AS last BY savedsearch_name status"
)
CASES = (
    "search `cloudtrail_responder_audit_index` step IN (task_recorded, case_excused)"
    " | stats dc(case_id) AS cases BY signature_id step"
)
#: Neither good nor bad: a later line of the same run tells.
_UNDER_WAY = ("delegated_remote", "continued", "deferred")


@dataclass
class Activity:
    detection: str
    #: When it ran last, in epoch seconds; 0 where that is not known.
    last_run: float = 0.0
    runs: int = 0
    #: Results of its runs: a finding that was found again counts again.
    results: int = 0
    #: Of a run, on the average.
    seconds: float = 0.0
    #: Runs that failed or were skipped.
    failed: int = 0
    #: Cases, and those of them that somebody has excused.
    cases: int = 0
    excused: int = 0


@dataclass
class Activities:
    since: float
    #: Only those of which anything is known.
    detections: Seq[Activity] = field(default_factory=list)
    #: Whether the scheduler's log tells of any run of the app's searches.
    has_log: bool = False


def answer(request: Request) -> Mapping[str, Any]:
    now = request.splunkd.now()
    found: dict[str, Activity] = {}
    runs = search(request.splunkd, RUNS, now - DAYS * DAY, now + AHEAD, LONGEST)
    _add_runs(found, runs)
    _add_cases(found, search(request.splunkd, CASES, now - DAYS * DAY, now + AHEAD, LONGEST))
    known = shipped.detections()
    told = [one for name, one in sorted(found.items()) if name in known]
    return dataclasses.asdict(Activities(now - DAYS * DAY, told, bool(runs)))


def _add_runs(found: dict[str, Activity], rows: Iterable[Mapping[str, Any]]) -> None:
    ids = {one.search_name: one.id for one in shipped.detections().values()}
    for row in rows:
        name, status = ids.get(renamed.current(str(row.get("savedsearch_name")))), str(row.get("status"))
        if name is None or status in _UNDER_WAY:
            continue
        one = found.setdefault(name, Activity(name))
        if status == "success":
            runs = int(moment(row.get("count")))
            # Under a former name it ran, too.
            took = one.seconds * one.runs + moment(row.get("seconds")) * runs
            one.runs += runs
            one.results += int(moment(row.get("results")))
            one.seconds = round(took / one.runs, 2) if one.runs else 0.0
            one.last_run = max(one.last_run, moment(row.get("last")))
        else:
            one.failed += int(moment(row.get("count")))


def _add_cases(found: dict[str, Activity], rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        name = str(row.get("signature_id"))
        one = found.setdefault(name, Activity(name))
        if row.get("step") == "task_recorded":
            one.cases = int(moment(row.get("cases")))
        else:
            one.excused = int(moment(row.get("cases")))


ENDPOINT = Endpoint("detection_activity", "cloudtrail_responder_view", answer, Activities)
