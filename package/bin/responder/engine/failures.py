"""Tasks that a person has to see to: they wait for one, were given up, or have failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..cases.keys import lane_of
from ..cases.states import State, WaitingFor
from ..cases.task import TASKS
from ..errors import Rejected, one_line
from ..handlers.operations import KIND as OPERATIONS
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import retries
from .backlog import Names, display_name, sanitized
from .service_names import resolved, site_of

#: Tasks of each state that are read, the newest first; in one request.
MOST, PAGE = 5_000, 1_000
#: Seconds for which what has failed is shown: so long a saved setting may still cure it, too.
SHOWN_FOR = 7 * 86_400.0
_FIELDS = "_key,case_id,kind,service,state,waiting_for,message,attempts,created_at,requested_at,updated_at"

#: How the command names tasks that need no service.
NO_SERVICE = "none"
PERSON, GIVEN_UP, FAILED = "person", "given_up", "failed"
_TO_CORRECT = "for a setting, a right or something in the service to be corrected"
#: Predicates for one task, and for several.
REASONS = {
    PERSON: (f"waits {_TO_CORRECT}", f"wait {_TO_CORRECT}"),
    GIVEN_UP: ("was given up after three days", "were given up after three days"),
    FAILED: ("has failed: it cannot be done as it is", "have failed: they cannot be done as they are"),
}
TO_DO = {
    PERSON: "Correct what | respondfailures shows. A saved setting has them tried again by itself",
    GIVEN_UP: "See why in | respondfailures",
    FAILED: "See why in | respondfailures, and correct the alert or the service",
}


@dataclass(frozen=True)
class Failure:
    task: str
    case: str
    kind: str
    #: Site or workspace (``jira:main``), or account (``aws:111122223333``); empty where a task needs none.
    service: str
    #: Of ``REASONS``.
    reason: str
    #: What it says, as it says it: it quotes events and answers.
    message: str
    attempts: int
    #: When it was asked for last, and tried last. Epoch seconds.
    requested_at: float
    tried_at: float

    @property
    def newest(self) -> float:
        """What is greater for whatever came later: one that waits is tried again and again."""
        return self.requested_at if self.reason == PERSON else self.tried_at


@dataclass(frozen=True)
class Group:
    """Failures of one service, for one kind of reason."""

    #: As people know it, and as ``respondretry`` takes it; AWS is one.
    name: str
    service: str
    reason: str
    count: int
    #: When the oldest was asked for; what the newest is known by, and says.
    oldest: float
    newest: float
    message: str
    #: Whether there are more than were counted.
    is_cut: bool = False

    @property
    def counted(self) -> str:
        return f"{self.count:,}{' or more' if self.is_cut else ''} {'task' if self.count == 1 else 'tasks'}"

    @property
    def predicate(self) -> str:
        """A sentence without its subject, and without anything of an event."""
        return REASONS[self.reason][self.count != 1]

    @property
    def sentence(self) -> str:
        return f"{self.counted} of {self.name} {self.predicate}."

    @property
    def retry(self) -> str:
        wanted = "waiting" if self.reason == PERSON else "failed"
        return f"| respondretry service={sanitized(self.service) or NO_SERVICE} state={wanted}"


class Failures:
    def __init__(self, splunkd: Splunkd, config: Configuration, now: float) -> None:
        self._splunkd = splunkd
        self._config = config
        self._now = now
        #: Whether there are more than were read, of those that wait and of those that have failed.
        self.is_cut = {State.WAITING: False, State.FAILED: False}
        #: Messages about the app that could not be posted. They are no failures: they would report themselves.
        self.unposted = 0

    def read(self, service: str = "", state: str = "", most: int = MOST) -> list[Failure]:
        """The newest first, at most ``most`` of each state. Raises a ResponderError.

        ``service``: a family (``jira``), a site, workspace or account (``jira:main``), or ``NO_SERVICE``; empty for
        all.
        ``state``: ``waiting`` or ``failed``; empty for both.
        """
        found: list[Failure] = []
        if state in ("", State.WAITING.value):
            query: Mapping[str, Any] = {"waiting_for": WaitingFor.PERSON.value}
            found += self._some(query, "created_at:-1", State.WAITING, service, most)
        if state in ("", State.FAILED.value):
            query = {"state": State.FAILED.value, "updated_at": {"$gte": self._now - SHOWN_FOR}}
            found += self._some(query, "updated_at:-1", State.FAILED, service, most)
        return sorted(found, key=lambda one: -one.newest)

    def _some(
        self, query: Mapping[str, Any], order: str, state: State, service: str, most: int
    ) -> list[Failure]:
        found: list[Failure] = []
        for failure in self._all(query, order):
            if not fits(failure.service, service):
                continue
            if len(found) >= most:
                self.is_cut[state] = True
                break
            found.append(failure)
        return found

    def _all(self, query: Mapping[str, Any], order: str) -> Iterator[Failure]:
        skip = 0
        while True:
            page = self._splunkd.find(TASKS, query, sort=order, limit=PAGE, skip=skip, fields=_FIELDS)
            for document in page:
                if document.get("state") not in (State.WAITING.value, State.FAILED.value):
                    continue
                if document.get("kind") == OPERATIONS:
                    self.unposted += 1
                else:
                    yield self._failure(document)
            if len(page) < PAGE:
                return
            skip += PAGE

    def _failure(self, document: Mapping[str, Any]) -> Failure:
        key, message = str(document["_key"]), one_line(document.get("message") or "")
        created, requested = (float(document.get(name) or 0) for name in ("created_at", "requested_at"))
        reason = PERSON
        if document.get("state") == State.FAILED.value:
            reason = GIVEN_UP if message.startswith(retries.GIVEN_UP) else FAILED
        return Failure(
            task=key,
            case=str(document.get("case_id") or ""),
            kind=str(document.get("kind") or ""),
            service=self._service(key, str(document.get("service") or "")),
            reason=reason,
            message=message,
            attempts=int(document.get("attempts") or 0),
            requested_at=requested or created,
            tried_at=float(document.get("updated_at") or 0),
        )

    def _service(self, key: str, stored: str) -> str:
        if stored:
            return site_of(resolved(self._config, stored))
        try:
            family = lane_of(key).family
        except Rejected:
            return ""
        return "es" if family == "es" else ""


def fits(service: str, wanted: str) -> bool:
    """Whether a task's service is meant by what somebody names."""
    if wanted == NO_SERVICE:
        return not service
    return not wanted or service == wanted or service.partition(":")[0] == wanted


def groups(failures: Iterable[Failure], config: Configuration, is_cut: Mapping[State, bool]) -> list[Group]:
    """By service and reason, what there is most of first."""
    names, by = Names(config), defaultdict[tuple[str, str], list[Failure]](list)
    for failure in failures:
        by[names.of(failure.service), failure.reason].append(failure)
    found = []
    for (service, reason), some in by.items():
        last = max(some, key=lambda one: one.newest)
        cut = is_cut[State.WAITING if reason == PERSON else State.FAILED]
        oldest = min(one.requested_at for one in some)
        found.append(Group(display_name(service), service, reason, len(some), oldest, last.newest, last.message, cut))
    return sorted(found, key=lambda one: (-one.count, one.service, one.reason))
