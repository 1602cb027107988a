"""``excuses``: the cases that are excused now; what ends first stands first. Post ``{}``, or ``{"case": id}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cases import excuses
from ..findings import shipped
from ..settings.reader import Configuration
from .base import Endpoint, Request

#: What is shown of an excuse.
SHOWN = ("case", "detection", "severity", "by", "way", "reason", "owner", "task", "at")


@dataclass(frozen=True)
class ExcusedCase:
    case: str
    detection: str
    #: Of the detection, where it ships with the app; else as ``detection``.
    title: str
    severity: str
    by: str
    #: By which way it was given, as ``slack``.
    way: str
    reason: str
    owner: str
    task: str
    #: Epoch seconds, as is ``until``.
    at: float
    until: float


@dataclass(frozen=True)
class ExcusedCases:
    excuses: Sequence[ExcusedCase]


def answer(request: Request) -> Mapping[str, Any]:
    """``{"excuses": [{case, detection, title, severity, by, way, reason, owner, task, at, until}]}``; epoch seconds."""
    longest = Configuration(request.splunkd).safety.longest_excuse_days
    found = excuses.in_force(request.splunkd, request.splunkd.now(), longest, request.text("case", 20))
    return {"excuses": [{**_shown(one), "until": one.ends_at(longest)} for one in found]}


def _shown(one: excuses.Excuse) -> dict[str, Any]:
    known = shipped.detections().get(one.detection)
    return {**{name: getattr(one, name) for name in SHOWN}, "title": known.title if known else one.detection}


ENDPOINT = Endpoint("excuses", "cloudtrail_responder_view", answer, ExcusedCases)
