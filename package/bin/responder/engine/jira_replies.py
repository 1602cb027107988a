"""Says in a ticket what became of answers, where people would not read of it otherwise: one comment for all of them.

Written down, commented, written down: what was sent without an answer is looked up by its marker before anything else.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Callable

from ..cases.outcomes import Remediated
from ..cases.states import State
from ..cases.store import TaskStore
from ..documents import jira_answers, messages
from ..documents.document import Document
from ..errors import NotFound, ResponderError
from ..handlers.reports import remediation_report
from ..splunk.client import Splunkd
from . import answer_records
from .answer_records import OWED, Recorded

log = logging.getLogger("cloudtrail_responder")

#: Seconds after which a reply that Jira does not take is given up.
GIVEN_UP = answer_records.GIVEN_UP
#: Plans that one reply shows: a comment holds so much.
MOST_PLANS = 3


def reply(splunkd: Splunkd, tickets: Any, owed: Sequence[Recorded], guard: Callable[[], None]) -> None:
    """Answer people in one ticket. ``guard``: raises once somebody else does so. Raises a ResponderError."""
    new = [one for one in owed if one.reply == OWED]
    for marker in dict.fromkeys(one.reply for one in owed if one.reply != OWED):
        begun = [one for one in owed if one.reply == marker]
        comment = _found(splunkd, tickets, begun, marker)
        if comment is not None:
            _end(splunkd, begun, comment)
        else:
            new += begun
    if new:
        marker = hashlib.sha256(",".join(sorted(one.key for one in new)).encode()).hexdigest()[:32]
        plans = _plans(splunkd, new)
        shows = " ".join(plans)
        new = [replace(one, reply=marker, shows=shows if one.shows else "") for one in new]
        answer_records.save(splunkd, new)
        _end(splunkd, new, _say(tickets, new, list(plans.values()), marker, guard))


def _plans(splunkd: Splunkd, new: Sequence[Recorded]) -> dict[str, Document]:
    """What is asked of remediations that are to be shown anew, as it stands, by ``<task>:<ask>``."""
    found: dict[str, Document] = {}
    store = TaskStore(splunkd)
    for key in dict.fromkeys(name.partition(":")[0] for one in new for name in one.shows.split()):
        task = store.get(key)
        outcome = task.outcome if task is not None and task.state is State.WAITING else None
        if isinstance(outcome, Remediated) and outcome.plan_digest and outcome.ask and len(found) < MOST_PLANS:
            blocks = messages.remediation(remediation_report(outcome)).blocks
            found[f"{key}:{outcome.ask}"] = Document((*blocks, *jira_answers.how_to_answer(outcome.plan_digest)))
    return found


def _found(splunkd: Splunkd, tickets: Any, begun: Sequence[Recorded], marker: str) -> str | None:
    """Id of the comment; empty where there never will be one, None where it is not there.

    Whoever was about to say it may have died before or after. What is not there is said again, with others.
    """
    since = min(one.at for one in begun)
    is_late = splunkd.now() - since >= GIVEN_UP
    try:
        found = tickets.find_comment(begun[0].ticket_key, marker, since)
    except NotFound:
        return ""
    except ResponderError as error:
        if not is_late:
            raise
        log.warning("ticket=%s: nobody is answered there: %s", begun[0].ticket_key, error)
        return ""
    return found if found is not None or not is_late else ""


def _say(
    tickets: Any, new: Sequence[Recorded], plans: Sequence[Document], marker: str, guard: Callable[[], None]
) -> str:
    """Id of the comment; empty where the ticket is gone.

    Whatever fails, it is looked up in the next round: by then somebody else may have said it.
    """
    document = jira_answers.replies([(one.by or one.user, one.message) for one in new], plans)
    try:
        with tickets.admitted():
            return str(tickets.comment(new[0].ticket_key, document, marker, before_send=guard))
    except NotFound:
        log.warning("ticket=%s: it is gone, so nobody is answered there", new[0].ticket_key)
        return ""


def _end(splunkd: Splunkd, said: Sequence[Recorded], comment: str) -> None:
    answer_records.save(splunkd, [replace(one, open=0, comment=comment) for one in said])
