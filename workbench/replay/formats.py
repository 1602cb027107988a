"""Cases for other programs: JSON, CSV that no spreadsheet takes for formulas, and SARIF 2.1.0.

Source of the latter: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from tools.playbooks import SOURCES
from workbench.detections.model import Detection
from workbench.detections.pages import technique_page

from .cases import Case
from .outlook import Advice, Tickets, actors

if str(SOURCES) not in sys.path:
    sys.path.insert(0, str(SOURCES))

from responder.findings.spreadsheet import csv_of

#: SARIF's words for how grave a result is.
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "informational": "note"}
_COLUMNS = (
    "severity", "vendor_account", "vendor_region", "user", "user_type", "user_arn", "access_key_id", "src_ip",
    "src_country", "command", "object_category", "object_id", "outcome", "reason", "recommended_playbook", "dedup_key",
)  # fmt: skip


def as_json(
    cases: Sequence[Case], said: Tickets, advised: Sequence[Advice], detections: Mapping[str, Detection]
) -> str:
    found = {
        "tickets_a_day": round(said.a_day, 2),
        "days": round(said.days, 2),
        "by_day": said.by_day,
        "by_severity": said.by_severity,
        "actors": [
            {
                "actor": one.name,
                "account": one.account,
                "severity": one.severity,
                "first_time": _iso(one.first_time),
                "last_time": _iso(one.last_time),
                "cases": [case.finding["dedup_key"] for case in one.cases],
            }
            for one in actors(cases)
        ],
        "switch_on": [
            {"detection": one.detection.id, "when": one.when, "cases": one.cases, "a_week": round(one.a_week, 2)}
            for one in advised
        ],
        "cases": [_case(case, detections) for case in cases],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def as_csv(cases: Sequence[Case], detections: Mapping[str, Detection]) -> str:
    """A row a case."""
    rows = [{name: _text(value) for name, value in _case(case, detections).items()} for case in cases]
    return csv_of(rows or [dict.fromkeys(("detection", "title", *_COLUMNS), "")][:1]).decode("utf-8")


def as_sarif(cases: Sequence[Case], detections: Mapping[str, Detection]) -> str:
    rules = [detections[name] for name in dict.fromkeys(case.search for case in cases)]
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "CloudTrail Responder for Splunk", "rules": [_rule(rule) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(case, numbers[case.search]) for case in cases],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _case(case: Case, detections: Mapping[str, Detection]) -> dict[str, Any]:
    finding = case.finding
    return {
        "detection": case.search,
        "title": detections[case.search].title,
        **{name: finding.get(name) for name in _COLUMNS},
        "techniques": list(detections[case.search].techniques),
        "events": case.event_count,
        "first_time": _iso(case.first_time),
        "last_time": _iso(case.last_time),
        "event_ids": list(case.event_ids),
    }


def _rule(rule: Detection) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.title,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.description},
        "help": {"text": "\n".join(rule.runbook)},
        "helpUri": technique_page(rule.mitre_attack_id[0]),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": ["security", *rule.techniques], "family": rule.family},
    }


def _result(case: Case, rule: int) -> dict[str, Any]:
    finding = case.finding
    place = {
        "name": str(finding["object_id"]),
        "fullyQualifiedName": f"{finding['vendor_account']}/{finding['vendor_region']}/{finding['object_id']}",
        "kind": "resource",
    }
    return {
        "ruleId": case.search,
        "ruleIndex": rule,
        "level": LEVELS.get(case.severity, "note"),
        "message": {"text": str(finding["reason"])},
        "locations": [{"logicalLocations": [place]}],
        "occurrenceCount": max(1, case.event_count),
        # The same case is the same result in the next run.
        "partialFingerprints": {"case/v1": hashlib.sha256(str(finding["dedup_key"]).encode()).hexdigest()},
        "properties": {
            "severity": case.severity,
            "actor": str(finding["user"]),
            "firstTime": _iso(case.first_time),
            "lastTime": _iso(case.last_time),
            "eventIds": list(case.event_ids)[:100],
        },
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Any) -> str:
    return "" if value is None else " ".join(map(str, value)) if isinstance(value, list) else str(value)
