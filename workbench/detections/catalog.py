"""What the app knows of its own detections and packs: the file that ``responder/findings/shipped.py`` reads.

Whether a search is on, how it is scheduled now, and its SPL are splunkd's to say; what the YAML files say, is here.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from . import frameworks, schedule
from .compile import baseline_name_of, name_of
from .model import Detection
from .packs import Pack


def catalog(detections: Iterable[Detection], packs: Iterable[Pack]) -> str:
    """``{"detections": [...], "packs": [...]}`` as JSON text, the same bytes on every run."""
    made = {
        "detections": [_entry(one) for one in sorted(detections, key=lambda one: (one.family, one.id))],
        "packs": [dataclasses.asdict(pack) for pack in packs],
    }
    return json.dumps(made, ensure_ascii=False, indent=0) + "\n"


def _entry(one: Detection) -> dict[str, Any]:
    runs = one.schedule.runs_an_hour + (60 / schedule.BASELINE_EVERY if one.baseline else 0)
    return {
        "id": one.id,
        "title": one.title,
        "family": one.family,
        "severity": one.severity,
        "source": one.source,
        "techniques": list(one.mitre_attack_id),
        "tactics": frameworks.tactics(one.mitre_attack_id),
        "search_name": name_of(one),
        "baseline_name": baseline_name_of(one) if one.baseline else "",
        "runs_an_hour": runs,
        "enabled_by_default": one.enabled_by_default,
    }
