"""Reads the reactions to messages that wait for an answer, in workspaces without an app-level token.

Once a minute, on one search head, behind the worker. A reaction counts on a message that was posted for the question
that is open now, and about that question alone: a message that was edited to a newer plan since belongs to an older
one. What counts is written down and carried out like a click (``slack_records``, ``slack_answering``).
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
from ..handlers.slack_edits import questions, reported_by, shown_by
from ..settings.model import SlackWorkspace
from ..settings.reader import Configuration
from ..slack.interaction import REJECT, Interaction
from ..slack.reactions import Reaction
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from . import slack_answering, slack_records
from .breaker import MARKS
from .services import Services

log = logging.getLogger("cloudtrail_responder")

CLAIM, MINUTE = "reactions_minute", 60.0
#: Questions that are looked at, messages about them that are read in one round, and seconds in which they are.
MANY, MESSAGES, LONGEST = 500, 12, 20.0
_FIELDS = ",".join((*SUMMARY_FIELDS, "lane"))


@dataclass(frozen=True)
class _Question:
    """What is asked about a remediation now."""

    task: str
    ask: str
    plan: str


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
    messages = [one for one in _messages(splunkd, _questions(splunkd)) if one.workspace in workspaces]
    until = time.monotonic() + LONGEST
    for message in _in_turn(messages, splunkd.now()):
        if time.monotonic() >= until:
            break
        workspace = workspaces[message.workspace]
        try:
            found = services.chat(workspace, config.http).reactions(message.channel, message.ts)
        except PutOff as error:
            log.warning("workspace=%s: reactions are read later: %s", workspace.name, error)
            break
        except ResponderError as error:
            log.warning("channel=%s ts=%s: reactions cannot be read: %s", message.channel, message.ts, error)
            continue
        _answer(splunkd, services, workspace, message, found)


def _is_first(splunkd: Splunkd) -> bool:
    """Whether no other worker has asked in this minute."""
    now = splunkd.now()
    if not splunkd.insert(MARKS, {"_key": f"{CLAIM}:{int(now // MINUTE)}", "value": CLAIM, "at": now}):
        return False
    splunkd.delete_where(MARKS, {"at": {"$lt": now - 10 * MINUTE}, "value": CLAIM})
    return True


def _in_turn(messages: Sequence[_Message], now: float) -> Sequence[_Message]:
    """So many that a round takes a part of a minute; of more, the next in each."""
    if not messages:
        return ()
    start = int(now // MINUTE) * MESSAGES % len(messages)
    return [*messages[start:], *messages[:start]][:MESSAGES]


def _questions(splunkd: Splunkd) -> Mapping[str, Sequence[_Question]]:
    """Those that are open, by the cases that hear of them."""
    query = {"waiting_for": WaitingFor.APPROVAL.value}
    found: dict[str, list[_Question]] = {}
    for task in _read(splunkd.find(TASKS, query, sort="created_at", limit=MANY, fields=_FIELDS)):
        outcome = task.outcome
        if task.state is State.WAITING and isinstance(outcome, Remediated) and outcome.plan_digest and outcome.ask:
            for case in filter(None, (task.case_id, task.reports_to)):
                found.setdefault(case, []).append(_Question(task.key, outcome.ask, outcome.plan_digest))
    return found


def _messages(splunkd: Splunkd, asked: Mapping[str, Sequence[_Question]]) -> Iterator[_Message]:
    """Messages that were posted for one of these questions and for no other, and still show that."""
    lanes = [f"{case}.slack" for case in asked]
    for query in any_of("lane", lanes, open=0):
        tasks = list(_read(splunkd.find(TASKS, query, fields=_FIELDS)))
        for task in tasks:
            posted = task.outcome
            if not isinstance(posted, MessagePosted) or not posted.ts or not posted.channel:
                continue
            about = questions(reported_by(task, posted))
            if len(about) != 1 or about != questions(shown_by(tasks, task, posted)):
                continue
            for question in asked[task.case_id]:
                if (question.task, question.ask) in about:
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
        for one in sorted(found, key=lambda one: one.verb != REJECT)
    ]
    for answer in slack_records.write_down(splunkd, workspace.name, given) if given else ():
        slack_answering.carry_out(splunkd, services, answer)
