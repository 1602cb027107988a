"""What is late because a service does not answer, and what has become of it since. Counts, from the tasks alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..cases.states import State, WaitingFor
from ..cases.task import TASKS
from ..handlers import registry
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from .service_names import resolved, site_of

#: Tasks read in one request, and requests at most: more are "at least so many".
PAGE, PAGES = 2_000, 10
AWS = "aws"
#: Attempts after which a task in AWS counts as late: there is no breaker that says so.
TRIED = 3
_FIELDS = "_key,kind,service,state,waiting_for,created_at,requested_at,attempts"
Document = Mapping[str, Any]


@dataclass(frozen=True)
class CaughtUp:
    """What has become of tasks that were late."""

    done: int = 0
    waiting: int = 0
    failed: int = 0


class Names:
    """Services as outages and failures name them: sites and workspaces, and AWS as a whole."""

    def __init__(self, config: Configuration) -> None:
        self._config = config
        self._known: dict[str, str] = {}

    def of(self, stored: str) -> str:
        """Of a name as tasks have it. Empty for none."""
        if stored not in self._known:
            service = site_of(resolved(self._config, stored)) if ":" in stored else stored
            self._known[stored] = AWS if service.partition(":")[0] == AWS else service
        return self._known[stored]


class Backlog:
    """Counts what people wait for. That a ticket's text is edited or gets a file follows by itself."""

    def __init__(self, splunkd: Splunkd, config: Configuration) -> None:
        self._splunkd = splunkd
        self._names = Names(config)

    def late(self, service: str, created_before: float) -> int:
        """Tasks that wait for nothing but the service. Raises a ResponderError."""
        nothing_else = ("", WaitingFor.SERVICE.value)
        return sum((one.get("waiting_for") or "") in nothing_else for one in self._open(service, created_before))

    def caught_up(self, service: str, since: float, created_before: float) -> CaughtUp:
        """Of the tasks that there were: what ended ``since``, and what still waits. Raises a ResponderError."""
        put_off = (WaitingFor.APPROVAL.value, WaitingFor.TIME.value)
        return CaughtUp(
            done=self._ended(State.DONE, service, since, created_before),
            waiting=sum(one.get("waiting_for") not in put_off for one in self._open(service, created_before)),
            failed=self._ended(State.FAILED, service, since, created_before),
        )

    def aws_away_since(self, now: float) -> float:
        """Since when the oldest of the tasks waits that AWS has not answered several times; 0 for none."""
        query = {"waiting_for": WaitingFor.SERVICE.value, **_of_family(AWS)}
        tried = [one for one in self._read(query, "created_at") if float(one.get("attempts") or 0) >= TRIED]
        return min((float(one.get("requested_at") or one.get("created_at") or now) for one in tried), default=0.0)

    def _open(self, service: str, created_before: float) -> Iterator[Document]:
        query = {"due_at": {"$gt": 0}, **_of_family(service.partition(":")[0])}
        final = (State.DONE.value, State.REFUSED.value, State.FAILED.value)
        for document in self._of(service, query, "due_at", created_before):
            # What is final and due owes audit events.
            if document.get("state") not in final:
                yield document

    def _ended(self, state: State, service: str, since: float, created_before: float) -> int:
        query = {"state": state.value, "updated_at": {"$gte": since}, **_of_family(service.partition(":")[0])}
        return sum(1 for _ in self._of(service, query, "updated_at", created_before))

    def _of(self, service: str, query: Mapping[str, Any], order: str, created_before: float) -> Iterator[Document]:
        for document in self._read(query, order):
            kind = registry.kinds().get(str(document.get("kind")))
            if kind is None or not kind.is_news or float(document.get("created_at") or 0) > created_before:
                continue
            if self._names.of(str(document.get("service") or "")) == service:
                yield document

    def _read(self, query: Mapping[str, Any], order: str) -> Iterator[Document]:
        for page in range(PAGES):
            skip = page * PAGE
            found = self._splunkd.find(TASKS, query, sort=order, limit=PAGE, skip=skip, fields=_FIELDS)
            yield from found
            if len(found) < PAGE:
                return


def _of_family(family: str) -> Mapping[str, Any]:
    return {"service": {"$gte": f"{family}:", "$lt": f"{family};"}}


def counted(count: int) -> str:
    """For people: what is read has a bound."""
    return f"{count:,}" if count < PAGE * PAGES else f"{PAGE * PAGES:,} or more"


#: What one task of a family is, and several.
_WHAT = {
    "jira": ("ticket or comment", "tickets and comments"),
    "slack": ("message", "messages"),
    "notify": ("notification", "notifications"),
    "dispatch": ("dispatch", "dispatches"),
    AWS: ("remediation", "remediations"),
}
_DISPLAY_NAMES = {
    "jira": "Jira",
    "slack": "Slack",
    "notify": "Notifier",
    "dispatch": "Dispatch target",
    AWS: "AWS",
    "es": "Enterprise Security",
}


def tasks_of(service: str, count: int = 0) -> str:
    """What so many tasks of a service are to people."""
    return _WHAT.get(service.partition(":")[0], ("task", "tasks"))[count != 1]


def late_tasks(service: str, count: int) -> str:
    """``214 messages are late``."""
    return f"{counted(count)} {tasks_of(service, count)} {'is' if count == 1 else 'are'} late"


def sanitized(name: str) -> str:
    """The name of an entry, without markup and without an end of its own, whoever has edited the .conf file."""
    return re.sub(r"[^\w.@:/#-]", "?", name)[:80]


def display_name(service: str) -> str:
    """``jira:main`` as people know it."""
    family, _, name = service.partition(":")
    title = _DISPLAY_NAMES.get(family, family)
    if name:
        return f"{title} '{sanitized(name)}'"
    return f"{title} (no usable entry on the setup page)" if service.endswith(":") else title or "the app itself"
