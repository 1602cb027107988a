"""What keeps parts of a composed remediation from being done, while the others are carried out."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator

from ..errors import InvalidFinding, NotFound, OutOfTime, RefusedByGuardrail, ResponderError, UnknownOutcome


class ByHand(ResponderError):
    """No call of ours can do it; a person can."""


#: Nothing that is tried again changes these.
_FINAL = (RefusedByGuardrail, InvalidFinding, NotFound, ByHand)
#: Characters of each that are told, and how many are.
LONGEST, MOST = 300, 10


class Unfinished:
    """Collects the errors of parts. Of a playbook that is not composed an error goes its way: it stops everything."""

    def __init__(self, is_composed: bool) -> None:
        self._is_composed = is_composed
        self._errors: list[ResponderError] = []

    def add(self, error: ResponderError) -> None:
        if str(error) not in map(str, self._errors):
            self._errors.append(error)

    @contextlib.contextmanager
    def part(self) -> Iterator[None]:
        """What a part does. An effect whose end nobody knows is looked up before anything else is done."""
        try:
            yield
        except (UnknownOutcome, OutOfTime):
            raise
        except ResponderError as error:
            if not self._is_composed:
                raise
            self.add(error)

    @property
    def sentence(self) -> str:
        """For people; empty where everything can be done."""
        if not self._errors:
            return ""
        told = [error.message[:LONGEST].rstrip(".") for error in self._errors[:MOST]]
        more = f"; and {len(self._errors) - MOST} more" if len(self._errors) > MOST else ""
        return f"Not done: {'; '.join(told)}{more}."

    @property
    def refusals(self) -> int:
        """How many parts guardrails have refused."""
        return sum(isinstance(error, RefusedByGuardrail) for error in self._errors)

    def raise_what_may_be_tried_again(self, title: str) -> None:
        """The gravest, and what all of them say: one that passes by itself is tried again soonest."""
        again = [error for error in self._errors if not isinstance(error, _FINAL)]
        if not again:
            return
        first = next((error for error in again if error.transient), again[0])
        raised = copy.copy(first)
        ResponderError.__init__(raised, f"{title}: everything else is done. {self.sentence}", first.hint)
        raise raised from first
