"""What an endpoint is, what it is given, and how it is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ..cases.keys import TaskKey
from ..engine.services import Services
from ..errors import NotPermitted, Rejected, one_line
from ..json_limits import bounded_json
from ..splunk.client import Splunkd


@dataclass(frozen=True)
class Caller:
    """Who asks: as splunkd says, never as the body does."""

    user: str
    #: The session it asks in: an alert action has one of its own in each run.
    session: str

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> Caller:
        session = request.get("session") or {}
        user, token = str(session.get("user") or ""), str(session.get("authtoken") or "")
        if not user or not token:
            raise NotPermitted("splunkd did not say who asks.", "Sign in to Splunk.")
        return cls(one_line(user), hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:20])


@dataclass(frozen=True)
class Request:
    """A request to one of the app's endpoints."""

    caller: Caller
    body: Mapping[str, Any]
    #: With the system's rights.
    splunkd: Splunkd
    services: Services
    #: With the rights of whoever asks.
    own: Splunkd

    def text(self, name: str, longest: int = 2000) -> str:
        value = self.body.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > longest:
            raise Rejected(f"{name} is not a text of at most {longest} characters.")
        return value

    def texts(self, name: str, most: int = 1000, longest: int = 200) -> list[str]:
        """A list of texts; none where it is not given. Raises Rejected for anything else."""
        value = self.body.get(name) or []
        fine = isinstance(value, list) and len(value) <= most
        if not fine or not all(isinstance(one, str) and len(one) <= longest for one in value):
            raise Rejected(f"{name} is not a list of at most {most} texts.")
        return list(value)

    def task_key(self, name: str = "task") -> str:
        """Raises Rejected for what is not the key of a task."""
        return str(TaskKey.parse(self.body.get(name)))


@dataclass(frozen=True)
class Endpoint:
    #: Below ``/cloudtrail_responder/``.
    name: str
    #: What whoever asks must have; splunkd checks it (restmap.conf is generated from this).
    capability: str
    answer: Callable[[Request], Mapping[str, Any]]
    #: The dataclass that an answer of it is made of, where pages of the console read it (ui/src/api/answers.ts).
    answers: type | None = None
    #: Whether it can be asked by GET, too, with the query for a body: it changes nothing.
    by_get: bool = False


def read_body(payload: Any, longest: int = 64_000_000) -> Mapping[str, Any]:
    """Raises Rejected for a body that is not a JSON object."""
    body = None
    if isinstance(payload, str) and len(payload) <= longest:
        try:
            body = bounded_json(payload)
        except ValueError:
            body = None
    if not isinstance(body, dict):
        raise Rejected("The body is not a JSON object.", 'Post one, as in {"task": "..."}.')
    return body


def read_query(query: Any) -> Mapping[str, Any]:
    """Of a GET. Raises Rejected for what is not a list of names and values."""
    if not isinstance(query, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in query):
        raise Rejected("The query cannot be read.")
    return {str(name): value for name, value in query}


def to_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, default=str)
