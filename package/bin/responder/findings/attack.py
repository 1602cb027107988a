"""Techniques of MITRE ATT&CK that a newer version has renumbered.

Content of many vendors still names the old ID and dashboards of others ask for the new one, so both are shown. What the
workbench derives from the detections reads the same file. Source: the revocations of Enterprise techniques in the
release notes of version 19, https://attack.mitre.org/resources/updates/updates-april-2026/; 19.1 and 19.2 have none.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).with_name("renumbered.json")


def named(technique: str) -> tuple[str, ...]:
    """The ID as given, and the one that it has now if that is another."""
    now = _renumbered().get(technique)
    return (technique, now) if now else (technique,)


@functools.lru_cache(maxsize=1)
def _renumbered() -> Mapping[str, str]:
    found: Mapping[str, str] = json.loads(FILE.read_text(encoding="utf-8"))["techniques"]
    return found
