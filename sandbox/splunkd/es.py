"""Enterprise Security, as far as another app sees it. Not there until ``Splunkd.install_enterprise_security``.

Sources: SA-ThreatIntelligence 4.5 (the macro ``notable``, the collection ``incident_review``, the role
``ess_analyst``), Splunk's REST shapes for ``apps/local``. Of its hundreds of objects only these are here; whatever else
is asked for is unknown.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .kvstore import Collection, KvStore, Query

SUITE, REVIEW, MISSION_CONTROL = "SplunkEnterpriseSecuritySuite", "SA-ThreatIntelligence", "missioncontrol"
_FILES = {
    "indexes.conf": "[notable]\nhomePath = $SPLUNK_DB/notabledb/db\n",
    "collections.conf": "[incident_review]\nfield.rule_id = string\nfield.comment = string\nfield.time = number\n",
    "transforms.conf": (
        "[incident_review_lookup]\nexternal_type = kvstore\ncollection = incident_review\n"
        "fields_list = _key,rule_id,comment,reviewer,time\n"
    ),
    "authorize.conf": (
        "[capability::edit_notable_events]\n[role_ess_analyst]\nimportRoles = user\nedit_notable_events = enabled\n"
    ),
    "macros.conf": (
        "[notable]\ndefinition = index=notable | spath "
        "| lookup local=true incident_review_lookup rule_id AS event_id OUTPUT comment\n"
    ),
}


def write_apps(folder: Path, version: str) -> None:
    """The apps, below ``etc/apps``; from version 8 on Mission Control is one of them."""
    names = (SUITE, REVIEW, *([MISSION_CONTROL] if _major(version) >= 8 else []))
    for name in names:
        files = {"app.conf": f"[launcher]\nversion = {version}\n[ui]\nis_visible = 1\n"}
        _write(folder / name, {**files, **(_FILES if name == REVIEW else {})})


def _major(version: str) -> int:
    return int(version.partition(".")[0])


def _write(app: Path, files: Mapping[str, str]) -> None:
    for folder in ("default", "metadata"):
        (app / folder).mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (app / "default" / file).write_text(text, encoding="utf-8")
    meta = "[]\naccess = read : [ * ], write : [ admin ]\nexport = system\n"
    (app / "metadata" / "default.meta").write_text(meta, encoding="utf-8")


class EnterpriseSecurity:
    """Its queue: findings, what was written on them, and what people set."""

    def __init__(self, version: str, kv: KvStore, add_event: Callable[..., None]) -> None:
        self.version = version
        self._kv = kv
        self._add_event = add_event
        self._reviews = Collection(REVIEW, "incident_review")
        self.findings: set[str] = set()
        #: Notes of ES 8 by finding, oldest first.
        self.notes: dict[str, list[dict[str, Any]]] = {}
        #: What was changed of findings besides comments, in order.
        self.changes: list[dict[str, str]] = []

    @property
    def has_notes(self) -> bool:
        return _major(self.version) >= 8

    def add_finding(self, event_id: str, **fields: str) -> None:
        """A finding of the queue, by its id."""
        self.findings.add(event_id)
        event = json.dumps({"event_id": event_id, **fields})
        self._add_event(event, index="notable", sourcetype="stash", source=fields.get("source", "A rule"))

    def comment(self, event_id: str, text: str, user: str) -> None:
        document = {"rule_id": event_id, "comment": text, "reviewer": user, "time": time.time()}
        self._kv.insert(self._reviews, {"_key": uuid.uuid4().hex, **document})

    def comments(self, event_id: str) -> list[str]:
        """Comments and notes on a finding, oldest first."""
        found = self._kv.find(self._reviews, Query({"rule_id": event_id}))
        ordered = sorted(found, key=lambda one: one["time"])
        return [one["comment"] for one in ordered] + [one["content"] for one in self.notes.get(event_id, [])]
