"""Which messages of a case are to be edited when things have moved on.

The first one says how the case stands, and links its ticket. Those that report on a remediation are edited only where
people can answer: what a message offers must be what still stands. A webhook cannot edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ..cases.keys import follow_up
from ..cases.outcomes import MessageEdited, MessagePosted, Remediated
from ..cases.states import State, WaitingFor
from ..cases.task import Task
from ..errors import ConfigurationError
from ..settings.model import SlackWorkspace
from .base import Context, request_text
from .registry import service_of
from .run_reports import remediation_tasks
from .time_limit import UNDO

FINDING, EDIT, ESCALATION, ASK_ACTOR = "slack.finding", "slack.edit", "slack.escalation", "slack.actor"
#: Seconds after which a message is edited where nobody waits for that.
SETTLES = 3.0


def edits(context: Context, about: str) -> tuple[Task, ...]:
    """What edits them, once for each message and each thing that became of the remediation. ``about``: its task."""
    subjects, news = {about, _undoes(context, about)}, request_text(context.task.request, "status")
    ask = request_text(context.task.request, "ask")
    name = ":".join(filter(None, (about, news, ask)))
    found = []
    for message, posted in messages(context):
        workspace = _workspace(context, posted)
        if workspace is None or name in posted.remediations:
            # What it said when it was posted stands there.
            continue
        if workspace.is_answered and (opens_thread(message, posted) or subjects & _subjects(message, posted)):
            found.append(_edit(context, message, about, news, ask))
        elif workspace.auth_type == "bot" and opens_thread(message, posted):
            found.append(_later(context, _edit(context, message, about, news, ask)))
    return tuple(found)


def links(context: Context, ticket: str) -> tuple[Task, ...]:
    """What adds a ticket (its key), which was opened just now, to messages that were posted before."""
    found = []
    for message in context.others("slack"):
        posted = message.outcome
        if not isinstance(posted, MessagePosted) or not posted.ts or not opens_thread(message, posted):
            continue
        if posted.ticket != ticket and _can_edit(context, posted):
            found.append(_later(context, _edit(context, message, "ticket", ticket)))
    return tuple(found)


def _can_edit(context: Context, posted: MessagePosted) -> bool:
    workspace = _workspace(context, posted)
    return workspace is not None and workspace.auth_type == "bot"


def _workspace(context: Context, posted: MessagePosted) -> SlackWorkspace | None:
    """None where its entry was removed since: that keeps nobody from what others say."""
    try:
        return context.config.slack_workspace(posted.workspace)
    except ConfigurationError:
        return None


def _later(context: Context, edit: Task) -> Task:
    """The same by the worker: nobody waits for it, and what comes together is shown once."""
    due, message = context.clock() + SETTLES, "The message is edited."
    return replace(edit, state=State.WAITING, waiting_for=WaitingFor.TIME, due_at=due, message=message)


def excuse_edits(context: Context, case: str, number: int) -> tuple[Task, ...]:
    """What edits the messages that say how the case stands, once it was excused, or is no more.

    ``case``: of the excuse; another one that the thread tells of counts once all of them are excused.
    """
    stage = request_text(context.task.request, "stage")
    own = {"excuse": number} if case == context.case_id else {}
    names = ("excuse", stage, str(number)) if own else ("excuse", f"{stage}:{case}", str(number))
    return tuple(
        _edit(context, message, *names, **own)
        for message, posted in messages(context)
        if opens_thread(message, posted) and _can_edit(context, posted)
    )


def edits_of_openers(context: Context, posted: MessagePosted) -> tuple[Task, ...]:
    """The same where a reply tells of another case: what opened its thread lists all of them."""
    return tuple(
        _edit(context, message, context.task.key, "cases", "")
        for message, opener in messages(context)
        if opens_thread(message, opener) and (opener.channel, opener.ts) == (posted.channel, posted.thread_ts)
    )


def messages(context: Context) -> Iterator[tuple[Task, MessagePosted]]:
    """Messages in the lane, of which Slack has told where they stand."""
    for task in context.lane:
        if isinstance(task.outcome, MessagePosted) and task.outcome.ts and task.key != context.task.key:
            yield task, task.outcome


def opens_thread(message: Task, posted: MessagePosted) -> bool:
    """Whether it is the message that says how the case stands."""
    return message.kind == FINDING and bool(posted.event_ids) and not posted.thread_ts


def _subjects(message: Task, posted: MessagePosted) -> set[str]:
    return {name.partition(":")[0] for name in reported_by(message, posted)}


def reported_by(message: Task, posted: MessagePosted) -> tuple[str, ...]:
    """What a message reported on when it was posted, by ``<task>:<status>[:<ask>]``."""
    if message.kind != ESCALATION:
        return posted.remediations
    # It stands beside the thread, which reports the same.
    return (":".join(filter(None, (request_text(message.request, name) for name in ("about", "status", "ask")))),)


def questions(names: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Task and ask of each question among what a message reports."""
    parts = (name.split(":") for name in names)
    return frozenset((part[0], part[2]) for part in parts if len(part) == 3 and part[1] in ("waiting", "still_waiting"))


def change_of(names: Iterable[str]) -> str:
    """The task of the one remediation that a message reports as done; empty where it reports anything else besides."""
    # Others are keys of tickets.
    parts = [name.split(":") for name in names if ":" in name]
    return parts[0][0] if len(parts) == 1 and parts[0][1:] == ["done"] else ""


def shown_by(tasks: Iterable[Task], message: Task, posted: MessagePosted) -> tuple[str, ...]:
    """What a message shows by now: as one of these tasks has edited it last, or else as it was posted."""
    edited = (task.outcome for task in tasks)
    of_this = [one for one in edited if isinstance(one, MessageEdited) and one.message == message.key]
    newest = max(of_this, key=lambda outcome: outcome.turn, default=None)
    return newest.shows if newest is not None else (*reported_by(message, posted), *filter(None, [posted.ticket]))


def _undoes(context: Context, about: str) -> str:
    """The remediation that an undo is of; the task itself where it is none."""
    for task in remediation_tasks(context):
        if task.key == about and task.kind == UNDO:
            return request_text(task.request, "of")
    return about


def _edit(context: Context, message: Task, *about: str, **more: Any) -> Task:
    posted, own = message.outcome, context.task
    assert isinstance(posted, MessagePosted)
    place = {"slack_workspace": posted.workspace, "channel": posted.requested_channel}
    request = {"message": message.key, **place, **more}
    key = follow_up(own.case_id, "slack", EDIT, message.key, *about)
    return own.following(key, EDIT, request, service_of(EDIT, request, own.finding))


def undo_of(context: Context, remediation: str) -> tuple[str, Remediated] | None:
    """The newest undo of a remediation that has come to something."""
    found = [
        (task.key, task.outcome)
        for task in remediation_tasks(context)
        if task.kind == UNDO and task.request.get("of") == remediation and isinstance(task.outcome, Remediated)
    ]
    return found[-1] if found else None
