"""Findings of one actor or of one detection, as runs of alerts hand them over."""

from __future__ import annotations

import itertools
from typing import Any

from core_findings import ACCOUNT
from responder.cases import incidents
from responder.documents import text

HOUR = 3600
#: A moment of the past: what is put together goes by when things happened, not by when they were found.
T0 = 1_760_000_000
THIEF = f"arn:aws:iam::{ACCOUNT}:user/mara"
KEY = "AKIAIOSFODNN7EXAMPLE"
DETECTIONS = ("trail_stopped", "bucket_made_public", "user_created", "key_created", "group_opened")
_sids = itertools.count(1)


def group(core: Any) -> None:
    """Incidents and digests as they are by default, with nothing remembered of another test."""
    core.save("settings", "general", incident_hours="24", digest_limit="10")
    incidents._read_lately._values.clear()


def row(detection: str, resource: str, at: float = T0, actor: str = THIEF, **more: Any) -> dict[str, Any]:
    return {
        "signature_id": detection,
        "signature": detection.replace("_", " ").capitalize(),
        "severity": "medium",
        "dedup_key": f"{detection}|{resource}",
        "vendor_account": ACCOUNT,
        "user": actor.rpartition("/")[2],
        "user_arn": actor,
        "object_id": resource,
        "command": "DoSomething",
        "event_ids": f"event-{detection}-{resource}",
        "first_time": str(at),
        "last_time": str(at),
        **more,
    }


def many(number: int, first: int = 0, **more: Any) -> list[dict[str, Any]]:
    """Findings of one detection, each of an actor of its own."""
    return [
        row("trail_stopped", f"trail-{n}", T0 + n, f"arn:aws:iam::{ACCOUNT}:user/u{n}", **more)
        for n in range(first, first + number)
    ]


def alert(core: Any, *rows: dict[str, Any], action: str = "create_ticket", user: str = "pat", **more: Any) -> list[str]:
    """One run of an alert hands rows over, and has them run; gives the keys of their tasks."""
    sid = more.pop("sid", None) or f"run-{next(_sids)}"
    given = {"create_ticket": {"project": "SEC"}}.get(action, {})
    search = more.pop("search_name", "") or rows[0]["signature_id"]
    numbered = [{"number": number, "row": one} for number, one in enumerate(rows, more.pop("first", 1))]
    body = {"action": action, "parameters": {**given, **more.pop("parameters", {})}, "rows": numbered,
            "search_name": search, "app": "search", "sid": sid}  # fmt: skip
    if more.pop("run", True):
        body["run"] = 60
    status, answer = core.post("record", body, user)
    assert status == 200, answer
    return [one["task"] for one in answer["rows"]]


def plain(page: str) -> str:
    return " ".join(page.replace("*", "").replace("`", "").split())


def description(core: Any, ticket: int = 1) -> str:
    return str(text.render(core.jira.created[ticket - 1].document))
