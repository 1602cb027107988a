"""Notices that a ticket was deleted, or that the app may see it no more, before there is anything to say in it.

    responder_marks/jira_there:<site>    value: the case that was looked at last; at: when

A search finds what has changed, and what was deleted is in none. So open tickets are asked for by their ids, a hundred
in one request, every ten minutes at most; those that a search has just found are not. What is missing is asked for by
itself before it counts, also by its key, which it keeps where tickets were migrated to another Jira: Jira's own "no
such ticket" to our account, and nothing that anybody else says.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ..cases.audit import audit_event, identified
from ..cases.owed import send_or_owe
from ..cases.store import CASES, TaskStore
from ..errors import NotFound, ResponderError
from ..handlers import ticket_gone
from ..handlers.ticket_gone import DELETED
from ..settings.model import JiraSite
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import jira_tickets
from .breaker import MARKS

if TYPE_CHECKING:
    from ..jira.changes import Changes

log = logging.getLogger("cloudtrail_responder")

PREFIX = "jira_there:"
#: Seconds between two looks at one site, and open tickets that one asks for.
PAUSE, MOST = 600.0, 100


def look(splunkd: Splunkd, site: JiraSite, changes: Changes, just_seen: Collection[str], pause: float = PAUSE) -> None:
    """Look at the next open tickets of a site. ``just_seen``: ids of those that are known to be there.

    Raises a ResponderError; then they are looked at again.
    """
    key, now = f"{PREFIX}{site.name}", splunkd.now()
    mark = splunkd.fetch(MARKS, key) or {}
    if abs(now - float(mark.get("at") or 0)) < pause:
        return
    after = str(mark.get("value") or "")
    cases = _open_ones(splunkd, site.name, after)
    asked = [case for case in cases if str(case["ticket_id"]) not in just_seen]
    if asked:
        # Several cases may have one ticket.
        there = changes.there(list(dict.fromkeys(str(case["ticket_id"]) for case in asked)))
        for case in asked:
            if str(case["ticket_id"]) not in there:
                _check(splunkd, site, changes, case)
    # From the beginning again, once the end was reached.
    last = str(cases[-1]["_key"]) if len(cases) >= MOST else ""
    done = {"_key": key, "value": last, "at": now}
    if not splunkd.insert(MARKS, done):
        splunkd.replace(MARKS, key, done)


def _open_ones(splunkd: Splunkd, site: str, after: str) -> Sequence[dict[str, Any]]:
    query = {"ticket_site": site, "ticket_closed_at": 0, "ticket_id": {"$gt": ""}, "_key": {"$gt": after}}
    return splunkd.find(CASES, query, sort="_key", limit=MOST, fields="_key,ticket,ticket_id")


def _check(splunkd: Splunkd, site: JiraSite, changes: Changes, case: dict[str, Any]) -> None:
    number, key = str(case["ticket_id"]), str(case.get("ticket") or "")
    try:
        is_missing = is_gone(changes, number, key)
    except ResponderError as error:
        log.warning("site=%s ticket=%s: whether it is there is not known: %s", site.name, key, error)
        return
    if is_missing:
        gone(splunkd, site, str(case["_key"]), number)


def is_gone(changes: Changes, *names: str) -> bool:
    """Whether Jira knows a ticket by none of these, id or key. Raises a ResponderError where it does not say."""
    return not any(_is_there(changes, name) for name in names if name)


def _is_there(changes: Changes, name: str) -> bool:
    try:
        changes.ticket(name)
    except NotFound:
        return False
    return True


def gone(splunkd: Splunkd, site: JiraSite, case: str, number: str) -> None:
    """Say of a case's ticket that Jira shows it to our account no more. Safe to repeat. Raises a ResponderError."""
    # In a ticket of several cases the others have no record of it: theirs is the first one's.
    ours = jira_tickets.load(splunkd, case, site.name, number, "")
    if ours is None:
        return

    def audited(key: str) -> None:
        opener = TaskStore(splunkd).get(ours.task)
        if opener is not None:
            event = audit_event("ticket_deleted", opener, splunkd.now(), "failure", ticket=key, message=DELETED)
            event = identified(event, *ticket_gone.names("ticket_deleted", ours.opened))
            send_or_owe(splunkd, event, Configuration(splunkd).audit_index)

    jira_tickets.keep_gone(splunkd, ours, DELETED, audited)
