"""What quarantining a user and a role share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ....findings.successes import Contained
from ...model import Resource, Step
from . import _documents as documents
from . import _entities as entities
from ._inline_deny import InlineDeny, needed

if TYPE_CHECKING:
    from ....findings.finding import Finding

__all__ = ["DENY_ALL", "POLICY", "Quarantine", "needed"]

POLICY = "CloudTrailResponder-Quarantine"
DENY_ALL: documents.Document = {
    "Version": documents.VERSION,
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}


class Quarantine(InlineDeny):
    policy_name = POLICY
    aspect = f"Inline policy {POLICY}"
    undo_note = "Removes the policy, or puts back the one that had the same name."

    def wanted(self, finding: Finding) -> tuple[Any, documents.Document]:
        return documents.lines(DENY_ALL), DENY_ALL

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        return f"Deny everything to {entities.entity_words(resource)}."

    def contains(self, resource: Resource) -> Contained | None:
        return Contained(entities.entity_words(resource), principals=(resource.id,))

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        now, who = state[self.aspect], entities.entity_words(resource)
        if now is None:
            return f"The {who} has no inline policy {POLICY}."
        return f"Inline policy {POLICY} of {who}: {'; '.join(now)}."
