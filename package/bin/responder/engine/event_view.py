"""One event of CloudTrail, as whoever looks at it may search it, read as the finding that their own alert would make.

Of what an address says only the id and a time go into the search, checked. What was found counts for nothing by itself:
it is handed over (``hand_over``) or looked at (``remediation_plan``) with the proof and the ceilings of an alert.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..cases.keys import follow_up
from ..cases.store import CASES
from ..cases.task import Alert, Task, event_names
from ..errors import NotFound, NotPermitted, Rejected, one_line
from ..findings import alert_rows
from ..findings.alert_rows import AlertRun
from ..findings.finding import Finding
from ..findings.moments import epoch_of
from ..findings.record_search import is_event_id, spl
from ..json_limits import bounded_json
from ..splunk.client import Splunkd
from ..splunk.search import search
from ..splunk.users import capabilities
from .answering import Answerer
from .case_rights import REMEDIATES
from .remediating import ROLES
from .undoing import RUN

DAY = 86_400.0
#: Seconds back from now that are searched where nobody says when it was.
WITHOUT_TIME = 30 * DAY
#: Characters of the record that people are shown, and of the texts beside it.
LONGEST, LONGEST_TEXT = 100_000, 500
_NAME = re.compile(r"[A-Za-z0-9]{1,100}")


@dataclass(frozen=True)
class EventView:
    """Texts are an attacker's."""

    event: str
    #: Epoch seconds.
    at: float
    call: str
    outcome: str
    reason: str
    user: str
    user_arn: str
    access_key_id: str
    src_ip: str
    account: str
    region: str
    resource: str
    resource_type: str
    #: The record itself, indented, cut where it is too long to show.
    record: str
    #: ID of the case that it was handed over to before; empty where there is none.
    case: str
    #: ``ticket``, ``remediate``.
    may: Sequence[str]


@dataclass(frozen=True)
class _Found:
    name: str
    row: Mapping[str, str]
    finding: Finding


def read(splunkd: Splunkd, own: Splunkd, event: str, at: str, user: str) -> EventView:
    """``own``: with the rights of ``user``. Raises Rejected for no id, NotFound, and what a search raises."""
    found = _find(own, event, at, splunkd.now())
    finding, raw = found.finding, found.row["_raw"]
    texts = {
        name: one_line(value)[:LONGEST_TEXT]
        for name, value in (
            ("call", finding.command), ("outcome", finding.outcome), ("reason", finding.reason), ("user", finding.user),
            ("user_arn", finding.user_arn), ("access_key_id", finding.access_key_id), ("src_ip", finding.src_ip),
            ("account", finding.vendor_account), ("region", finding.vendor_region), ("resource", finding.object_id),
            ("resource_type", finding.object_category),
        )
    }  # fmt: skip
    is_case = splunkd.fetch(CASES, finding.case_id) is not None
    return EventView(
        event=event.strip().lower(),
        at=finding.last_time,
        record=json.dumps(bounded_json(raw), indent=2, ensure_ascii=False)[:LONGEST],
        case=finding.case_id if is_case else "",
        may=("ticket", "remediate") if capabilities(splunkd, user) >= REMEDIATES else (),
        **texts,
    )


def source(splunkd: Splunkd, own: Splunkd, event: str, at: str, who: Answerer) -> Task:
    """What ``remediating.source`` gives of a case: a task with the finding, which is never recorded.

    Raises as ``read``, and NotPermitted for whoever may hand nothing over.
    """
    if not capabilities(splunkd, who.by) >= REMEDIATES:
        raise NotPermitted("You may not ask for a remediation.", f"Ask an administrator for the roles {ROLES}.")
    found = _find(own, event, at, splunkd.now())
    finding = found.finding
    return Task(
        key=follow_up(finding.case_id, "remediate", RUN, "event", who.by),
        kind=RUN,
        finding=finding,
        alert=Alert(search_name=found.name),
        event_ids=event_names(finding),
        owner=who.by,
    )


def row_of(own: Splunkd, event: str, at: str, now: float) -> tuple[str, Mapping[str, str]]:
    """What is handed over of it: the name that it goes by, and the row. Raises as ``read``."""
    found = _find(own, event, at, now)
    return found.name, found.row


def _find(own: Splunkd, event: str, at: str, now: float) -> _Found:
    event = event.strip().lower()
    if not is_event_id(event):
        raise Rejected("That is not the ID of an event of CloudTrail.", "Open it by the menu of the event in Splunk.")
    moment = epoch_of(at)
    earliest, latest = (moment - DAY, moment + DAY) if moment else (now - WITHOUT_TIME, now + DAY)
    results = search(own, spl([event]), max(earliest, 0.0), latest)
    raw = next((str(one["_raw"]) for one in results if one.get("_raw")), "")
    if not raw:
        looked = "around its time" if moment else "of the last 30 days"
        why = f"Nothing that you may search has it, {looked}."
        if results:
            why = "It is there in a form that the app does not read."
        hint = "See the health check CloudTrail shapes, and which indexes your roles may search."
        raise NotFound(f"Event {event} cannot be shown. {why}", hint)
    row = {"_raw": raw}
    try:
        record = bounded_json(raw)
        call = str(record.get("eventName") or "") if isinstance(record, dict) else ""
    except ValueError as error:
        raise Rejected(f"The record of event {event} is no JSON.", "Look at it in Splunk.") from error
    name = f"CloudTrail event {call}" if _NAME.fullmatch(call) else "CloudTrail event"
    return _Found(name, row, alert_rows.read(row, AlertRun(name=name)))
