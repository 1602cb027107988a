"""What people decided about plans. Only the system may write the collection, and the first decision stands.

A decision is about one plan of one task: a plan that differs from it needs a decision of its own. It is open until the
task was run with it, so that none is forgotten where the task could not be run at once. It keeps its own audit event
until that is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import Curable, Rejected, Unavailable
from .ports import Document, Documents

log = logging.getLogger("cloudtrail_responder")

APPROVALS = "responder_approvals"
APPROVE, REJECT = "approve", "reject"
#: Decisions that are read at a time; people do not make more in a minute.
MANY = 200


@dataclass(frozen=True)
class Decision:
    """What one person decided about one plan."""

    task: str
    #: See ``plans.digest_of``.
    plan_digest: str
    #: ``approve`` or ``reject``.
    decision: str
    #: Splunk user.
    by: str
    #: Epoch seconds.
    at: float
    #: Its audit event, as JSON, as long as that is owed.
    audit: str = ""

    @property
    def approved(self) -> bool:
        return self.decision == APPROVE

    @property
    def key(self) -> str:
        return _key(self.task, self.plan_digest)

    def to_document(self, is_open: bool = True) -> Document:
        return {"_key": self.key, **vars(self), "open": int(is_open)}

    @classmethod
    def from_document(cls, document: Document) -> Decision:
        """Raises Curable for one that does not say clearly what was decided: then nothing was."""
        try:
            found = cls(
                task=str(document["task"]),
                plan_digest=str(document["plan_digest"]),
                decision=str(document["decision"]),
                by=str(document["by"]),
                at=float(document["at"]),
                audit=str(document.get("audit") or ""),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(document) from error
        if found.decision not in (APPROVE, REJECT) or found.key != document.get("_key"):
            raise _damaged(document)
        return found


def record(documents: Documents, decision: Decision) -> Decision:
    """Write a decision down and return the one that stands: the first. Raises Rejected for what is no decision."""
    if decision.decision not in (APPROVE, REJECT):
        raise Rejected(f"'{decision.decision[:20]}' is neither {APPROVE} nor {REJECT}.")
    if documents.insert(APPROVALS, decision.to_document()):
        return decision
    first = find(documents, decision.task, decision.plan_digest)
    if first is None:
        raise Unavailable("Somebody else has just decided.", "Look again.")
    return first


def find(documents: Documents, task: str, plan_digest: str) -> Decision | None:
    """The decision about a plan, or None while nobody has decided."""
    document = documents.fetch(APPROVALS, _key(task, plan_digest))
    return Decision.from_document(document) if document else None


def unsettled(documents: Documents) -> list[Decision]:
    """Decisions with which their tasks were not run yet, oldest first."""
    found: list[Decision] = []
    for document in documents.find(APPROVALS, {"open": 1}, sort="at", limit=MANY):
        try:
            found.append(Decision.from_document(document))
        except Curable as error:
            # Nothing was decided by it; the task says so, too, when it is run.
            log.error("%s", error)
    return found


def keep(documents: Documents, decisions: Iterable[Decision]) -> None:
    """As they are now; their tasks were not run with them yet."""
    documents.save_many(APPROVALS, [decision.to_document() for decision in decisions])


def settle(documents: Documents, decisions: Iterable[Decision]) -> None:
    """Their tasks were run with them."""
    documents.save_many(APPROVALS, [decision.to_document(is_open=False) for decision in decisions])


def _key(task: str, plan_digest: str) -> str:
    return f"{task}:{plan_digest}"


def _damaged(document: Document) -> Curable:
    return Curable(
        f"Approval {document.get('_key')} is damaged.", f"Delete it from the collection {APPROVALS}, and decide again."
    )
