"""What a detection would have raised within the last 30 days: its search, run once over them by whoever asks.

It begins with one request and is looked at with the next ones, since it may take longer than Splunk Web waits. What was
found is kept for a day.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import NotFound
from ..findings import shipped
from ..findings.finding import SEVERITIES
from ..json_limits import bounded_json
from ..splunk import jobs
from ..splunk import saved_searches as searches
from ..splunk.client import Splunkd
from .ledger import START

KIND, DAYS, DAY = "estimate", 30, 86_400.0
#: Findings that are counted. Seconds: for the search; for which it is believed; until a lost one is begun anew.
MOST, LONGEST, KEPT, LOST = 10_000, 600, DAY, 900.0
RUNNING, DONE, FAILED = "running", "done", "failed"
#: What the scheduled search adds so that slices which overlap give nothing twice: here there is one slice.
_SLICED = re.compile(r"\n\|\s*`cloudtrail_new_in_slice\(\d+\)`")


@dataclass(frozen=True)
class Estimate:
    detection: str
    state: str
    sid: str
    by: str
    at: float
    #: Findings and cases by severity: a case has all findings about the same.
    findings: Mapping[str, int] = dataclasses.field(default_factory=dict)
    cases: Mapping[str, int] = dataclasses.field(default_factory=dict)
    #: Seconds that the search took; and why there is no figure.
    seconds: float = 0.0
    problem: str = ""


def known(splunkd: Splunkd) -> dict[str, Estimate]:
    """What was found within a day, by detection; also what runs or has failed."""
    oldest = splunkd.now() - KEPT
    found = (_read(document) for document in splunkd.find(START, {"kind": KIND}))
    return {one.detection: one for one in found if one is not None and one.at > oldest}


def ask(own: Splunkd, splunkd: Splunkd, detection: shipped.ShippedDetection, by: str, again: bool) -> Estimate:
    """How it stands now; begun where nobody has, or where it is asked for ``again``. Raises a ResponderError."""
    now = splunkd.now()
    stands = None if again else known(splunkd).get(detection.id)
    if stands is not None and stands.state == DONE:
        return stands
    if stands is not None and stands.state == RUNNING and now - stands.at < LOST:
        if stands.by != by:
            # Only who began a search can look at it.
            return stands
        with contextlib.suppress(NotFound):
            return _looked_at(own, splunkd, stands)
    spl = f"search {_SLICED.sub('', searches.read(own, detection.search_name).spl)}\n| head {MOST}"
    spl += "\n| stats count AS findings dc(dedup_key) AS cases BY severity"
    sid = jobs.begin(own, spl, now - DAYS * DAY, now, LONGEST)
    begun = Estimate(detection.id, RUNNING, sid, by, now)
    _save(splunkd, begun)
    return _looked_at(own, splunkd, begun)


def _looked_at(own: Splunkd, splunkd: Splunkd, begun: Estimate) -> Estimate:
    job = jobs.look(own, begun.sid)
    if job.problem:
        return _save(splunkd, replace(begun, state=FAILED, problem=job.problem[:300]))
    if not job.is_done:
        return begun
    rows = {str(row.get("severity")): row for row in jobs.results(own, begun.sid)}
    counted = {name: rows[name] for name in SEVERITIES if name in rows}
    done = replace(
        begun,
        state=DONE,
        findings={name: int(row["findings"]) for name, row in counted.items()},
        cases={name: int(row["cases"]) for name, row in counted.items()},
        seconds=round(job.seconds, 2),
    )
    return _save(splunkd, done)


def _save(splunkd: Splunkd, one: Estimate) -> Estimate:
    key, body = f"{KIND}:{one.detection}", json.dumps(dataclasses.asdict(one))
    splunkd.save_many(START, [{"_key": key, "kind": KIND, "body": body, "by": one.by, "at": one.at}])
    return one


def _read(document: Mapping[str, Any]) -> Estimate | None:
    try:
        return Estimate(**bounded_json(str(document["body"])))
    except (KeyError, ValueError, TypeError):
        # Of another version: as if nobody had asked.
        return None
