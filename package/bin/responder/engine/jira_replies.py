"""Says in a ticket what became of answers, where people would not read of it otherwise: one comment for all of them.

Written down, commented, written down: what was sent without an answer is looked up by its marker before anything else.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Callable

from ..documents import jira_answers
from ..errors import NotFound, ResponderError
from ..splunk.client import Splunkd
from . import answer_records
from .answer_records import OWED, Recorded

log = logging.getLogger("cloudtrail_responder")

#: Seconds after which a reply that Jira does not take is given up.
GIVEN_UP = answer_records.GIVEN_UP


def reply(splunkd: Splunkd, tickets: Any, owed: Sequence[Recorded], guard: Callable[[], None]) -> None:
    """Answer people in one ticket. ``guard``: raises once somebody else does so. Raises a ResponderError."""
    new = [one for one in owed if one.reply == OWED]
    for marker in dict.fromkeys(one.reply for one in owed if one.reply != OWED):
        begun = [one for one in owed if one.reply == marker]
        if _is_over(splunkd, tickets, begun, marker):
            _end(splunkd, begun)
        else:
            new += begun
    if new:
        marker = hashlib.sha256(",".join(sorted(one.key for one in new)).encode()).hexdigest()[:32]
        new = [replace(one, reply=marker) for one in new]
        answer_records.save(splunkd, new)
        _say(tickets, new, marker, guard)
        _end(splunkd, new)


def _is_over(splunkd: Splunkd, tickets: Any, begun: Sequence[Recorded], marker: str) -> bool:
    """Whoever was about to say it may have died before or after. What is not there is said again, with others."""
    since = min(one.at for one in begun)
    is_late = splunkd.now() - since >= GIVEN_UP
    try:
        found = tickets.find_comment(begun[0].ticket_key, marker, since)
    except NotFound:
        return True
    except ResponderError as error:
        if not is_late:
            raise
        log.warning("ticket=%s: nobody is answered there: %s", begun[0].ticket_key, error)
        return True
    return is_late or found is not None


def _say(tickets: Any, new: Sequence[Recorded], marker: str, guard: Callable[[], None]) -> None:
    """Whatever fails, it is looked up in the next round: by then somebody else may have said it."""
    document = jira_answers.replies([(one.by or one.user, one.message) for one in new])
    try:
        with tickets.admitted():
            tickets.comment(new[0].ticket_key, document, marker, before_send=guard)
    except NotFound:
        log.warning("ticket=%s: it is gone, so nobody is answered there", new[0].ticket_key)


def _end(splunkd: Splunkd, said: Sequence[Recorded]) -> None:
    answer_records.save(splunkd, [replace(one, open=0) for one in said])
