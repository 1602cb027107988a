"""A layer file for the ATT&CK Navigator: the techniques that the detections cover, and by how many.

Format: version 4.5, https://github.com/mitre-attack/attack-navigator/blob/master/layers/spec/v4.5/layerformat.md
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from . import frameworks
from .model import Detection

FILE = "attack-navigator.json"
VERSIONS = {"attack": frameworks.VERSION.partition(".")[0], "navigator": "5.1.0", "layer": "4.5"}
FEW, MANY = "#cfe3f5", "#1f5fa8"


def layer(detections: Iterable[Detection]) -> str:
    """The layer as JSON text; the same detections give the same text."""
    by_technique: dict[str, list[Detection]] = defaultdict(list)
    for detection in sorted(detections, key=lambda one: one.id):
        for technique in dict.fromkeys(detection.techniques):
            by_technique[technique].append(detection)
    most = max((len(found) for found in by_technique.values()), default=1)
    made = {
        "name": "CloudTrail Responder for Splunk",
        "versions": VERSIONS,
        "domain": "enterprise-attack",
        "description": "Techniques detected in CloudTrail, VPC flow and DNS query logs; score: number of detections.",
        "filters": {"platforms": ["IaaS", "SaaS", "Identity Provider"]},
        "sorting": 3,
        "hideDisabled": False,
        "techniques": [_technique(name, found) for name, found in sorted(by_technique.items())],
        "gradient": {"colors": [FEW, MANY], "minValue": 1, "maxValue": max(most, 2)},
        "legendItems": [{"label": "one detection", "color": FEW}, {"label": f"{most} detections", "color": MANY}],
        "showTacticRowBackground": False,
        "selectTechniquesAcrossTactics": True,
        "selectSubtechniquesWithParent": False,
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _technique(name: str, found: list[Detection]) -> dict[str, Any]:
    return {
        "techniqueID": name,
        "score": len(found),
        "comment": "; ".join(detection.title for detection in found),
        "enabled": True,
        "metadata": [{"name": detection.id, "value": detection.severity} for detection in found],
        "showSubtechniques": "." in name,
    }
