"""What a ticket had shown of what is asked when somebody approved in it.

Whoever may edit a ticket can rewrite what it shows of a plan. So a plan counts as shown by a comment of ours that
nobody has edited, or by the description that the ticket was opened with, and by neither once somebody else has edited
the description: nobody knows which of them the person has read. Then only a comment counts that answers an approval,
shows the plan once more, says why, and is newer than that edit. All of it is read from Jira's own history, by Jira's
clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ..errors import Curable, NotPermitted
from ..own_refusals import tried_again
from ..remediation.evidence import EvidenceStore
from ..splunk.client import Splunkd
from .answer_records import ANSWERS, KEPT, MANY, Recorded
from .jira_tickets import OurTicket

if TYPE_CHECKING:
    from ..jira.changes import Changes


class How(Enum):
    """How a ticket had shown what is asked, when an answer was given."""

    SHOWN = "shown"
    #: It had, and somebody may have changed what people read of it.
    DOUBTED = "doubted"
    NOT_YET = "not yet"


@dataclass
class ShownTo:
    """Whoever gave an answer. Everything that Jira is asked for is read once."""

    splunkd: Splunkd
    changes: Changes
    ours: OurTicket
    answer: Recorded
    _edited_at: float | None = None
    _shown_again: dict[str, list[str]] | None = None
    _comments: dict[str, tuple[str, float] | None] = field(default_factory=dict)

    def asking(self, task: str) -> tuple[str, How]:
        """Which asking of a task waits now, and how the ticket had shown it. Raises a ResponderError."""
        plan = EvidenceStore(self.splunkd, task, self.splunkd.now).load().plan
        if plan is None or not plan.ask:
            return "", How.NOT_YET
        with tried_again(NotPermitted, Curable):
            return plan.ask, self._how(task, plan.ask)

    def _how(self, task: str, ask: str) -> How:
        comments = [one.comment for one in self.ours.shown if (one.task, one.ask) == (task, ask)]
        found = [self._of(comment, self._edit()) for comment in self._again(f"{task}:{ask}")]
        # The description says nothing any more once somebody else has written in it, and who knows what was read.
        found += [self._spoiled(self._of(comment)) for comment in comments]
        return next((how for how in (How.SHOWN, How.DOUBTED) if how in found), How.NOT_YET)

    def _spoiled(self, how: How) -> How:
        return How.DOUBTED if how is How.SHOWN and self._edit() else how

    def _of(self, comment: str, since: float = 0.0) -> How:
        """``comment``: its id; empty for the description that the ticket was opened with."""
        given_at = self.answer.given_at
        if not comment:
            return How.SHOWN if self.changes.ticket(self.answer.ticket).created < given_at else How.NOT_YET
        if comment not in self._comments:
            self._comments[comment] = self.changes.comment_written(self.answer.ticket, comment)
        written = self._comments[comment]
        if written is None or written[0] != self.changes.us():
            # Gone, or somebody has made it say something else.
            return How.DOUBTED
        if written[1] >= given_at:
            return How.NOT_YET
        return How.SHOWN if written[1] > since else How.DOUBTED

    def _edit(self) -> float:
        """When somebody else had last edited the description before the answer; 0 for never."""
        if self._edited_at is None:
            edits = self.changes.description_edits(self.answer.ticket)
            self._edited_at = max((at for at in edits if at <= self.answer.given_at), default=0.0)
        return self._edited_at

    def _again(self, name: str) -> list[str]:
        """Comments that have shown an asking (``<task>:<ask>``) in answer to an approval."""
        if self._shown_again is None:
            self._shown_again = {}
            for one, comment in self._replies():
                self._shown_again.setdefault(one, []).append(comment)
        return self._shown_again.get(name, [])

    def _replies(self) -> Iterator[tuple[str, str]]:
        since = {"ticket": self.answer.ticket, "at": {"$gte": self.answer.at - KEPT}}
        for one in self.splunkd.find(ANSWERS, since, sort="at:-1", limit=MANY):
            if one.get("workspace") == self.answer.workspace and one.get("comment"):
                yield from ((shown, str(one["comment"])) for shown in str(one.get("shows") or "").split())
