"""Carries out what people answered in Slack: who is it, may he, and then the same verbs as from Splunk."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable

from ..cases.audit import app_event
from ..cases.outcomes import MessagePosted
from ..cases.owed import send_or_owe
from ..cases.store import TaskStore
from ..errors import NotPermitted, ResponderError, Unavailable
from ..handlers.slack_edits import ASK_ACTOR
from ..remediation.verdicts import SLACK
from ..settings.reader import Configuration
from ..slack.interaction import APPROVE, COMMAND, EXCUSE, ME, NOT_ME, REJECT, UNDO
from ..splunk.client import Splunkd
from . import answering, slack_commands, slack_records
from .answering import Answerer
from .excusing import default_days, excuse
from .report import TaskReport
from .services import Services
from .slack_records import Recorded
from .stating import state
from .undoing import undo

if TYPE_CHECKING:
    from ..slack.client import Chat
    from ..slack.members import Person

log = logging.getLogger("cloudtrail_responder")

#: Seconds in which the worker begins with what others have left.
LONGEST = 10.0
#: Why a case is excused by whoever has clicked the button.
CLICKED_REASON = "With the button in Slack; no reason was given."


def carry_out(splunkd: Splunkd, services: Services, answer: Recorded) -> str | None:
    """What to tell the person; None where it is tried again. Raises a ResponderError when splunkd does not answer.

    Whatever keeps it from being carried out now, it stays open: whoever comes by later goes on with it.
    """
    config = Configuration(splunkd)
    try:
        message = _carried_out(splunkd, services, config, answer)
    except Exception as failure:
        error = failure if isinstance(failure, ResponderError) else _internal(answer, failure)
        if error.transient and splunkd.now() - answer.at < slack_records.GIVEN_UP:
            log.warning("answer=%s put off: %s", answer.key, error)
            slack_records.put_off(splunkd, answer, error)
            return None
        log.warning("answer=%s verb=%s refused: %s", answer.key, answer.verb, error)
        message = str(error)
    slack_records.settle(splunkd, answer, message)
    return message


def _carried_out(splunkd: Splunkd, services: Services, config: Configuration, answer: Recorded) -> str:
    workspace = config.slack_workspace(answer.workspace)
    if not workspace.is_answered:
        raise NotPermitted("Nobody may answer in this workspace any more.", "Answer in Splunk.")
    services.begin(splunkd)
    services.gate(f"slack:{workspace.name}:")
    chat = services.chat(workspace, config.http)
    try:
        person = _person(splunkd, chat, answer)
    except NotPermitted as error:
        _refused(splunkd, config, answer, error)
        raise
    who = Answerer(person.by, SLACK, person.is_identified, run=answer.key)
    return _VERBS[answer.verb](splunkd, services, answer, who)


def _person(splunkd: Splunkd, chat: Chat, answer: Recorded) -> Person:
    """Whoever was asked alone answers that, and nobody else; everything else, who may. Raises NotPermitted."""
    asked = TaskStore(splunkd).get(answer.task) if answer.verb in (ME, NOT_ME) else None
    if asked is None or asked.kind != ASK_ACTOR:
        return chat.who(answer.user, answer.team)
    if not isinstance(asked.outcome, MessagePosted) or asked.outcome.requested_channel != answer.user:
        raise NotPermitted("Somebody else was asked.", "Ask them.")
    return chat.answering_for_himself(answer.user, answer.team)


def _internal(answer: Recorded, error: Exception) -> Unavailable:
    log.exception("answer=%s verb=%s: internal error", answer.key, answer.verb)
    return Unavailable(f"Internal error ({type(error).__name__}).", "See the app's log file.")


def _refused(splunkd: Splunkd, config: Configuration, answer: Recorded, error: ResponderError) -> None:
    """The audit knows of those who tried and may not."""
    about = {"workspace": answer.workspace, "verb": answer.verb, "task": answer.task, "message": str(error)}
    event = app_event("answer_refused", answer.at, answer.user, **about, way=SLACK)
    send_or_owe(splunkd, {**event, "status": "failure"}, config.audit_index)


def _decided(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> str:
    found = answering.answer(splunkd, services, answer.task, answer.verb, answer.plan, who)
    if not found.decision:
        return f"Noted. It needs {found.missing} more approval{'s' * (found.missing > 1)}."
    done = "approved" if answer.verb == APPROVE else "rejected"
    return f"You have {done} it. {_how(found.reports)}"


def _undone(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> str:
    return f"You have asked to undo it. {_how(undo(splunkd, services, answer.task, who))}"


def _excused(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> str:
    longest = default_days(Configuration(splunkd).safety)
    days = min(int(answer.plan), longest) if re.fullmatch(r"[1-9][0-9]{0,2}", answer.plan) else longest
    return excuse(splunkd, services, answer.task, days, CLICKED_REASON, who).message


def _stated(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> str:
    return state(splunkd, services, answer.task, answer.verb, who)


def _typed(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> str:
    return slack_commands.run(splunkd, services, answer.text, who)


def _how(reports: Any) -> str:
    report: TaskReport | None = next(iter(reports), None)
    return report.message if report is not None and report.is_seen else "It is being carried out."


#: By ``Recorded.verb``.
_VERBS: Mapping[str, Callable[[Splunkd, Services, Recorded, Answerer], str]] = {
    APPROVE: _decided,
    REJECT: _decided,
    UNDO: _undone,
    EXCUSE: _excused,
    ME: _stated,
    NOT_ME: _stated,
    COMMAND: _typed,
}


def see_through(splunkd: Splunkd, services: Services) -> None:
    """Carry out what nobody has in time: whoever took it may have died. Raises a ResponderError.

    Begins nothing after ``LONGEST``: the worker has others to serve.
    """
    until = time.monotonic() + LONGEST
    for answer in slack_records.due(splunkd):
        if time.monotonic() >= until:
            break
        carry_out(splunkd, services, answer)
