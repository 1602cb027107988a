"""Faults on purpose: rules that make a stand-in misbehave the way real services do.

The kinds differ in one thing that matters to a client: whether the effect happened before the answer went missing.

=============== =============== ==================================================================
kind            effect happens  what the client sees
=============== =============== ==================================================================
status          no              the given status, body and headers
status_after    yes             the same: the true answer is lost, another one comes in its place
rate_limit      no              429, with ``Retry-After`` when ``retry_after`` is given
reset           no              the connection is reset (RST)
timeout         no              nothing, until ``seconds`` are over; then the connection closes
latency         yes             the real answer, ``seconds`` late
reset_after     yes             the connection is reset: the answer is lost
timeout_after   yes             nothing, until ``seconds`` are over: the answer is lost
=============== =============== ==================================================================
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

CONTROL_PATH = "/_sandbox/faults"
KINDS = ("status", "status_after", "rate_limit", "reset", "timeout", "latency", "reset_after", "timeout_after")
_SECONDS = {"timeout": 60.0, "timeout_after": 60.0, "latency": 1.0}


@dataclass(frozen=True)
class Fault:
    """What to do to one request.

    ``seconds``: how late (latency) or how long to hold the connection (timeouts). ``status``, ``body`` and ``headers``
    belong to the kinds ``status``, ``status_after`` and ``rate_limit``.
    """

    kind: str
    status: int = 503
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def effect_first(self) -> bool:
        """Whether the request is carried out before (or in spite of) the fault."""
        return self.kind in ("latency", "status_after", "reset_after", "timeout_after")

    @property
    def answers(self) -> bool:
        """Whether the client gets ``status``, ``body`` and ``headers`` of the fault."""
        return self.kind in ("status", "status_after", "rate_limit")


@dataclass
class _Rule:
    id: str
    method: str
    path: str
    fault: Fault
    left: int | None
    skip: int
    fired: int = 0

    def matches(self, method: str, path: str) -> bool:
        return self.method in ("*", method.upper()) and re.search(self.path, path) is not None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "method": self.method,
            "path": self.path,
            "left": self.left,
            "skip": self.skip,
            "fired": self.fired,
            **asdict(self.fault),
        }


class Faults:
    """The rules of one stand-in. Safe to use from any thread; a rule's count is spent by exactly that many requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []
        self._ids = itertools.count(1)

    def add(
        self,
        kind: str,
        *,
        method: str = "*",
        path: str = ".*",
        status: int = 503,
        body: str | Mapping[str, Any] | list[Any] = "",
        headers: Mapping[str, str] | None = None,
        retry_after: int | str | None = None,
        seconds: float | None = None,
        count: int | None = 1,
        skip: int = 0,
    ) -> str:
        """Add a rule and give back its id.

        ``path`` is a regular expression searched in the request's path. ``count``: how many requests it hits (``None``:
        until it is removed) after leaving the first ``skip`` matching ones alone. A ``body`` that is not a string is
        sent as JSON. Raises ``ValueError`` for a rule that could never work.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown kind of fault {kind!r}; known: {', '.join(KINDS)}")
        if (count is not None and count < 1) or skip < 0:
            raise ValueError("count must be at least 1 (or null for ever) and skip at least 0")
        if not 200 <= status <= 599:
            raise ValueError(f"status {status} is not an HTTP status")
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}") from error
        fault = _fault(kind, status, body, headers, retry_after, seconds)
        with self._lock:
            rule = _Rule(str(next(self._ids)), method.upper(), path, fault, count, skip)
            self._rules.append(rule)
        return rule.id

    def take(self, method: str, path: str) -> Fault | None:
        """The fault this request meets, if any. The first rule that matches and is not spent is used up by one."""
        with self._lock:
            for rule in self._rules:
                if rule.left == 0 or not rule.matches(method, path):
                    continue
                if rule.skip:
                    rule.skip -= 1
                    continue
                if rule.left is not None:
                    rule.left -= 1
                rule.fired += 1
                return rule.fault
        return None

    def fired(self, rule_id: str) -> int:
        """How many requests the rule has hit. Raises ``KeyError`` for an unknown id."""
        with self._lock:
            for rule in self._rules:
                if rule.id == rule_id:
                    return rule.fired
        raise KeyError(rule_id)

    def clear(self, rule_id: str | None = None) -> int:
        """Remove one rule, or all of them; give back how many were removed."""
        with self._lock:
            before = len(self._rules)
            self._rules = [rule for rule in self._rules if rule_id is not None and rule.id != rule_id]
            return before - len(self._rules)

    def rules(self) -> list[dict[str, Any]]:
        """The rules as plain data, spent ones included (their ``left`` is 0)."""
        with self._lock:
            return [rule.as_json() for rule in self._rules]

    def serve(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer a request to ``/_sandbox/faults[/ID]``: GET lists, POST adds one rule or a list, DELETE removes.

        Gives (HTTP status, JSON body), so that any server can offer it.
        """
        rule_id = path[len(CONTROL_PATH) :].strip("/")
        if method == "GET" and not rule_id:
            return 200, {"rules": self.rules()}
        if method == "DELETE":
            removed = self.clear(rule_id or None)
            return (404, {"error": f"no rule {rule_id}"}) if rule_id and not removed else (200, {"removed": removed})
        if method == "POST" and not rule_id:
            return self._add_json(body)
        return 405, {"error": f"{method} is not known here; use GET, POST or DELETE on {CONTROL_PATH}"}

    def _add_json(self, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            wanted = json.loads(body)
            rules = wanted if isinstance(wanted, list) else [wanted]
            return 201, {"ids": [self.add(**rule) for rule in rules]}
        except (ValueError, TypeError) as error:
            return 400, {"error": str(error)}


def _fault(
    kind: str,
    status: int,
    body: Any,
    headers: Mapping[str, str] | None,
    retry_after: int | str | None,
    seconds: float | None,
) -> Fault:
    sent = dict(headers or {})
    if not isinstance(body, str):
        body = json.dumps(body)
        sent.setdefault("Content-Type", "application/json")
    if kind == "rate_limit":
        status = 429
    if retry_after is not None:
        sent["Retry-After"] = str(retry_after)
    return Fault(kind, status, body, sent, _SECONDS.get(kind, 0.0) if seconds is None else seconds)
