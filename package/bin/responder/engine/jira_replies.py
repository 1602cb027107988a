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
from ..errors import NotFound, ResponderError, UnknownOutcome
from ..splunk.client import Splunkd
from . import answer_records
from .answer_records import OWED, Recorded

log = logging.getLogger("cloudtrail_responder")

#: Seconds after which a reply that Jira does not take is given up.
GIVEN_UP = answer_records.GIVEN_UP


def reply(splunkd: Splunkd, tickets: Any, owed: Sequence[Recorded], guard: Callable[[], None]) -> None:
    """Answer people in one ticket. ``guard``: raises once somebody else does so. Raises a ResponderError."""
    for marker in dict.fromkeys(one.reply for one in owed if one.reply != OWED):
        _find(splunkd, tickets, [one for one in owed if one.reply == marker], marker)
    new = [one for one in owed if one.reply == OWED]
    if new:
        marker = hashlib.sha256(",".join(one.key for one in new).encode()).hexdigest()[:32]
        new = [replace(one, reply=marker) for one in new]
        answer_records.save(splunkd, new)
        _say(splunkd, tickets, new, marker, guard)


def _find(splunkd: Splunkd, tickets: Any, said: Sequence[Recorded], marker: str) -> None:
    """Whoever was about to say it may have died before or after. What is not there is said again, with others."""
    try:
        found = tickets.find_comment(said[0].ticket_key, marker, min(one.at for one in said))
    except NotFound:
        found = ""
    if found is None and splunkd.now() - min(one.at for one in said) < GIVEN_UP:
        answer_records.save(splunkd, [replace(one, reply=OWED) for one in said])
        return
    _end(splunkd, said)


def _say(
    splunkd: Splunkd, tickets: Any, new: Sequence[Recorded], marker: str, guard: Callable[[], None]
) -> None:
    document = jira_answers.replies([(one.by or one.user, one.message) for one in new])
    try:
        with tickets.admitted():
            tickets.comment(new[0].ticket_key, document, marker, before_send=guard)
    except NotFound:
        log.warning("ticket=%s: it is gone, so nobody is answered there", new[0].ticket_key)
    except UnknownOutcome:
        # It is looked up in the next round.
        raise
    except ResponderError:
        answer_records.save(splunkd, [replace(one, reply=OWED) for one in new])
        raise
    _end(splunkd, new)


def _end(splunkd: Splunkd, said: Sequence[Recorded]) -> None:
    answer_records.save(splunkd, [replace(one, open=0) for one in said])
