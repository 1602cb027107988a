"""``alert_condition``: a search over the results of the search that ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spl import MemoryEvents, search

from .host import Host, Row
from .results import text
from .saved import SavedSearch

_RESULTS = "results_of_the_alert"


class _WithResults:
    """The app's knowledge, with the results as one more lookup, so that a search can begin with them."""

    def __init__(self, knowledge: Any, rows: Sequence[Mapping[str, str]]) -> None:
        self._knowledge = knowledge
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._knowledge, name)

    def transform(self, name: str) -> Mapping[str, str] | None:
        found: Mapping[str, str] | None = self._knowledge.transform(name)
        return {"filename": f"{_RESULTS}.csv"} if name == _RESULTS else found

    def read_lookup(self, name: str) -> Sequence[Mapping[str, str]]:
        if name == _RESULTS:
            return self._rows
        rows: Sequence[Mapping[str, str]] = self._knowledge.read_lookup(name)
        return rows


def condition_search(
    host: Host, saved: SavedSearch, condition: str, fields: Sequence[str], rows: Sequence[Row], now: float
) -> bool:
    """Whether the condition leaves a result. Raises SplError."""
    if not rows:
        return False
    splunkd = host.splunkd
    _, knowledge = splunkd.jobs.sources(splunkd.user(saved.owner), saved.app, None)
    flat = [{name: text(row.get(name, "")) for name in dict.fromkeys([*fields, *row])} for row in rows]
    command = condition.strip().lstrip("|").strip()
    spl = f"| inputlookup {_RESULTS} | {command}"
    return bool(search(spl, events=MemoryEvents([]), knowledge=_WithResults(knowledge, flat), now=now).rows)
