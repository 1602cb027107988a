"""The audit: every step as one JSON event, indexed as ``cloudtrail_responder:audit``.

An event waits in its task's document until splunkd has taken it; sent twice after a crash, it carries the same id.
Field names follow CIM's Change data model where it has one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..findings.notables import notables_of
from ..splunk.client import Splunkd
from .task import Task

SOURCETYPE = "cloudtrail_responder:audit"
SOURCE = "cloudtrail_responder"
#: Characters of an event.
MAX_EVENT = 80_000


def audit_event(step: str, task: Task, now: float, status: str, **more: Any) -> dict[str, Any]:
    """One step of one task. ``status`` is success or failure; ``more`` adds what is known of this step."""
    identity = f"{task.key}|{task.turn}|{task.attempts}|{step}|{more.get('resource', '')}"
    # What several people may do at the same stage.
    identity += f"|{more['by']}" if more.get("by") else ""
    event: dict[str, Any] = {
        "time": round(now, 3),
        "id": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:16],
        "step": step,
        "status": status,
        "case_id": task.case_id,
        "task": task.key,
        "kind": task.kind,
        "attempt": task.attempts,
        "user": task.owner,
        "run": task.run,
        "search_name": task.alert.search_name,
    }
    finding = task.finding
    if finding is not None:
        event.update(
            signature_id=finding.signature_id,
            dedup_key=finding.dedup_key,
            severity=finding.severity,
            vendor_account=finding.vendor_account,
            vendor_region=finding.vendor_region,
            object_category=finding.object_category,
            object=finding.object_id,
        )
    event.update(_origin(task))
    event.update({name: value for name, value in more.items() if value not in ("", None)})
    return event


def app_event(step: str, now: float, by: str, **more: Any) -> dict[str, Any]:
    """A step that is about no task: somebody has changed what the app may do."""
    identity = hashlib.sha256(f"{step}|{now}|{by}".encode("utf-8", "replace")).hexdigest()[:16]
    return {"time": round(now, 3), "id": identity, "step": step, "status": "success", "user": by, "by": by, **more}


def identified(event: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The event with an id that follows from these names, where its step and time do not tell it from others."""
    return {**event, "id": hashlib.sha256("|".join(names).encode("utf-8", "replace")).hexdigest()[:16]}


def _origin(task: Task) -> dict[str, str]:
    """By which Enterprise Security finds what an action did: the pair of the finding that it is about, else its own.

    Source: Splunk_SA_CIM, ``cim_actions.py``, header of result events.
    """
    alert, notable = task.alert, next(iter(notables_of(task.finding)), None)
    found = {
        "es_finding": notable.id if notable else "",
        "sid": alert.sid,
        "rid": alert.rid,
        "orig_sid": (notable.orig_sid if notable else "") or alert.sid,
        "orig_rid": (notable.orig_rid if notable else "") or alert.rid,
        "orig_action_name": alert.action,
    }
    return {name: value for name, value in found.items() if value}


def send(splunkd: Splunkd, events: Sequence[Mapping[str, Any]], index: str) -> None:
    """Index events; raises a ResponderError when splunkd did not take them."""
    if events:
        splunkd.submit((_line(event) for event in events), index, SOURCETYPE, SOURCE)


def _line(event: Mapping[str, Any]) -> str:
    """The event as JSON, its time first and with three decimals: props.conf reads it by a fixed form."""
    more = {name: value for name, value in event.items() if name != "time"}
    text = json.dumps(more, default=str)
    if len(text) > MAX_EVENT:
        # Splunk would cut it in the middle (props.conf: TRUNCATE); the whole states are in the evidence.
        cut = {"before": "too long", "after": "too long", "message": str(more.get("message"))[:2000]}
        text = json.dumps({**more, **cut}, default=str)
    return f'{{"time": {event["time"]:.3f}, ' + text[1:]
