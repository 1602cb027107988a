"""What is due, by the service that it needs: a service with ten thousand due tasks hides nobody else's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ..cases.task import TASKS
from ..handlers.registry import service_of
from ..json_limits import bounded_json
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .service_names import resolved

#: Tasks read in one request, and requests at most.
PAGE, MAX_PAGES = 500, 60
#: Tasks of one service that are listed at a time, at least; when there are more, no further ones of it are read.
ENOUGH = 500
#: Keys named in one query, which is part of an address.
NAMED = 20
#: What goes first among what is due at the same time: remediations, then messages, then tickets, then the rest.
FIRST = ("aws", "slack", "jira")
_FIELDS = "_key,kind,request,service,due_at"


@dataclass
class Share:
    """The due tasks of one service, longest due first."""

    service: str
    keys: list[str] = field(default_factory=list)

    @property
    def rank(self) -> int:
        family = self.service.partition(":")[0]
        return FIRST.index(family) if family in FIRST else len(FIRST)


class DueTasks:
    """Reads the due tasks of all services but some."""

    def __init__(self, splunkd: Splunkd, config: Configuration, now: Callable[[], float]) -> None:
        self._splunkd = splunkd
        self._config = config
        self._now = now
        #: Resolved service -> the names that documents have for it.
        self._stored: dict[str, set[str]] = {}

    def read(self, seen: Collection[str], without: Callable[[str], bool]) -> list[Share]:
        """Shares in the order in which they are begun. ``seen``: keys that are left out; ``without``: services."""
        due = {"due_at": {"$gt": 0, "$lte": self._now()}}
        shares: dict[str, Share] = {}
        read, left_out, skip = set(seen), self._known_names(without), 0
        for _ in range(MAX_PAGES):
            query = {**due, "$and": [{"service": {"$ne": name}} for name in sorted(left_out)]} if left_out else due
            page = self._splunkd.find(TASKS, query, sort="due_at", limit=PAGE, skip=skip, fields=_FIELDS)
            for document in page:
                if document["_key"] not in read:
                    read.add(document["_key"])
                    self._add(shares, document)
            if len(page) < PAGE:
                break
            more = self._known_names(lambda name: without(name) or len(shares.get(name, Share("")).keys) >= ENOUGH)
            # Read on behind this page; or from the beginning, when that leaves a whole service out.
            skip = 0 if more - left_out else skip + PAGE
            left_out |= more
        wanted = (share for name, share in shares.items() if not without(name))
        return sorted(wanted, key=lambda share: share.rank)

    def for_a_person(self, since: float, limit: int) -> list[Share]:
        """What waits for a person, or has failed since then: a saved setting may have cured it."""
        failed = {"$and": [{"state": "failed"}, {"updated_at": {"$gte": since}}]}
        query = {"$or": [{"waiting_for": "person"}, failed]}
        shares: dict[str, Share] = {}
        for document in self._splunkd.find(TASKS, query, sort="created_at", limit=limit, fields=_FIELDS):
            self._add(shares, document)
        return sorted(shares.values(), key=lambda share: share.rank)

    def of_tasks(self, keys: Collection[str]) -> list[Share]:
        """Some tasks, due or not."""
        shares: dict[str, Share] = {}
        for some in _portions(sorted(keys)):
            for document in self._splunkd.find(TASKS, {"$or": [{"_key": key} for key in some]}, fields=_FIELDS):
                self._add(shares, document)
        return sorted(shares.values(), key=lambda share: share.rank)

    def _add(self, shares: dict[str, Share], document: Mapping[str, Any]) -> None:
        stored = str(document.get("service") or "")
        service = resolved(self._config, stored or _by_request(document))
        share = shares.setdefault(service, Share(service))
        share.keys.append(str(document["_key"]))
        if stored:
            self._stored.setdefault(service, set()).add(stored)

    def _known_names(self, wanted: Callable[[str], bool]) -> set[str]:
        return {name for service, names in self._stored.items() if wanted(service) for name in names}


def _portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as an address can name."""
    return (keys[first : first + NAMED] for first in range(0, len(keys), NAMED))


def _by_request(document: Mapping[str, Any]) -> str:
    """For documents that do not name their service."""
    try:
        request = bounded_json(document.get("request") or "{}")
    except ValueError:
        request = {}
    return service_of(str(document.get("kind")), request if isinstance(request, dict) else {}, None)
