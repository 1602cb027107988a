"""One request and one answer, as the endpoints see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus

from .access import Identity
from .errors import ApiError, bad_argument, not_authenticated

Pairs = list[tuple[str, str]]
#: Arguments that every endpoint takes and that are none of the object's own.
COMMON = frozenset(
    {
        "output_mode",
        "_",
        "count",
        "offset",
        "search",
        "sort_key",
        "sort_dir",
        "sort_mode",
        "f",
        "summarize",
        "listDefaultActionArgs",
        "add_orphan_field",
    }
)


@dataclass
class Request:
    """A request after authentication. ``segments`` is the path inside the namespace, each segment decoded."""

    method: str
    path: str
    segments: list[str]
    #: Namespace of ``/servicesNS/<owner>/<app>``; ``None`` for ``/services``.
    ns: tuple[str, str] | None
    query: Pairs
    headers: dict[str, str]
    body: bytes
    user: Identity | None
    origin: str
    client: str = "127.0.0.1"
    form: Pairs = field(default_factory=list)
    #: For streamed bodies without a length: reads until the client closes.
    read_stream: Callable[[], bytes] | None = None

    def __post_init__(self) -> None:
        kind = self.headers.get("content-type", "")
        if self.body and (not kind or "x-www-form-urlencoded" in kind):
            self.form = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def identity(self) -> Identity:
        if self.user is None:
            raise not_authenticated()
        return self.user

    @property
    def owner(self) -> str:
        return self.ns[0] if self.ns else "nobody"

    @property
    def app(self) -> str:
        """The app of the namespace; ``-`` for all. Without a namespace the user's default app is meant."""
        return self.ns[1] if self.ns else "search"

    @property
    def output_mode(self) -> str:
        return self.arg("output_mode") or "xml"

    @property
    def args(self) -> dict[str, list[str]]:
        """Arguments of query string and form body together."""
        merged: dict[str, list[str]] = {}
        for name, value in [*self.query, *self.form]:
            merged.setdefault(name, []).append(value)
        return merged

    @property
    def own_args(self) -> dict[str, list[str]]:
        """The arguments that belong to the object: in a form, ``search`` or ``count`` are fields like others."""
        merged: dict[str, list[str]] = {}
        own = [pair for pair in self.query if pair[0] not in COMMON]
        for name, value in own + [pair for pair in self.form if pair[0] not in ("output_mode", "_")]:
            merged.setdefault(name, []).append(value)
        return merged

    def arg(self, name: str, default: str = "") -> str:
        for key, value in reversed([*self.query, *self.form]):
            if key == name:
                return value
        return default

    def required(self, name: str) -> str:
        value = self.arg(name)
        if not value:
            raise ApiError(400, f"The following required arguments are missing: {name}.")
        return value

    def number(self, name: str, default: int) -> int:
        value = self.arg(name)
        if not value:
            return default
        try:
            return int(value)
        except ValueError:
            raise ApiError(400, f"Invalid value '{value}' for argument '{name}': an integer is expected.") from None

    def fields(self, allowed: set[str] | None = None) -> dict[str, str]:
        """The object's own arguments. With ``allowed``, any other is refused as splunkd's typed handlers do."""
        values = {name: items[-1] for name, items in self.own_args.items() if name != "name"}
        for name in values:
            if allowed is not None and name not in allowed:
                raise bad_argument(name)
        return values

    def json(self) -> Any:
        return parse_json(self.body)

    def link(self, *segments: str) -> str:
        """A link inside the request's namespace."""
        base = f"/servicesNS/{self.ns[0]}/{self.ns[1]}" if self.ns else "/services"
        return base + "".join("/" + quoted(segment) for segment in segments)


def parse_json(text: str | bytes) -> Any:
    """Raises ApiError 400, also for ``NaN`` and ``Infinity``, which Python's parser would take."""
    try:
        return json.loads(text, parse_constant=_no_json)
    except ValueError as error:
        raise ApiError(400, f"JSON in the request is invalid. ( JSON parse error: {error} )") from None


def _no_json(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


@dataclass
class Response:
    """A finished answer."""

    status: int = 200
    body: bytes | str = b""
    content_type: str = "text/xml; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


def json_response(value: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(value), "application/json; charset=UTF-8")


def quoted(segment: str) -> str:
    """A name in a link. A slash is encoded twice, so that clients which decode a link once still have one segment."""
    return quote(segment.replace("/", "%2F"), safe="")


def split_path(raw: str) -> tuple[tuple[str, str] | None, list[str] | None]:
    """Namespace and segments of a path as sent; segments are ``None`` outside the management API.

    A plus is a blank, as splunk-sdk sends it.
    """
    parts = [unquote_plus(part).replace("%2F", "/") for part in raw.split("/") if part]
    if parts[:1] == ["services"]:
        return None, parts[1:]
    if parts[:1] == ["servicesNS"] and len(parts) >= 3:
        owner = "nobody" if parts[1].lower() == "nobody" else parts[1]
        return (owner, parts[2]), parts[3:]
    return None, None
