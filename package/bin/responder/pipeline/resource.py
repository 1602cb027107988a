"""What every type of resource of a pipeline can do: read itself, say what differs, be made, changed and deleted.

One type is one file in ``resources/``, and says itself once more as CloudFormation and as Terraform.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from . import documents
from .calls import Calls
from .place import Place, filled

PIPELINE_TAG, RECORD_TAG = "cloudtrail-responder:pipeline", "cloudtrail-responder:record"


@dataclass(frozen=True)
class Found:
    """A resource as AWS has it."""

    #: ARN, or what else it is known by.
    id: str
    #: By setting, in the form of ``Resource.wanted``; None for what is not set.
    state: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    #: What a change has to keep, as AWS gave it.
    whole: Mapping[str, Any] = field(default_factory=dict)
    #: Whether nothing is in it, for what holds something.
    is_empty: bool = False


@dataclass(frozen=True)
class Known:
    """What the record knows of a resource before it is looked for."""

    id: str = ""
    #: Whether it was about to be made when a run stopped.
    is_interrupted: bool = False
    #: The tags that we give.
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    setting: str
    now: Any
    wanted: Any

    def lines(self) -> list[str]:
        """For people: what is, and what is wanted. Policies by the statements that are not as wanted."""
        if isinstance(self.wanted, Mapping) and "Statement" in self.wanted:
            there = {str(one.get("Sid")): one for one in documents.statements(documents.read(self.now))}
            found = []
            for one in documents.lacking(self.now, self.wanted):
                before = there.get(str(one["Sid"]))
                found += [*([f"- {_dense(before)}"] if before else []), f"+ {_dense(one)}"]
            return found
        return [*([f"- {_dense(self.now)}"] if self.now not in (None, "", [], {}) else []), f"+ {_dense(self.wanted)}"]


def _dense(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


@dataclass(frozen=True)
class Template:
    """One resource of a template: its name there, its type, what it says, and what has to be there before it.

    ``body`` may have tokens, and in CloudFormation its functions.
    """

    label: str
    type: str
    body: Mapping[str, Any]
    after: Sequence[str] = ()
    #: Whether it outlives the stack: it holds data, or the key to it.
    is_kept: bool = False


@dataclass(frozen=True)
class Resource:
    #: Its name in the pipeline, as ``dead_letter_queue``.
    key: str
    #: Its name in AWS.
    name: str
    place: Place
    #: Its settings, as JSON values; texts may have tokens.
    wanted: Mapping[str, Any]

    #: What it is, for people.
    kind: ClassVar[str] = ""
    #: The resource it is a part of, which has no tags of its own.
    host: ClassVar[str] = ""
    #: Whether making it changes its host.
    alters_host: ClassVar[bool] = False
    #: Whether data is in it, or is read by it: it is deleted with the data only.
    stays_with_data: ClassVar[bool] = False
    #: What there is to know of it once it is deleted.
    after_deletion: ClassVar[str] = ""

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"

    def filled(self, known: Mapping[str, str]) -> Resource:
        return replace(self, wanted=filled(self.wanted, known))

    def differences(self, found: Found) -> list[Difference]:
        return [
            Difference(setting, found.state.get(setting), wanted)
            for setting, wanted in self.wanted.items()
            if not self.is_same(found.state.get(setting), wanted)
        ]

    @staticmethod
    def is_same(now: Any, wanted: Any) -> bool:
        if isinstance(wanted, Mapping) and "Statement" in wanted:
            return documents.holds(now, wanted)
        return json.dumps(now, sort_keys=True) == json.dumps(wanted, sort_keys=True)

    # What each type does

    def read(self, calls: Calls, known: Known) -> Found | None:
        """None where there is none. Raises Rejected for one that is there and cannot be used."""
        raise NotImplementedError

    def create(self, calls: Calls, tags: Mapping[str, str]) -> None:
        """Make it, with its tags. What it still lacks then is a change."""
        raise NotImplementedError

    def change(self, calls: Calls, found: Found, setting: str) -> None:
        """Make one setting as wanted; what others have added stays."""
        raise NotImplementedError

    def claim(self, calls: Calls, tags: Mapping[str, str]) -> None:
        """Tag what an interrupted run has made without tags; only where making and tagging are two calls."""
        raise NotImplementedError

    def withdraw(self, calls: Calls, found: Found, setting: str) -> None:
        """Take our part out of a setting of what is not ours. Most settings are no sum of parts: they stay."""

    def delete(self, calls: Calls, found: Found) -> None:
        raise NotImplementedError

    def health(self, calls: Calls, found: Found) -> list[str]:
        """What is wrong with it beside its settings, a line each."""
        return []

    def cloudformation(self) -> Sequence[Template]:
        raise NotImplementedError

    def terraform(self) -> Sequence[Template]:
        raise NotImplementedError
