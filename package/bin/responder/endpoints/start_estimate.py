"""``start_estimate``: what a detection would have raised within the last 30 days.

Post ``{"detection": id}``, once more as long as its ``state`` is ``running``; ``{"again": true}`` begins anew. ``{}``
has what is known of all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import NotFound, one_line
from ..findings import shipped
from ..starting import estimates
from .base import Endpoint, Request
from .start import CAPABILITY


@dataclass(frozen=True)
class EstimatedDetection:
    detection: str
    #: ``running``, ``done``, or ``failed``: then ``problem`` says why.
    state: str
    #: By severity.
    findings: Mapping[str, int]
    cases: Mapping[str, int]
    #: Seconds that the search over 30 days took; when it was begun.
    seconds: float
    at: float
    problem: str


@dataclass(frozen=True)
class StartEstimate:
    estimates: Sequence[EstimatedDetection]


def answer(request: Request) -> Mapping[str, Any]:
    name = request.text("detection", 100)
    if not name:
        found = list(estimates.known(request.splunkd).values())
    else:
        detection = shipped.detections().get(name)
        if detection is None:
            raise NotFound(f"There is no detection '{one_line(name)[:60]}'.", "Look at the page again.")
        again = request.body.get("again") is True
        found = [estimates.ask(request.own, request.splunkd, detection, request.caller.user, again)]
    shown = [
        EstimatedDetection(one.detection, one.state, one.findings, one.cases, one.seconds, one.at, one.problem)
        for one in sorted(found, key=lambda one: one.detection)
    ]
    return dataclasses.asdict(StartEstimate(shown))


ENDPOINT = Endpoint("start_estimate", CAPABILITY, answer, StartEstimate)
