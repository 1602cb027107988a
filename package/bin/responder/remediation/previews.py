"""What would be done, by the same code that does it: with a KV store that keeps nothing, and with nothing sent to AWS
but reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import OutOfTime
from .outcome import Outcome
from .ports import Document, Documents, Ports


class OnlyRead:
    """The KV store for whoever only looks: what would be written is dropped."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def insert(self, collection: str, document: Mapping[str, Any]) -> bool:
        return True

    def fetch(self, collection: str, key: str) -> Document | None:
        return self._documents.fetch(collection, key)

    def find(self, collection: str, query: Mapping[str, Any], **options: Any) -> list[Document]:
        return self._documents.find(collection, query, **options)

    def save_many(self, collection: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Keeps none of them."""

    def delete_where(self, collection: str, query: Mapping[str, Any]) -> None:
        """Deletes none."""


def only_reading(ports: Ports) -> Ports:
    """The same world, in which nothing is kept, audited or changed."""
    return replace(ports, documents=OnlyRead(ports.documents), audit=_unsaid, before_send=_never)


def _unsaid(step: str, status: str = "success", **fields: Any) -> None:
    """Of what was only looked at the audit has nothing to say."""


def _never() -> None:
    raise OutOfTime("A preview sends nothing to AWS but reads.")


@dataclass(frozen=True)
class UndoPlan:
    """What an undo would do now."""

    playbook: str
    title: str
    #: As ``Outcome.changes``: the way back, resource by resource. None where everything is as it was before, save for
    #: what ``left`` says.
    changes: tuple[dict[str, Any], ...]
    #: A sentence for each resource that was changed after the remediation: then a person has to approve the undo.
    drift: tuple[str, ...] = ()
    #: Why a guardrail refuses it now; empty where none does.
    refused: str = ""
    #: Of a composed remediation: what the undo leaves, and why.
    left: str = ""


@dataclass(frozen=True)
class RunPlan:
    """What a remediation would do now."""

    #: As of a simulation.
    outcome: Outcome
    #: The most that it may do in the account, by every ceiling; and what it does where no mode is asked for.
    highest_mode: str
    default_mode: str
    #: Why it is not enforced without a person, as far as the proof goes; empty where it is proved.
    unproved: str = ""
    #: Why the finding's own records keep it from being done at all; empty where they do not.
    contradicted: str = ""
