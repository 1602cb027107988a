"""Findings for tests of the core."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from responder.endpoints import dispatch
from responder.findings.finding import Finding

ACCOUNT = "123456789012"


def finding(number: int = 1, *events: str, **more: Any) -> Finding:
    """A finding of case ``number`` about events (``event-<number>`` unless named)."""
    values: dict[str, Any] = {
        "signature_id": "some_detection",
        "signature": "Some detection",
        "severity": "low",
        "dedup_key": f"key-{number}",
        "event_ids": events or (f"event-{number}",),
        "vendor_account": ACCOUNT,
        **more,
    }
    return Finding(**values)


class InThisProcess:
    """Answers the app's endpoints without a process of their own, and remembers which were asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def persistent(self, app: str, stanza: Mapping[str, str], request: Mapping[str, Any]) -> tuple[int, Any, bytes]:
        self.asked.append(str(request["rest_path"]).rpartition("/")[2])
        answered = dispatch.answer(json.dumps(dict(request)))
        return answered["status"], answered["headers"], json.dumps(answered["payload"]).encode()
