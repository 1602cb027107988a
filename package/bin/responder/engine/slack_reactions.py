"""Reads the reactions to messages that can be answered, in workspaces without an app-level token.

Once a minute, on one search head, behind the worker. A reaction counts on a message that was posted for the question
that is open now, and about that question alone: a message that was edited to a newer plan since belongs to an older
one. To undo, it counts for a day on a message that was posted for that change alone, and still shows it.

What counts is written down and carried out like a click (``slack_records``, ``slack_answering``).
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..cases.outcomes import MessagePosted, Remediated
from ..cases.states import State, WaitingFor
from ..cases.task import SUMMARY_FIELDS, TASKS, Task
from ..errors import DamagedDocument, PutOff, ResponderError
from ..handlers.slack_edits import change_of, questions, reported_by, shown_by
from ..settings.model import SlackWorkspace
from ..settings.reader import Configuration
from ..slack.interaction import APPROVE, EXCUSE, REJECT, UNDO, Interaction
from ..slack.reactions import Reaction
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from . import slack_answering, slack_records
from .breaker import MARKS
from .services import Services
from .undoing import RUN

log = logging.getLogger("cloudtrail_responder")

CLAIM, MINUTE, DAY = "reactions_minute", 60.0, 86_400.0
#: Which answers count first where a message has several.
_FIRST = (REJECT, EXCUSE, UNDO, APPROVE)
#: Questions and changes that are looked at; messages that ask, and that report a change, which are read in one round;
#: seconds in which they are.
MANY, MESSAGES, CHANGES, LONGEST = 500, 12, 6, 20.0
_FIELDS = ",".join((*SUMMARY_FIELDS, "lane"))


@dataclass(frozen=True)
class _Question:
    """What can be answered about a remediation now: a plan that waits, or a change (then without ask and plan)."""

    task: str
    ask: str = ""
    plan: str = ""

    @property
    def verbs(self) -> tuple[str, ...]:
        return (APPROVE, REJECT, EXCUSE) if self.ask else (UNDO, EXCUSE)

    def is_of(self, names: Sequence[str]) -> bool:
        """Whether it is what a message reports, and nothing else is."""
        return questions(names) == {(self.task, self.ask)} if self.ask else change_of(names) == self.task


@dataclass(frozen=True)
class _Message:
    workspace: str
    channel: str
    ts: str
    question: _Question


def poll(splunkd: Splunkd, services: Services, config: Configuration) -> None:
    """Raises a ResponderError where splunkd does not answer; what Slack does not say is asked again in a minute."""
    if not config.lists_answerers:
        return
    workspaces = {one.name: one for one in config.slack_workspaces() if one.takes_reactions}
    if not workspaces or not _is_first(splunkd):
        return
    found = _messages(splunkd, _answerable(splunkd))
    messages = [one for one in found if one.workspace in workspaces]
    until = time.monotonic() + LONGEST
    now = splunkd.now()
    asking = _in_turn([one for one in messages if one.question.ask], now, MESSAGES)
    changed = _in_turn([one for one in messages if not one.question.ask], now, CHANGES)
    for message in (*asking, *changed):
        if time.monotonic() >= until:
            break
        workspace = workspaces[message.workspace]
        try:
            given = services.chat(workspace, config.http).reactions(message.channel, message.ts)
        except PutOff as error:
            log.warning("workspace=%s: reactions are read later: %s", workspace.name, error)
            break
        except ResponderError as error:
            log.warning("channel=%s ts=%s: reactions cannot be read: %s", message.channel, message.ts, error)
            continue
        _answer(splunkd, services, workspace, message, given)


def _is_first(splunkd: Splunkd) -> bool:
    """Whether no other worker has asked in this minute."""
    now = splunkd.now()
    if not splunkd.insert(MARKS, {"_key": f"{CLAIM}:{int(now // MINUTE)}", "value": CLAIM, "at": now}):
        return False
    splunkd.delete_where(MARKS, {"at": {"$lt": now - 10 * MINUTE}, "value": CLAIM})
    return True


def _in_turn(messages: Sequence[_Message], now: float, most: int) -> Sequence[_Message]:
    """So many that a round takes a part of a minute; of more, the next in each."""
    if not messages:
        return ()
    start = int(now // MINUTE) * most % len(messages)
    return [*messages[start:], *messages[:start]][:most]


def _answerable(splunkd: Splunkd) -> Mapping[str, Sequence[_Question]]:
    """What is open, and what was changed within a day, by the cases that hear of it."""
    found: dict[str, list[_Question]] = {}
    query: Mapping[str, object] = {"waiting_for": WaitingFor.APPROVAL.value}
    for task in _read(splunkd.find(TASKS, query, sort="created_at", limit=MANY, fields=_FIELDS)):
        outcome = task.outcome
        if task.state is State.WAITING and isinstance(outcome, Remediated) and outcome.plan_digest and outcome.ask:
            _add(found, task, _Question(task.key, outcome.ask, outcome.plan_digest))
    query = {"open": 0, "updated_at": {"$gt": splunkd.now() - DAY}, "kind": RUN}
    for task in _read(splunkd.find(TASKS, query, sort="updated_at:-1", limit=MANY, fields=_FIELDS)):
        if task.state is State.DONE and isinstance(task.outcome, Remediated) and task.outcome.status == "done":
            _add(found, task, _Question(task.key))
    return found


def _add(found: dict[str, list[_Question]], task: Task, question: _Question) -> None:
    for case in filter(None, (task.case_id, task.reports_to)):
        found.setdefault(case, []).append(question)


def _messages(splunkd: Splunkd, asked: Mapping[str, Sequence[_Question]]) -> Iterator[_Message]:
    """Messages that were posted for one of these and for nothing else, and still show that."""
    lanes = [f"{case}.slack" for case in asked]
    for query in any_of("lane", lanes, open=0):
        tasks = list(_read(splunkd.find(TASKS, query, fields=_FIELDS)))
        for task in tasks:
            posted = task.outcome
            if not isinstance(posted, MessagePosted) or not posted.ts or not posted.channel:
                continue
            about, shows = reported_by(task, posted), shown_by(tasks, task, posted)
            for question in asked[task.case_id]:
                if question.is_of(about) and question.is_of(shows):
                    yield _Message(posted.workspace, posted.channel, posted.ts, question)


def _read(documents: Sequence[dict[str, object]]) -> Iterator[Task]:
    for document in documents:
        try:
            yield Task.from_document(document)
        except DamagedDocument as error:
            # The worker closes it, and says so.
            log.warning("%s", error)


def _answer(
    splunkd: Splunkd, services: Services, workspace: SlackWorkspace, message: _Message, found: Sequence[Reaction]
) -> None:
    """Each once; who was refused is heard again when the list of who may answer has changed. A no comes first."""
    listed = hashlib.sha256("\n".join(workspace.answerers).encode()).hexdigest()[:8]
    question, place = message.question, f"{message.channel}:{message.ts}"
    given = [
        Interaction(
            id=f"reaction:{place}:{one.verb}:{one.user}:{listed}",
            verb=one.verb,
            user=one.user,
            team="",
            channel=message.channel,
            task=question.task,
            plan=question.plan,
        )
        for one in sorted(found, key=lambda one: _FIRST.index(one.verb))
        if one.verb in question.verbs
    ]
    for answer in slack_records.write_down(splunkd, workspace.name, given) if given else ():
        slack_answering.carry_out(splunkd, services, answer)
