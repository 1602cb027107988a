"""Events as they look to a search where the Splunk Add-on for AWS is installed, too.

The add-on makes fields of names that searches like to use (``user``, ``user_arn``, ``src_ip``, ``action``), and a
search would read whatever it does not overwrite. ``with_addon(event)`` lays these fields over an event.
``splunk_addon_for_aws.yaml`` says which they are, and from what: a model in our words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from spl import Event
from spl.compiled import Compiled
from spl.evaluation import compile_expression
from spl.row import Row
from spl.values import Cell, cell

MODEL = Path(__file__).with_name("splunk_addon_for_aws.yaml")
_SHORT = {
    "UI": "userIdentity",
    "ISS": "userIdentity.sessionContext.sessionIssuer",
    "rp": "requestParameters",
    "re": "responseElements",
    "AED": "additionalEventData",
}
_SHORTENED = re.compile(r"(?<![\w.'\"])(UI|ISS|rp|re|AED)\.([A-Za-z][\w.]*)")
_STEPS = {"aliases", "computed", "looked_up"}


@dataclass(frozen=True)
class SourceType:
    """What is added to the events of one source type, in Splunk's order."""

    aliases: Mapping[str, str]
    computed: Mapping[str, Compiled]
    looked_up: Mapping[str, Compiled]

    def added(self, event: Event) -> dict[str, Cell | None]:
        """The fields it sets; None where it deletes the field of that name."""
        made: dict[str, Cell | None] = {name: event.get(source) for name, source in self.aliases.items()}
        row = Row(dict(made), event)
        made.update({name: cell(expression.call(row)) for name, expression in self.computed.items()})
        row = Row(made, event)
        for name, found in {name: expression.call(row) for name, expression in self.looked_up.items()}.items():
            if row.get(name) is None:
                made[name] = cell(found)
        return made


class _Enriched(Event):
    """An event with the add-on's fields in place of its own of the same names."""

    def __init__(self, plain: Event, source_type: SourceType) -> None:
        super().__init__(
            plain.raw, plain.time, plain.index, plain.sourcetype, plain.source, plain.host, plain.indextime
        )
        self._plain, self._source_type = plain, source_type
        self._added: dict[str, Cell | None] | None = None

    @property
    def added(self) -> dict[str, Cell | None]:
        if self._added is None:
            self._added = self._source_type.added(self._plain)
        return self._added

    @property
    def lower(self) -> str:
        """With what the add-on adds: a search for it has to find the event, and one for anything else need not try."""
        if self._lower is None:
            texts = (text for name, value in self.added.items() if value is not None for text in (name, *_texts(value)))
            self._lower = "\n".join((self._plain.lower, *texts)).lower()
        return self._lower

    @property
    def hides_text(self) -> bool:
        return self._plain.hides_text

    @property
    def document(self) -> Any:
        return self._plain.document

    @property
    def extracted(self) -> dict[str, Cell]:
        if self._extracted is None:
            both = {**self._plain.extracted, **self.added}
            self._extracted = {name: value for name, value in both.items() if value is not None}
        return self._extracted


def _texts(value: Cell) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


def with_addon(event: Event) -> Event:
    """The event with the fields that the add-on gives its source type; the event itself if it gives none."""
    source_type = _model().get(event.sourcetype)
    return _Enriched(event, source_type) if source_type else event


@lru_cache(maxsize=1)
def _model() -> dict[str, SourceType]:
    written = yaml.safe_load(MODEL.read_text(encoding="utf-8"))
    for name, steps in written.items():
        if unknown := steps.keys() - _STEPS:
            raise ValueError(f"{MODEL.name}: {name} has {', '.join(unknown)}, which is none of {', '.join(_STEPS)}.")
    return {
        name: SourceType(
            steps.get("aliases", {}), _compiled(steps.get("computed", {})), _compiled(steps.get("looked_up", {}))
        )
        for name, steps in written.items()
    }


def _compiled(expressions: Mapping[str, str]) -> dict[str, Compiled]:
    return {name: compile_expression(_written_out(text)) for name, text in expressions.items()}


def _written_out(expression: str) -> str:
    return _SHORTENED.sub(lambda found: f"'{_SHORT[found[1]]}.{found[2]}'", expression)
