"""Carries out what people answered in Slack (``answer_carrying.py``)."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from ..cases.outcomes import MessagePosted
from ..cases.store import TaskStore
from ..errors import NotPermitted
from ..handlers.slack_edits import ASK_ACTOR
from ..remediation.verdicts import SLACK
from ..settings.reader import Configuration
from ..slack.interaction import APPROVE, COMMAND, EXCUSE, ME, NOT_ME, REJECT, UNDO
from ..splunk.client import Splunkd
from . import answer_carrying, answer_records, answering, slack_commands
from .answer_carrying import Carried, Way
from .answer_records import Recorded
from .answering import Answerer
from .excusing import default_days, excuse
from .services import Services
from .stating import state
from .undoing import undo

if TYPE_CHECKING:
    from ..slack.client import Chat
    from ..slack.members import Person

#: Seconds in which the worker begins with what others have left.
LONGEST = 10.0
#: Why a case is excused by whoever has clicked the button, or reacted.
CLICKED_REASON = "With a button or a reaction in Slack; no reason was given."


def carry_out(splunkd: Splunkd, services: Services, answer: Recorded) -> str | None:
    """As ``answer_carrying.carry_out``."""
    return answer_carrying.carry_out(splunkd, services, WAY, answer)


def _who(splunkd: Splunkd, services: Services, config: Configuration, answer: Recorded) -> Answerer:
    workspace = config.slack_workspace(answer.workspace)
    if not workspace.is_answered:
        raise NotPermitted("Nobody may answer in this workspace any more.", "Answer in Splunk.")
    services.begin(splunkd)
    services.gate(f"slack:{workspace.name}:")
    person = _person(splunkd, services.chat(workspace, config.http), answer)
    return Answerer(person.by, SLACK, person.is_identified, run=answer.key, since=answer.at)


def _person(splunkd: Splunkd, chat: Chat, answer: Recorded) -> Person:
    """Whoever was asked alone answers that, and nobody else; everything else, who may. Raises NotPermitted."""
    asked = TaskStore(splunkd).get(answer.task) if answer.verb in (ME, NOT_ME) else None
    if asked is None or asked.kind != ASK_ACTOR:
        return chat.who(answer.user, answer.team)
    if not isinstance(asked.outcome, MessagePosted) or asked.outcome.requested_channel != answer.user:
        raise NotPermitted("Somebody else was asked.", "Ask them.")
    return chat.answering_for_himself(answer.user, answer.team)


def _decided(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    found = answering.answer(splunkd, services, answer.task, answer.verb, answer.plan, who)
    return answer_carrying.decided(found, answer.verb)


def _undone(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    return answer_carrying.undone(undo(splunkd, services, answer.task, who))


def _excused(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    longest = default_days(Configuration(splunkd).safety)
    days = min(int(answer.plan), longest) if re.fullmatch(r"[1-9][0-9]{0,2}", answer.plan) else longest
    return Carried(excuse(splunkd, services, answer.task, days, CLICKED_REASON, who).message)


def _stated(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    return Carried(state(splunkd, services, answer.task, answer.verb, who))


def _typed(splunkd: Splunkd, services: Services, answer: Recorded, who: Answerer) -> Carried:
    return Carried(slack_commands.run(splunkd, services, answer.text, who, answer.workspace))


def _place(answer: Recorded) -> dict[str, str]:
    return {"workspace": answer.workspace}


_VERBS = {
    APPROVE: _decided,
    REJECT: _decided,
    UNDO: _undone,
    EXCUSE: _excused,
    ME: _stated,
    NOT_ME: _stated,
    COMMAND: _typed,
}
WAY = Way(SLACK, _who, _VERBS, _place)


def see_through(splunkd: Splunkd, services: Services) -> None:
    """Carry out what nobody has in time: whoever took it may have died. Raises a ResponderError.

    Begins nothing after ``LONGEST``: the worker has others to serve.
    """
    until = time.monotonic() + LONGEST
    for answer in answer_records.due(splunkd, SLACK):
        if time.monotonic() >= until:
            break
        carry_out(splunkd, services, answer)
