"""An interpreter of the part of SPL that detections need; see docs/spl.md.

``search(spl, events=..., knowledge=...)`` runs one; ``parse(spl, knowledge)`` only checks it. ``SplRejected`` means
that Splunk would refuse the search too, ``SplUnsupported`` that this interpreter cannot run it.
"""

from __future__ import annotations

from .errors import SplError, SplRejected, SplUnsupported
from .memory import MemoryEvents, MemoryKnowledge
from .model import Event, EventSource, Knowledge, Results
from .pipeline import execute, parse, search

__all__ = [
    "Event",
    "EventSource",
    "Knowledge",
    "MemoryEvents",
    "MemoryKnowledge",
    "Results",
    "SplError",
    "SplRejected",
    "SplUnsupported",
    "execute",
    "parse",
    "search",
]
