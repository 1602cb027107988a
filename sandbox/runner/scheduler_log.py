"""scheduler.log: how each run of a saved search ended, in splunkd.log here, and as events of the index ``_internal``.

Source: Splunk, "What Splunk software logs about itself" (scheduler.log, source type scheduler); the fields are those
that its searches for skipped and failed runs use.
"""

from __future__ import annotations

import time

from .host import Host
from .saved import SavedSearch


def write(host: Host, level: str, search: SavedSearch, moment: float, status: str, **more: object) -> None:
    """One line. ``status``: success, continued, skipped or failed; ``more``: further fields, such as ``reason``."""
    fields = {
        "savedsearch_id": f"{search.owner};{search.app};{search.name}",
        "search_type": "scheduled",
        "user": search.owner,
        "app": search.app,
        "savedsearch_name": search.name,
        "status": status,
        "scheduled_time": f"{moment:.0f}",
        **more,
    }
    text = ", ".join(f"{name}={_value(value)}" for name, value in fields.items())
    host.log.write(level, "SavedSplunker", text)
    stamp = time.strftime("%m-%d-%Y %H:%M:%S.000 +0000", time.gmtime())
    line = f"{stamp} {level:<5} SavedSplunker - {text}"
    source = str(host.home / "var" / "log" / "splunk" / "scheduler.log")
    host.splunkd.add_event(line, index="_internal", sourcetype="scheduler", source=source, time=time.time())


def _value(value: object) -> str:
    text = " ".join(str(value).split()).replace('"', "'")
    return text if text.isalnum() else f'"{text}"'
