"""Detections without Splunk: the shipped searches, run over log files.

``read(paths)`` gives records, ``ShippedSearches(...)`` runs the searches compiled from detections/ over them.
"""

from __future__ import annotations

from .addon import with_addon
from .records import UnreadableRecords, as_event, files_of, read
from .shipped import ShippedSearches

__all__ = ["ShippedSearches", "UnreadableRecords", "as_event", "files_of", "read", "with_addon"]
