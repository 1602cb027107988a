"""Detections whose titles were changed, and with them the names of their saved searches.

A saved search has no label: its name is what lists show, and the stanza of savedsearches.conf that people's own
settings are kept under. So whoever changes a title adds the one before to ``renamed.json``. From then on what was
stored under an older name is found by it: settings are carried over (``inputs/renamed_searches.py``), and alerts, cases
and the ledger of *Getting started* know it for the same search.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).with_name("renamed.json")
#: With which the names of the app's searches begin (workbench/detections/compile.py).
PREFIX = "CloudTrail Responder - "
BASELINE = f"{PREFIX}baseline: "


def names() -> Mapping[str, str]:
    """Names that searches of the app had, each with the one that it has now; the oldest first."""
    return _read()[0]


def current(name: str) -> str:
    """The name that a search of the app has now."""
    return _read()[0].get(name, name)


def lasting(name: str) -> str:
    """The first name that a search of the app had: what keys are made of, as no renaming changes it."""
    return _read()[1].get(current(name), name)


@functools.lru_cache(maxsize=1)
def _read() -> tuple[Mapping[str, str], Mapping[str, str]]:
    titles = json.loads(FILE.read_text(encoding="utf-8"))["titles"]
    now = {prefix + former: prefix + title for former, title in titles.items() for prefix in (PREFIX, BASELINE)}
    # Of several former names the oldest stands last here, and stays.
    first = {name: former for former, name in reversed(list(now.items()))}
    return now, first
