"""``detections``: every detection, whether it is on, and what answers its findings; and the packs. Post ``{}``.

What they have raised, ``detection_activity`` says; all about one of them, ``detection``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..findings import shipped
from ..findings.shipped import ShippedDetection
from ..handlers.action import actions
from ..health import saved as listing
from ..health.saved import ACTION, SavedSearch
from ..splunk import saved_searches
from ..splunk.client import Splunkd
from ..splunk.cron import runs_an_hour
from .base import Endpoint, Request

REMEDIATE = f"{ACTION}remediate"


@dataclass(frozen=True)
class AttachedAction:
    #: As in savedsearches.conf: ``responder_create_ticket``.
    action: str
    label: str
    #: Of Remediate in AWS; empty where the Safety tab's counts, and for other actions.
    mode: str


@dataclass(frozen=True)
class DetectionRow:
    detection: str
    title: str
    family: str
    severity: str
    #: The log that it reads.
    source: str
    techniques: Sequence[str]
    tactics: Sequence[str]
    is_on: bool
    #: Whether the search that keeps its baseline is on: ``on``, ``off``; empty where it needs none.
    baseline: str
    actions: Sequence[AttachedAction]
    #: As it is scheduled now, with its baseline; also while it is off.
    runs_an_hour: float
    #: Of the saved search; it runs with this user's rights. ``nobody``: as the system.
    owner: str


@dataclass(frozen=True)
class AttackTechnique:
    technique: str
    name: str
    tactics: Sequence[str]


@dataclass(frozen=True)
class DetectionPack:
    pack: str
    title: str
    about: str
    detections: Sequence[str]


@dataclass(frozen=True)
class ActionChoice:
    action: str
    label: str


@dataclass(frozen=True)
class Detections:
    detections: Sequence[DetectionRow]
    packs: Sequence[DetectionPack]
    #: Those of ATT&CK that some detection names, without their sub-techniques.
    techniques: Sequence[AttackTechnique]
    #: Those of this app that can be added.
    actions: Sequence[ActionChoice]
    #: Detections that Splunk no longer has, by ID: somebody has removed their searches.
    missing: Sequence[str]
    may_change: bool


def answer(request: Request) -> Mapping[str, object]:
    saved = of_the_app(request.splunkd)
    rows = [row(one, saved) for one in shipped.detections().values() if one.search_name in saved]
    shown = Detections(
        detections=rows,
        packs=[DetectionPack(one.id, one.title, one.about, one.detections) for one in shipped.packs()],
        techniques=[AttackTechnique(one.id, one.name, one.tactics) for one in shipped.techniques()],
        actions=[ActionChoice(ACTION + name, action.label) for name, action in actions().items()],
        missing=sorted(one.id for one in shipped.detections().values() if one.search_name not in saved),
        may_change=saved_searches.may_write(request.own, saved),
    )
    return dataclasses.asdict(shown)


def of_the_app(splunkd: Splunkd) -> dict[str, SavedSearch]:
    """The detections and their baselines by name. Raises a ResponderError."""
    return {one.name: one for one in listing.saved_searches(splunkd) if one.is_detection or one.is_baseline}


def row(one: ShippedDetection, saved: Mapping[str, SavedSearch]) -> DetectionRow:
    search, baseline = saved[one.search_name], saved.get(one.baseline_name)
    return DetectionRow(
        detection=one.id,
        title=one.title,
        family=one.family,
        severity=one.severity,
        source=one.source,
        techniques=one.techniques,
        tactics=one.tactics,
        is_on=search.is_on,
        baseline="" if not one.baseline_name else "on" if baseline is not None and baseline.is_on else "off",
        actions=attached(search),
        runs_an_hour=runs_an_hour(search.cron) + (runs_an_hour(baseline.cron) if baseline is not None else 0),
        owner=search.owner,
    )


def attached(search: SavedSearch) -> list[AttachedAction]:
    labels = {ACTION + name: action.label for name, action in actions().items()}
    ours = [
        AttachedAction(name, labels.get(name, name), given.get("mode", "") if name == REMEDIATE else "")
        for name, given in search.actions.items()
    ]
    return [*ours, *(AttachedAction(name, name, "") for name in search.other_actions)]


ENDPOINT = Endpoint("detections", "cloudtrail_responder_view", answer, Detections)
