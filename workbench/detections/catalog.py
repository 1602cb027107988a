"""What the app knows of its own detections and packs: the files that ``responder/findings/shipped.py`` reads.

Whether a search is on, how it is scheduled now, and its SPL are splunkd's to say; what the YAML files say, is here.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from . import frameworks, schedule
from .attack_names import NAMES
from .compile import baseline_name_of, name_of
from .model import Detection
from .packs import Pack


def catalog(detections: Iterable[Detection], packs: Iterable[Pack]) -> str:
    """``{"detections": [...], "packs": [...], "techniques": [...]}`` as JSON text, the same bytes on every run."""
    known = sorted(detections, key=lambda one: (one.family, one.id))
    ids = sorted({technique.partition(".")[0] for one in known for technique in one.techniques})
    made = {
        "detections": [_entry(one) for one in known],
        "packs": [dataclasses.asdict(pack) for pack in packs],
        "techniques": [{"id": one, "name": NAMES.get(one, one), "tactics": frameworks.tactics([one])} for one in ids],
    }
    return json.dumps(made, ensure_ascii=False, indent=0) + "\n"


def details(detections: Iterable[Detection]) -> str:
    """What is shown of one detection only, by id. Its sample is the first event of the first case that fires."""
    found = {one.id: _details(one) for one in sorted(detections, key=lambda one: one.id)}
    return json.dumps(found, ensure_ascii=False, indent=0) + "\n"


def _details(one: Detection) -> dict[str, Any]:
    case = next(sample for sample in one.samples() if sample["case"] == "fires")
    event = case["events"][0]
    return {
        "blind_spots": list(one.blind_spots),
        "references": list(one.references),
        "sample_why": case.get("why", ""),
        "sample": event if isinstance(event, str) else json.dumps(event, ensure_ascii=False),
    }


def _entry(one: Detection) -> dict[str, Any]:
    runs = one.schedule.runs_an_hour + (60 / schedule.BASELINE_EVERY if one.baseline else 0)
    return {
        "id": one.id,
        "title": one.title,
        "family": one.family,
        "severity": one.severity,
        "source": one.source,
        "techniques": list(one.techniques),
        "tactics": frameworks.tactics(one.techniques),
        "search_name": name_of(one),
        "baseline_name": baseline_name_of(one) if one.baseline else "",
        "runs_an_hour": runs,
        "enabled_by_default": one.enabled_by_default,
    }
