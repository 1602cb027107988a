"""What answers of people come to: pure, on answers in the order in which they were given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .. import arn
from ..errors import Curable, Rejected

if TYPE_CHECKING:
    from ..findings.finding import Finding
    from ..settings.model import Safety

#: The KV collection of the answers.
APPROVALS = "responder_approvals"
APPROVE, REJECT = "approve", "reject"
#: No answer: what the app writes in the place of the next one before it acts on silence. No answer follows it.
CLOSED = "closed"
#: What a verdict is where nobody decided in time.
EXPIRED = "expired"
#: By which way an answer came.
SPLUNK, SLACK, JIRA = "splunk", "slack", "jira"
HOUR = 3600.0
Document = dict[str, Any]


@dataclass(frozen=True)
class Decision:
    """What one person answered about one plan; or that nobody has, and that no answer is taken any more."""

    task: str
    #: See ``plans.digest_of``.
    plan_digest: str
    #: Which asking it answers: ``Planned.ask``.
    ask: str
    #: ``approve`` or ``reject``, or ``closed``.
    decision: str
    #: Splunk user, or who it is at the service by which it came; empty where nobody has answered.
    by: str
    #: Epoch seconds.
    at: float
    way: str = SPLUNK
    #: Which of the answers to this ask; 0 while it is not written down.
    number: int = 0
    #: Its audit event, as JSON, as long as that is owed.
    audit: str = ""

    @property
    def approved(self) -> bool:
        return self.decision == APPROVE

    @property
    def key(self) -> str:
        return f"{self.task}:{self.ask}:{self.number}"

    def to_document(self, is_open: bool = True) -> Document:
        return {"_key": self.key, **vars(self), "open": int(is_open)}

    @classmethod
    def from_document(cls, document: Document) -> Decision:
        """Raises Curable for one that does not say clearly what was decided: then nothing was."""
        try:
            found = cls(
                task=str(document["task"]),
                plan_digest=str(document["plan_digest"]),
                ask=str(document["ask"]),
                decision=str(document["decision"]),
                by=str(document["by"]),
                at=float(document["at"]),
                way=str(document["way"]),
                number=int(document["number"]),
                audit=str(document.get("audit") or ""),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(document) from error
        if found.decision not in (APPROVE, REJECT, CLOSED) or found.key != document.get("_key"):
            raise _damaged(document)
        return found


@dataclass(frozen=True)
class Policy:
    """Whose approval counts, and how many it takes. Anybody who may decide may reject."""

    needed: int = 1
    #: Hours for which a plan waits.
    hours: float = 4.0
    #: Whose approval does not count (four eyes), as ``person`` writes them.
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, safety: Safety, finding: Finding, *askers: str) -> Policy:
        """As the Safety tab says now. ``askers``: the alert's owner, and whoever asked for an undo.

        Whoever assumes a role names the session as he likes, an approver's name too; only what Identity Center has
        named is a person. Source: IAM User Guide, AssumeRole, ``RoleSessionName``.
        """
        names = [*askers, finding.user, arn.name_of(finding.user_arn)]
        if _SESSION not in finding.user_arn or _IDENTITY_CENTER in finding.user_arn:
            names.append(finding.user_arn.rpartition("/")[2])
        excluded = frozenset(filter(None, map(person, names))) if safety.four_eyes else frozenset[str]()
        return cls(safety.approvals_needed, safety.approval_hours, excluded)

    def ends_at(self, asked_at: float) -> float:
        """Until when a plan that was shown then may be answered."""
        return asked_at + self.hours * HOUR

    def counts(self, answer: Decision) -> bool:
        return person(answer.by) not in self.excluded

    def check(self, answer: Decision) -> None:
        """Raises Rejected for an answer that is none, and for an approval that does not count."""
        if answer.decision not in (APPROVE, REJECT):
            raise Rejected(f"'{answer.decision[:20]}' is neither {APPROVE} nor {REJECT}.")
        if answer.approved and not self.counts(answer):
            raise Rejected(
                "Four eyes are needed: who owns the alert, asked for it or did what was found cannot approve.",
                "Ask somebody else who may approve. You may reject it.",
            )


@dataclass(frozen=True)
class Deadlines:
    """Until when a plan waits that was shown at a moment (epoch seconds).

    ``began``: when people were first asked about its resources. Whoever goes on changing them changes the plan, and
    each plan is a new question; so the time is counted from there, and twice as long at most.
    """

    shown: float
    policy: Policy
    began: float

    @property
    def half(self) -> float:
        """When people are reminded, and asked in a second channel."""
        return self.began + self.policy.hours * HOUR / 2

    @property
    def ends_at(self) -> float:
        return min(self.policy.ends_at(self.shown), self.last)

    @property
    def last(self) -> float:
        """When it ends, however often the plan has changed."""
        return self.began + 2 * self.policy.hours * HOUR

    def is_half_over(self, now: float) -> bool:
        return now >= self.half

    def next_look(self, now: float) -> float:
        """Seconds from now until there is something to say without an answer."""
        return (self.ends_at if self.is_half_over(now) else self.half) - now

    def said(self, verdict: Verdict) -> str:
        """For people: how many approvals are needed, who has given one, and until when."""
        given = ", ".join(answer.by for answer in verdict.answers)
        more = f"It needs {verdict.missing} more approval{'s' * (verdict.missing > 1)}" if given else ""
        needed = f"{more} after that of {given}. " if given else ""
        if not given and verdict.missing > 1:
            needed = f"It needs {verdict.missing} approvals. "
        return f"{needed}It waits until {utc(self.ends_at)}."


def utc(epoch: float) -> str:
    """As in ``2026-03-04 10:15 UTC``."""
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


#: In the ARN of a session: what stands before its role, and before one of Identity Center, which nobody else can make.
_SESSION = ":assumed-role/"
_IDENTITY_CENTER = f"{_SESSION}AWSReservedSSO_"


def person(name: str) -> str:
    """One form of a person's name: at AWS it may be an address, in Splunk its first part, or a name of a domain.

    Letters that look alike to Unicode count as one, and what cannot be seen does not count. Two people too few is the
    safe side: what it decides is whether somebody may approve.
    """
    seen = unicodedata.normalize("NFKC", name)
    seen = "".join(letter for letter in seen if unicodedata.category(letter) not in ("Cf", "Cc", "Mn"))
    last = re.split(r"[\\/]", seen.casefold())[-1]
    return last.partition("@")[0].partition("+")[0].strip(" .")


@dataclass(frozen=True)
class Verdict:
    """What the answers come to."""

    #: ``approve``, ``reject``, ``closed`` (nobody has decided, and nobody can any more), ``expired`` (nor will it be
    #: done), or "" while it is open.
    decision: str = ""
    #: Who decided it, for people.
    by: str = ""
    #: Approvals that are still needed.
    missing: int = 1
    #: Those that were given, in order.
    answers: tuple[Decision, ...] = ()

    @property
    def approved(self) -> bool:
        return self.decision == APPROVE

    @property
    def rejected(self) -> bool:
        return self.decision == REJECT

    @property
    def closed(self) -> bool:
        return self.decision == CLOSED

    @property
    def expired(self) -> bool:
        return self.decision == EXPIRED


@dataclass(frozen=True)
class AskedElsewhere:
    """Another remediation of the case whose plan has the same changes: what is decided about it counts for all."""

    task: str
    #: How it was decided; open while people are asked.
    verdict: Verdict = Verdict()


def tally(answers: Sequence[Decision], policy: Policy) -> Verdict:
    """In the order in which they were given. Approvals of one person count once."""
    approved: dict[str, str] = {}
    for place, answer in enumerate(answers, 1):
        given = tuple(answers[:place])
        if answer.decision == CLOSED:
            return Verdict(CLOSED, missing=policy.needed - len(approved), answers=given[:-1])
        if not answer.approved:
            return Verdict(REJECT, answer.by, 0, given)
        if policy.counts(answer):
            approved.setdefault(person(answer.by), answer.by)
        if len(approved) >= policy.needed:
            return Verdict(APPROVE, " and ".join(approved.values()), 0, given)
    return Verdict(missing=policy.needed - len(approved), answers=tuple(answers))


def _damaged(document: Document) -> Curable:
    return Curable(
        f"Approval {document.get('_key')} is damaged.", f"Delete it from the collection {APPROVALS}, and decide again."
    )
