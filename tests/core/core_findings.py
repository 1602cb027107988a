"""Findings for tests of the core."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from responder.endpoints import dispatch
from responder.findings.finding import Finding

ACCOUNT = "123456789012"
#: Fires an alert action over rows; gives its exit code.
Fire = Callable[..., int]


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


def results(path: Path, findings: list[dict[str, str]]) -> Path:
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, list(findings[0]))
        writer.writeheader()
        writer.writerows(findings)
    return path


def findings(count: int) -> list[dict[str, str]]:
    return [
        {"signature_id": "some_detection", "dedup_key": f"key-{n}", "event_ids": f"event-{n}", "severity": "low"}
        for n in range(count)
    ]


class InThisProcess:
    """Answers the app's endpoints without a process of their own, and remembers which were asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def persistent(self, app: str, stanza: Mapping[str, str], request: Mapping[str, Any]) -> tuple[int, Any, bytes]:
        self.asked.append(str(request["rest_path"]).rpartition("/")[2])
        answered = dispatch.answer(json.dumps(dict(request)))
        return answered["status"], answered["headers"], json.dumps(answered["payload"]).encode()
