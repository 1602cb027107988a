"""The audit trail: every step as one JSON event, indexed as ``cloudtrail_responder:audit``.

An event waits in its task's document until splunkd has taken it; sent twice after a crash, it carries the same id.
Field names follow CIM's Change data model where it has one.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Dict, Sequence

from ..splunk.client import Splunkd

if TYPE_CHECKING:
    from .case import Case
    from .tasks import Task

SOURCETYPE = "cloudtrail_responder:audit"
SOURCE = "cloudtrail_responder"


def audit_event(step: str, case: Case, task: Task, now: float, status: str, **more: Any) -> Dict[str, Any]:
    """One step of one task. ``status`` is success or failure; ``more`` adds what is known of this step."""
    finding = case.finding
    event: Dict[str, Any] = {
        "time": round(now, 3),
        "id": hashlib.sha256(f"{task.key}|{task.attempts}|{step}|{more.get('resource', '')}".encode()).hexdigest()[:16],
        "step": step,
        "status": status,
        "case_id": case.id,
        "task": task.key,
        "kind": task.kind,
        "attempt": task.attempts,
        "user": task.owner,
        "signature_id": finding.signature_id,
        "dedup_key": finding.dedup_key,
        "severity": finding.severity,
        "vendor_account": finding.vendor_account,
        "vendor_region": finding.vendor_region,
        "object_category": finding.object_category,
        "object": finding.object_id,
        "sid": task.run,
    }
    event.update({name: value for name, value in more.items() if value not in ("", None)})
    return event


def send(splunkd: Splunkd, events: Sequence[Dict[str, Any]], index: str) -> None:
    """Index events; raises a ResponderError when splunkd did not take them."""
    if events:
        splunkd.submit((_line(event) for event in events), index, SOURCETYPE, SOURCE)


def _line(event: Dict[str, Any]) -> str:
    """The event as JSON, its time first and with three decimals: props.conf reads it by a fixed form."""
    more = {name: value for name, value in event.items() if name != "time"}
    return f'{{"time": {event["time"]:.3f}, ' + json.dumps(more, default=str)[1:]
