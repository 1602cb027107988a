"""Audit events that the index did not take, and that belong to no task: what must not wait for the index has happened.

They are kept with the marks of the worker, which sends them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from ..errors import ResponderError
from ..json_limits import bounded_json
from ..splunk.client import Splunkd
from . import audit

log = logging.getLogger("cloudtrail_responder")

MARKS, PREFIX = "responder_marks", "owed:"


def send_or_owe(splunkd: Splunkd, event: Mapping[str, Any], index: str) -> None:
    """Index an event now, or have the worker do so; so, too, where it is not known which index. Raises nothing."""
    try:
        if index:
            audit.send(splunkd, [event], index)
            return
    except ResponderError as error:
        log.error("step=%s: its audit event is owed: %s", event["step"], error)
    try:
        owed = {"_key": f"{PREFIX}{event['id']}", "value": json.dumps(event), "at": event["time"]}
        splunkd.insert(MARKS, owed)
    except ResponderError as error:
        log.error("step=%s: its audit event is lost: %s", event["step"], error)


def send_all(splunkd: Splunkd, index: str) -> None:
    """Send what is owed. Raises a ResponderError where that cannot be done; then it stays owed."""
    first, end = PREFIX, PREFIX[:-1] + ";"
    owed = splunkd.find(MARKS, {"_key": {"$gte": first, "$lt": end}})
    if owed:
        # Sent twice after a stop, it has the same id.
        audit.send(splunkd, [bounded_json(str(one["value"])) for one in owed], index)
        for one in owed:
            splunkd.delete_where(MARKS, {"_key": one["_key"]})
