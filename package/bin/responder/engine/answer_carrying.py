"""Carries out what people answered outside of Splunk: who is it, may he, and then the same verbs as from Splunk.

Each way by which answers come says who somebody is and what its verbs do; the rest is the same for all.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable, NamedTuple

from ..cases.audit import app_event, identified
from ..cases.owed import send_or_owe
from ..errors import NotedBefore, NotPermitted, ResponderError, Unavailable
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import answer_records
from .answer_records import Recorded
from .answering import Answered, Answerer
from .report import TaskReport
from .services import Services

log = logging.getLogger("cloudtrail_responder")


class Carried(NamedTuple):
    """What an answer came to."""

    #: For the person.
    message: str
    #: Whether people read of it anyway, where it was asked.
    is_reported: bool = False
    #: Tasks whose plans the person is to be shown anew.
    shows: Sequence[str] = ()


Verb = Callable[[Splunkd, Services, Recorded, Answerer], Carried]


@dataclass(frozen=True)
class Way:
    """A way by which answers come."""

    #: As ``verdicts.SLACK``.
    name: str
    #: Who it is. Raises NotPermitted for whom may not answer, and Unavailable where the service does not say.
    who: Callable[[Splunkd, Services, Configuration, Recorded], Answerer]
    #: By ``Recorded.verb``.
    verbs: Mapping[str, Verb]
    #: What the audit calls the place of an answer.
    place: Callable[[Recorded], Mapping[str, str]]
    #: Whether what it came to is still to be said, once it is settled; given whether the person may answer.
    owes_reply: Callable[[Splunkd, Recorded, Carried, bool], bool] = lambda *_: False


def carry_out(splunkd: Splunkd, services: Services, way: Way, answer: Recorded) -> str | None:
    """What to tell the person; None where it is tried again. Raises a ResponderError when splunkd does not answer.

    Whatever keeps it from being carried out now, it stays open: whoever comes by later goes on with it.
    """
    config, by = Configuration(splunkd), ""
    try:
        who = _who(splunkd, services, way, config, answer)
        by = who.by
        carried = way.verbs[answer.verb](splunkd, services, answer, who)
    except NotedBefore as noted:
        carried = Carried(str(noted), is_reported=True)
    except Exception as failure:
        error = failure if isinstance(failure, ResponderError) else _internal(answer, failure)
        if error.transient and splunkd.now() - answer.at < answer_records.GIVEN_UP:
            log.warning("answer=%s put off: %s", answer.key, error)
            answer_records.put_off(splunkd, answer, error)
            return None
        log.warning("answer=%s verb=%s refused: %s", answer.key, answer.verb, error)
        carried = Carried(str(error))
    owed = way.owes_reply(splunkd, answer, carried, bool(by))
    answer_records.settle(splunkd, answer, carried.message, by, answer_records.OWED if owed else "", carried.shows)
    return carried.message


def _who(splunkd: Splunkd, services: Services, way: Way, config: Configuration, answer: Recorded) -> Answerer:
    try:
        return way.who(splunkd, services, config, answer)
    except NotPermitted as error:
        _refused(splunkd, way, config, answer, error)
        raise


def _refused(splunkd: Splunkd, way: Way, config: Configuration, answer: Recorded, error: ResponderError) -> None:
    """The audit knows of those who tried and may not."""
    about = {**way.place(answer), "verb": answer.verb, "task": answer.task, "message": str(error)}
    event = app_event("answer_refused", answer.at, answer.user, **about, way=way.name)
    # Several may have been read in the same moment.
    event = identified(event, "answer_refused", answer.key)
    send_or_owe(splunkd, {**event, "status": "failure"}, config.audit_index)


def _internal(answer: Recorded, error: Exception) -> Unavailable:
    log.exception("answer=%s verb=%s: internal error", answer.key, answer.verb)
    return Unavailable(f"Internal error ({type(error).__name__}).", "See the app's log file.")


def decided(found: Answered, verb: str) -> Carried:
    """What an approval or a rejection came to, for whoever gave it."""
    if not found.decision:
        return Carried(f"Noted. It needs {found.missing} more approval{'s' * (found.missing > 1)}.")
    done = "approved" if verb == "approve" else "rejected"
    return Carried(f"You have {done} it. {how(found.reports)}", is_reported=True)


def undone(reports: Sequence[TaskReport]) -> Carried:
    return Carried(f"You have asked to undo it. {how(reports)}", is_reported=True)


def how(reports: Sequence[TaskReport]) -> str:
    report = next(iter(reports), None)
    if report is None or not report.is_seen:
        return "It is being carried out."
    return f"{report.text}. {report.message}" if report.text else report.message
