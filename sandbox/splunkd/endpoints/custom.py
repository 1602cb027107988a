"""Endpoints that installed apps bring: restmap.conf ``[script:*]``, ``[admin:*]`` with ``[admin_external:*]``.

Source: restmap.conf specification; developer guide, "Custom REST endpoints", for what a persistent handler receives.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..confs import parse_bool
from ..errors import ApiError, not_authenticated
from ..instance import Instance
from ..message import Request, Response
from ..model import Entry, Feed, one
from ..restmap import Endpoint, parse_list
from ..router import Answer


class CustomEndpoints:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def answer(self, request: Request, endpoint: Endpoint) -> Answer:
        values = endpoint.stanza.values
        if endpoint.member:
            _ = request.identity
            self._check(request, endpoint.group.values if endpoint.group else {})
            return self._admin(request, endpoint)
        if parse_bool(values.get("requireAuthentication", "true")):
            if request.user is None:
                raise not_authenticated()
            self._check(request, values)
        kind = values.get("scripttype") or "python"
        if kind == "python":
            return self._plain(request, endpoint)
        if kind != "persist":
            raise ApiError(501, f"[{endpoint.stanza.name}]: the sandbox runs scripttype = persist and python only.")
        return self._persistent(request, endpoint)

    def _check(self, request: Request, values: dict[str, str]) -> None:
        for key in ("capability", f"capability.{request.method.lower()}"):
            if values.get(key):
                request.identity.require(values[key])

    # --- admin_external -------------------------------------------------------------------------------------------

    def _admin(self, request: Request, endpoint: Endpoint) -> Answer:
        name, action = _action(request, endpoint)
        allowed = parse_list(endpoint.stanza.values.get("handleractions", ""))
        if action not in allowed and action not in parse_list(endpoint.stanza.values.get("customActions", "")):
            raise ApiError(
                405,
                f"Invalid action for this internal handler (handler: {endpoint.member}, "
                f"supported: {'|'.join(allowed)}, wanted: {action}).",
            )
        host = self._host()
        args = request.own_args
        if action == "create":
            name = request.required("name")
        args.pop("name", None)
        status, result = host.admin(
            endpoint.stanza.app, endpoint.member, action, name, args, request.identity.token, request.identity.user
        )
        if status >= 400 or isinstance(result, str):
            raise ApiError(status if status >= 400 else 500, str(result))
        collection = request.segments[: len(request.segments) - len(endpoint.rest)]
        entries = [self._own(entry, endpoint.stanza.app) for entry in result]
        if action == "list" and name is None:
            return Feed(collection, entries)
        if len(entries) == 1:
            return one(collection, entries[0], 201 if action == "create" else status)
        return Feed(collection, entries, 201 if action == "create" else status, whole=len(entries))

    def _own(self, entry: Entry, app: str) -> Entry:
        if entry.acl.app != "system":
            return entry
        return replace(entry, acl=replace(entry.acl, app=app, removable=True))

    # --- persistent -------------------------------------------------------------------------------------------------

    def _persistent(self, request: Request, endpoint: Endpoint) -> Response:
        values = endpoint.stanza.values
        handed_over = self._handed_over(request, endpoint)
        handed_over["form"] = [list(pair) for pair in request.form]
        if values.get("passPayload") == "base64":
            handed_over["payload_base64"] = base64.b64encode(request.body).decode()
        elif parse_bool(values.get("passPayload", "false")):
            handed_over["payload"] = request.body.decode("utf-8", "replace")
        if parse_bool(values.get("passHttpHeaders", "false")):
            handed_over["headers"] = [list(pair) for pair in request.headers.items()]
        if parse_bool(values.get("passSystemAuth", "false")):
            handed_over["system_authtoken"] = self.instance.system_token
        answer = self._host().persistent(endpoint.stanza.app, {"name": endpoint.stanza.name, **values}, handed_over)
        return self._response(*answer)

    def _plain(self, request: Request, endpoint: Endpoint) -> Response:
        """A handler of old: it gets form, payload and headers without having asked for them."""
        handed_over = {
            **self._handed_over(request, endpoint),
            "form": [list(pair) for pair in request.form],
            "payload": request.body.decode("utf-8", "replace"),
            "headers": [list(pair) for pair in request.headers.items()],
        }
        return self._response(*self._host().script(endpoint.stanza.app, endpoint.stanza.values, handed_over))

    def _response(self, status: int, headers: Mapping[str, str], body: bytes) -> Response:
        framing = ("content-type", "content-length", "connection")
        more = {name: value for name, value in headers.items() if name.lower() not in framing}
        kind = next(
            (value for name, value in headers.items() if name.lower() == "content-type"),
            "application/json; charset=UTF-8",
        )
        return Response(status, body, kind, more)

    def _handed_over(self, request: Request, endpoint: Endpoint) -> dict[str, Any]:
        user = request.user
        return {
            "output_mode": request.output_mode,
            "output_mode_explicit": bool(request.arg("output_mode")),
            "server": {
                "rest_uri": self.instance.uri,
                "hostname": self.instance.name,
                "servername": self.instance.name,
                "guid": self.instance.guid,
            },
            "restmap": {"name": endpoint.stanza.name, "conf": dict(endpoint.stanza.values)},
            "path_info": "/".join(endpoint.rest),
            "rest_path": "/" + "/".join(request.segments),
            "connection": {
                "src_ip": request.client,
                "ssl": self.instance.tls is not None,
                "listening_port": self.instance.port,
            },
            "session": {"user": user.user, "authtoken": user.token, "tz": "UTC"} if user else {},
            "query": [list(pair) for pair in request.query],
            "method": request.method,
            "ns": {"user": request.ns[0], "app": request.ns[1]} if request.ns else {},
        }

    def _host(self) -> Any:
        if self.instance.handlers is None:
            raise ApiError(503, "No handler host is attached: this sandbox runs no app's REST handlers.")
        return self.instance.handlers


def _action(request: Request, endpoint: Endpoint) -> tuple[str | None, str]:
    """The object's name and what is to be done with it."""
    rest = endpoint.rest
    if not rest:
        return None, {"GET": "list", "POST": "create"}.get(request.method, request.method.lower())
    if rest[0] == "_reload":
        return None, "reload"
    if len(rest) == 1:
        return rest[0], {"GET": "list", "POST": "edit", "DELETE": "remove"}.get(request.method, request.method.lower())
    if len(rest) == 2:
        return rest[0], {"_acl": "list", "acl": "list"}.get(rest[1], rest[1])
    raise ApiError(404, "Not Found")
