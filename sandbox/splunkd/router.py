"""Which function answers which path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Union

from .errors import ApiError
from .message import Request, Response
from .model import Feed

Answer = Union[Feed, Response]
Handler = Callable[..., Answer]


@dataclass
class Route:
    method: str
    pattern: list[str]
    handler: Handler
    #: Answered without a session (login, HEC with its own tokens).
    public: bool = False


class Router:
    """Patterns such as ``configs/conf-{file}/{stanza}``; ``{rest+}`` takes one or more segments as a list."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        #: By what a path begins with, in the order in which they were added.
        self._by_first: dict[str, list[Route]] = {}

    def add(self, methods: str, path: str, handler: Handler, public: bool = False) -> None:
        for method in methods.split():
            route = Route(method, path.split("/"), handler, public)
            assert "{" not in route.pattern[0], "the first part of a path is a name"
            self.routes.append(route)
            self._by_first.setdefault(route.pattern[0], []).append(route)

    def find(self, request: Request) -> tuple[Route, dict[str, object]]:
        """Raises ApiError 404 for a path nobody answers and 405 for a method the path does not take."""
        other_method = False
        for route in self._by_first.get(request.segments[0], []) if request.segments else []:
            values = _match(route.pattern, request.segments)
            if values is None:
                continue
            if route.method == request.method:
                return route, values
            other_method = True
        raise ApiError(405, "Method Not Allowed") if other_method else ApiError(404, "Not Found")

    def below(self, segments: Sequence[str]) -> list[str]:
        """The names that follow a path which is nobody's own, such as ``services`` or ``server``."""
        depth = len(segments)
        return sorted(
            {
                route.pattern[depth]
                for route in self.routes
                if len(route.pattern) > depth
                and route.pattern[:depth] == list(segments)
                and "{" not in route.pattern[depth]
            }
        )


def _match(pattern: list[str], segments: list[str]) -> dict[str, object] | None:
    values: dict[str, object] = {}
    for position, part in enumerate(pattern):
        if part == "{rest+}":
            values["rest"] = segments[position:]
            return values if len(segments) > position else None
        if position >= len(segments):
            return None
        prefix, brace, name = part.partition("{")
        if not brace:
            if segments[position] != part:
                return None
        elif not segments[position].startswith(prefix) or len(segments[position]) == len(prefix):
            return None
        else:
            values[name.rstrip("}")] = segments[position][len(prefix) :]
    return values if len(pattern) == len(segments) else None
