"""What is due, by the service that it needs and by owner: ten thousand due tasks of one hide nobody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, Callable

from ..cases.task import TASKS
from ..handlers.registry import kinds, service_of
from ..json_limits import bounded_json
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from ..splunk.queries import any_of
from .left_out import LeftOut, Part
from .service_names import site_of

#: Tasks read in one request, and requests at most.
PAGE, MAX_PAGES = 500, 60
#: Tasks of one owner that are listed at a time, at least, of one service, and of a workspace with all of its channels.
#: When there are more, no further ones of it are read.
ENOUGH, ENOUGH_OF_SITE = 500, 2_000
#: What goes first among what is due at the same time: remediations, then messages, then tickets, then the rest.
FIRST = ("aws", "dispatch", "slack", "notify", "jira")
_FIELDS = "_key,kind,request,service,owner,due_at"


@dataclass(frozen=True)
class Share:
    """Due tasks of one service, in the order in which they are run: owners take turns, each longest due first."""

    service: str
    #: Owner and key of each.
    tasks: Sequence[tuple[str, str]] = ()

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.tasks]

    @property
    def family(self) -> str:
        return self.service.partition(":")[0]

    @property
    def rank(self) -> int:
        return FIRST.index(self.family) if self.family in FIRST else len(FIRST)


class DueTasks:
    """Reads the due tasks of all services but some."""

    def __init__(self, splunkd: Splunkd, config: Configuration, now: Callable[[], float]) -> None:
        self._splunkd = splunkd
        self._now = now
        self._left_out = LeftOut(splunkd, config)

    def read(
        self,
        seen: Collection[str],
        without: Callable[[str], bool],
        served: Collection[tuple[str, str]] = (),
    ) -> list[Share]:
        """Shares in the order in which they are begun. Raises a ResponderError.

        ``seen``: keys that are left out; ``without``: services, or sites; ``served``: services and owners whose tasks
        of it are left out.
        """
        due = {"due_at": {"$gt": 0, "$lte": self._now()}}
        found = self._read(due, seen, without, served)
        if found.hides_news:
            # Behind a thousand files and edits of earlier tickets there may be a ticket that is not open yet.
            news = {"$and": [{"kind": {"$ne": name}} for name, kind in kinds().items() if not kind.is_news]}
            found.put_first(self._read({**due, **news}, seen, without, served))
        return [share for share in found.shares(served) if not without(share.service)]

    def _read(
        self,
        due: Mapping[str, Any],
        seen: Collection[str],
        without: Callable[[str], bool],
        served: Collection[tuple[str, str]],
    ) -> _Found:
        found, read, skip = _Found(), set(seen), 0
        query = self._left_out.query(due, self._parts(found, without, served))
        for _ in range(MAX_PAGES):
            page = self._splunkd.find(TASKS, query, sort="due_at", limit=PAGE, skip=skip, fields=_FIELDS)
            for document in page:
                if document["_key"] not in read:
                    read.add(document["_key"])
                    found.add(self._service(document), document)
            if len(page) < PAGE:
                break
            before, query = query, self._left_out.query(due, self._parts(found, without, served))
            # Read on behind this page; or from the beginning, when that leaves something more out.
            skip = skip + PAGE if query == before else 0
        return found

    def for_a_person(self, since: float, before: float, limit: int) -> list[Share]:
        """What waits for a person, or has failed since then, and was not tried after ``before``: the oldest first."""
        failed = {"$and": [{"state": "failed"}, {"updated_at": {"$gte": since}}]}
        query = {"$or": [{"waiting_for": "person"}, failed]}
        found, number = _Found(), 0
        for skip in range(0, MAX_PAGES * PAGE, PAGE):
            fields = f"{_FIELDS},updated_at"
            page = self._splunkd.find(TASKS, query, sort="created_at", limit=PAGE, skip=skip, fields=fields)
            for document in page:
                if float(document.get("updated_at") or 0) <= before and number < limit:
                    found.add(self._service(document), document)
                    number += 1
            if len(page) < PAGE or number >= limit:
                break
        return found.shares()

    def of_tasks(self, keys: Collection[str]) -> list[Share]:
        """Some tasks, due or not."""
        found = _Found()
        for query in any_of("_key", sorted(keys)):
            for document in self._splunkd.find(TASKS, query, fields=_FIELDS):
                found.add(self._service(document), document)
        return found.shares()

    def _service(self, document: Mapping[str, Any]) -> str:
        named = str(document.get("service") or "")
        return self._left_out.service(named or _by_request(document), by_document=bool(named))

    def _parts(
        self, found: _Found, without: Callable[[str], bool], served: Collection[tuple[str, str]]
    ) -> Iterable[Part]:
        """What need not be read, what there is most of first."""
        known = list(self._left_out.services)
        away = {name for service in known for name in (site_of(service), service) if without(name)}
        return [*((name, None) for name in sorted(away)), *found.enough(), *sorted(served)]


class _Found:
    """Keys by service and owner, longest due first."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, list[str]]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        #: Of these, what follows from what people were told, as files and edits of a ticket.
        self._no_news: Counter[tuple[str, str]] = Counter()

    def add(self, service: str, document: Mapping[str, Any]) -> None:
        owner = str(document.get("owner") or "")
        self._keys.setdefault(service, {}).setdefault(owner, []).append(str(document["_key"]))
        kind = kinds().get(str(document.get("kind")))
        for name in {service, site_of(service)}:
            self._counts[name, owner] += 1
            self._no_news[name, owner] += kind is not None and not kind.is_news

    def enough(self) -> Iterable[tuple[str, str]]:
        """Of which services and sites an owner's tasks are enough."""
        for (name, owner), count in self._counts.most_common():
            if count >= (ENOUGH if name in self._keys else ENOUGH_OF_SITE):
                yield name, owner

    @property
    def hides_news(self) -> bool:
        """Whether some were left out behind what people do not wait for."""
        return any(self._no_news[part] for part in self.enough())

    def put_first(self, news: _Found) -> None:
        for service, by_owner in news._keys.items():
            own = self._keys.setdefault(service, {})
            for owner, keys in by_owner.items():
                own[owner] = list(dict.fromkeys([*keys, *own.get(owner, ())]))

    def shares(self, served: Collection[tuple[str, str]] = ()) -> list[Share]:
        """In the order in which they are begun."""
        found = []
        for service, by_owner in self._keys.items():
            columns = [
                [(owner, key) for key in keys] for owner, keys in by_owner.items() if (service, owner) not in served
            ]
            turns = (task for task in chain.from_iterable(zip_longest(*columns)) if task is not None)
            found.append(Share(service, tuple(turns)))
        return sorted((share for share in found if share.tasks), key=lambda share: share.rank)


def _by_request(document: Mapping[str, Any]) -> str:
    """For documents that do not name their service."""
    try:
        request = bounded_json(document.get("request") or "{}")
    except ValueError:
        request = {}
    return service_of(str(document.get("kind")), request if isinstance(request, dict) else {}, None)
