"""Who is compared: a set of rules that says of some records which of its rules are raised."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import yaml

from spl import Event, MemoryEvents, MemoryKnowledge, SplError, execute, parse
from workbench.replay import ShippedSearches
from workbench.replay.shipped import FOREVER

#: Of a rule: the positions of the records that it is raised on.
Raised = Mapping[str, set[int]]


class UnreadableRules(Exception):
    """A folder that holds none; the message is one line."""


class Contender(Protocol):
    name: str
    #: Rules that cannot be run here, each with the reason in a line.
    unreadable: dict[str, str]

    @property
    def rules(self) -> int:
        """Those that run."""

    def raised(self, events: Sequence[Event]) -> Raised:
        """What each rule says of these records as one log."""


class Ours:
    """The shipped detections."""

    name = "this app"

    def __init__(self) -> None:
        self._searches, self.unreadable = ShippedSearches(), dict[str, str]()

    @property
    def rules(self) -> int:
        return len(self._searches.detections)

    def raised(self, events: Sequence[Event]) -> Raised:
        at: dict[str, set[int]] = {}
        for position, event in enumerate(events):
            # A finding names a record without an eventID by a hash, which no case is about.
            at.setdefault(str(event.get("eventID")), set()).add(position)
        found: dict[str, set[int]] = {}
        for finding in self._searches.findings(events):
            for event_id in finding["event_ids"]:
                found.setdefault(finding["search"], set()).update(at.get(event_id, ()))
        return found


class Spl:
    """Searches that do not say which events they rest on, as those of ESCU: they are asked about fewer and fewer."""

    def __init__(self, name: str, searches: Mapping[str, str], macros: Mapping[str, Mapping[str, str]]) -> None:
        self.name = name
        self.unreadable: dict[str, str] = {}
        self._knowledge = MemoryKnowledge(macros=macros)
        self._searches: dict[str, str] = {}
        for rule, search in searches.items():
            try:
                # A rule whose lookup is not here is found out only when it runs.
                self._rows(search, [])
            except (SplError, KeyError) as error:
                self.unreadable[rule] = str(error)
            else:
                self._searches[rule] = search

    @classmethod
    def escu(cls, folder: Path) -> Spl:
        """ESCU's YAML: detections with a ``search``, macros with a ``definition``. Raises UnreadableRules."""
        searches: dict[str, str] = {}
        macros = dict(_MACROS)
        for path, document in _documents(folder):
            if isinstance(document.get("search"), str):
                if "cloudtrail" in document["search"]:
                    searches[str(document.get("name", path.stem))] = document["search"]
            elif isinstance(document.get("definition"), str):
                arguments = document.get("arguments") or []
                key = f"{document['name']}({len(arguments)})" if arguments else str(document["name"])
                macros[key] = {"definition": document["definition"], "args": ",".join(arguments)}
        if not searches:
            raise UnreadableRules(f"{folder} holds no YAML file with a search that reads CloudTrail.")
        for search in searches.values():
            macros.update({name: {"definition": "search *"} for name in re.findall(r"`(\w+_filter)`", search)})
        # Where CloudTrail is, is everybody's own to say.
        macros["cloudtrail"] = {"definition": "sourcetype=aws:cloudtrail"}
        return cls("ESCU", searches, macros)

    @property
    def rules(self) -> int:
        return len(self._searches)

    def raised(self, events: Sequence[Event]) -> Raised:
        everything = range(len(events))
        found = {rule: self._narrowed(search, events, everything) for rule, search in self._searches.items()}
        return {rule: positions for rule, positions in found.items() if positions}

    def _narrowed(self, search: str, events: Sequence[Event], among: range) -> set[int]:
        """The smallest runs of records on which the search still gives a row."""
        if not among or not self._rows(search, [events[position] for position in among]):
            return set()
        if len(among) == 1:
            return {among.start}
        middle = (among.start + among.stop) // 2
        halves = self._narrowed(search, events, range(among.start, middle))
        halves |= self._narrowed(search, events, range(middle, among.stop))
        # A threshold: only together they are enough.
        return halves or set(among)

    def _rows(self, search: str, events: list[Event]) -> int:
        spl = search if search.lstrip().startswith(("|", "search ")) else f"search {search}"
        return len(
            execute(
                parse(spl, self._knowledge), events=MemoryEvents(events), knowledge=self._knowledge, latest=FOREVER
            ).rows
        )


def _documents(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".yml", ".yaml"):
            try:
                documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                raise UnreadableRules(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
            yield from ((path, document) for document in documents if isinstance(document, dict))


#: What ESCU's searches call and its detections do not depend on. A folder with its macros replaces them.
_MACROS: dict[str, dict[str, str]] = {
    "security_content_ctime(1)": {"args": "field", "definition": "convert ctime($field$)"},
    "security_content_summariesonly": {"definition": "summariesonly=false"},
}
