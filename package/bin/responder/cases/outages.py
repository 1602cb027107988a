"""Outages of services, as they were announced: a mark each, so that a restart forgets none and nobody hears twice.

    responder_marks/outage:<service>   value: see ``Outage``; at: when it was written last

``<service>`` is a Jira site or a Slack workspace (``jira:main``), or ``aws`` for AWS as a whole.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..json_limits import bounded_json
from ..splunk.client import Document, Splunkd

log = logging.getLogger("cloudtrail_responder")

MARKS, PREFIX = "responder_marks", "outage:"
#: Of the hourly look at what waits for people (``inputs/attention.py``).
ATTENTION = "attention"
#: Marks that the worker reads in each round, together with the breakers.
EACH_ROUND: tuple[Mapping[str, Any], ...] = (
    {"_key": {"$gte": PREFIX, "$lt": PREFIX[:-1] + ";"}},
    {"_key": ATTENTION},
)


@dataclass(frozen=True)
class Outage:
    """One outage that people hear of. All times in epoch seconds."""

    service: str
    since: float
    #: Tasks that were late when it was announced.
    late: int = 0
    #: Since when the service answers again; 0 while it does not.
    back: float = 0.0
    #: When its end was announced, and what had become of the tasks that were late; 0 until then.
    over_at: float = 0.0
    done: int = 0
    waiting: int = 0
    failed: int = 0
    #: Whether everybody who hears of the last step has been notified.
    is_announced: bool = False

    @property
    def key(self) -> str:
        return f"{PREFIX}{self.service}"

    def document(self, now: float) -> Document:
        return {"_key": self.key, "value": json.dumps(asdict(self)), "at": now}


def read(documents: Iterable[Mapping[str, Any]]) -> dict[str, Outage]:
    """By service. A mark that cannot be read counts as none."""
    found = {}
    for document in documents:
        if not str(document.get("_key")).startswith(PREFIX):
            continue
        try:
            outage = _outage(bounded_json(str(document.get("value"))))
            found[outage.service] = outage
        except (ValueError, TypeError, KeyError, OverflowError):
            log.error("mark=%s is damaged and has no effect", document.get("_key"))
    return found


def _outage(stored: Mapping[str, Any]) -> Outage:
    return Outage(
        service=str(stored["service"]),
        since=float(stored["since"]),
        late=int(stored["late"]),
        back=float(stored["back"]),
        over_at=float(stored["over_at"]),
        done=int(stored["done"]),
        waiting=int(stored["waiting"]),
        failed=int(stored["failed"]),
        is_announced=bool(stored["is_announced"]),
    )


def fetch(splunkd: Splunkd, service: str) -> Outage | None:
    """As it stands now. Raises a ResponderError."""
    document = splunkd.fetch(MARKS, f"{PREFIX}{service}")
    return read([document]).get(service) if document else None
