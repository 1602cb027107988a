"""The Slack stand-in itself: who may come in, which method answers, and what tests can look at."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from io import BufferedIOBase
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.faults import Fault
from sandbox.loopback import Exchange, Reply
from sandbox.slack import (
    api,
    api_connections,
    api_conversations,
    api_messages,
    api_people,
    api_reactions,
    interactions,
    pages,
    webhook,
)
from sandbox.slack.interactions import ResponseUrls
from sandbox.slack.model import Channel, SlackError
from sandbox.slack.workspace import Workspace
from sandbox.standin import json_response, reply_of

_METHODS = {
    **api.METHODS.known,
    **api_messages.METHODS.known,
    **api_conversations.METHODS.known,
    **api_reactions.METHODS.known,
    **api_people.METHODS.known,
    **api_connections.METHODS.known,
}
_JSON_ARGUMENTS = ("blocks", "attachments", "metadata")


class SlackStandIn(Workspace):
    """A Slack workspace on loopback: the Web API at ``api_url``, one incoming webhook at ``webhook_url``, Socket Mode.

    ``db``: a file to keep the state in; without it the state dies with the object. ``scopes`` is what the bot token was
    granted; it may be changed at any time, as may ``webhook_channel``, the name of the channel the webhook posts to,
    and the people in ``users`` and ``groups``. ``click`` and ``command`` do as a person would; ``socket`` has the
    links.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._responses = ResponseUrls()

    @property
    def answers(self) -> list[interactions.Answer]:
        """What the app answered people's clicks and commands, in order."""
        return self._responses.answers

    def upgrade(self, exchange: Exchange, stream: BufferedIOBase, connection: socket.socket) -> None:
        """What becomes a link of Socket Mode."""
        self.socket.serve(exchange, stream, connection)

    def stop(self) -> None:
        self.socket.stop()
        super().stop()

    # --- as a person would ------------------------------------------------------------------------------------------

    def click(self, user: str, channel: str, ts: str, action_id: str, **how: Any) -> str:
        """Click a button; gives the id of the envelope. ``how``: as ``SocketMode.send`` takes it.

        Raises ``KeyError`` where the message has no such button, ``NobodyListens``.
        """
        return self.socket.send("interactive", self.click_payload(user, channel, ts, action_id), **how)

    def click_payload(self, user: str, channel: str, ts: str, action_id: str) -> dict[str, Any]:
        """What an app gets to see of a click. Raises ``KeyError``."""
        place = self._place(channel)
        with self.effects:
            message = self.store.message(place.id, ts)
            if message is None:
                raise KeyError(ts)
            shown = api.show(self, message)
        url = self.url + self._responses.path(user, place.id)
        return interactions.click(self.users[user], place, message, shown, action_id, url)

    def command(self, user: str, channel: str, text: str, name: str = "/responder") -> str:
        """Type a slash command; gives the id of the envelope. Raises ``KeyError``, ``NobodyListens``."""
        place = self._place(channel)
        url = self.url + self._responses.path(user, place.id)
        payload = interactions.command(self.users[user], place, name, text, url)
        return self.socket.send("slash_commands", payload, takes_payload=True)

    def _place(self, channel: str) -> Channel:
        wanted = self.channel_id(channel)
        return next(one for one in self.channels() if one.id == wanted)

    # --- serving ----------------------------------------------------------------------------------------------------

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        rules: list[tuple[str, str, Callable[..., Any]]] = [
            (verb, "/api/<method>", self._web_api) for verb in ("GET", "POST")
        ]
        rules.append(("POST", "/services/<team>/<service>/<secret>", self._webhook))
        rules.append(("POST", "/actions/<team>/<secret>", self._response_url))
        return rules + [(verb, path, self._page(function)) for verb, path, function in pages.routes.rules]

    def call(self, function: Callable[..., Any], request: Request, arguments: dict[str, Any]) -> Response:
        response: Response = function(request, **arguments)
        return response

    def fault_reply(self, exchange: Exchange, fault: Fault) -> Reply:
        if fault.body or not exchange.path.startswith("/api/"):
            return super().fault_reply(exchange, fault)
        code = "ratelimited" if fault.status == 429 else "internal_error"
        return reply_of(json_response({"ok": False, "error": code}, fault.status, fault.headers))

    def _page(self, function: Callable[..., Response]) -> Callable[..., Response]:
        return lambda request, **arguments: function(self, **arguments)

    def _webhook(self, request: Request, team: str, service: str, secret: str) -> Response:
        return webhook.receive(self, request, team, service, secret, lambda why: self.record_unknown(request, why))

    def _response_url(self, request: Request, team: str, secret: str) -> Response:
        return self._responses.receive(request, secret)

    def _web_api(self, request: Request, method: str) -> Response:
        headers = {"x-oauth-scopes": ",".join(self.scopes)}
        known = _METHODS.get(method)
        try:
            if known is None:
                self.record_unknown(request, "no such method")
                raise SlackError("unknown_method", req_method=method)
            given = self._arguments(request, known)
            self._authenticate(request, given.pop("token", None), known)
            headers["x-accepted-oauth-scopes"] = ",".join(known.scopes)
            if unknown := sorted(set(given) - set(known.arguments)):
                self.record_unknown(request, f"unknown arguments: {', '.join(unknown)}")
                raise SlackError(
                    "invalid_arg_name",
                    response_metadata={"messages": [f"[ERROR] unknown argument: {one}" for one in unknown]},
                )
            if known.scopes and not known.of_app and not set(known.scopes) & set(self.scopes):
                raise self.missing_scope(known.scopes[0])
            return json_response({"ok": True, **known.run(self, given)}, headers=headers)
        except SlackError as error:
            if error.code in ("not_authed", "invalid_auth"):
                headers = {}
            return json_response({"ok": False, "error": error.code, **error.extra}, headers=headers)

    def _arguments(self, request: Request, method: api.Method) -> dict[str, Any]:
        given: dict[str, Any] = dict(request.args.items())
        if request.mimetype == "application/json":
            body = request.get_json(silent=True)
            if body is None and request.get_data():
                raise SlackError("invalid_json")
            if body is not None and not isinstance(body, dict):
                raise SlackError("json_not_object")
            if body and not method.takes_json:
                self.record_unknown(request, "this method takes no JSON body, only form data or a query string")
                raise SlackError("invalid_post_type")
            given |= body or {}
        else:
            given |= dict(request.form.items())
            for name in set(_JSON_ARGUMENTS) & set(given):
                given[name] = _decoded(name, given[name])
        return {name: value for name, value in given.items() if value is not None}

    def _authenticate(self, request: Request, token: Any, method: api.Method) -> None:
        header = request.headers.get("Authorization", "")
        given = header.removeprefix("Bearer ") if header.startswith("Bearer ") else token
        if not given:
            raise SlackError("not_authed")
        if given not in (self._token, self._app_token):
            raise SlackError("invalid_auth")
        if (given == self._app_token) != method.of_app:
            raise SlackError("not_allowed_token_type")


def _decoded(name: str, text: str) -> Any:
    try:
        return json.loads(text) if text else []
    except ValueError as error:
        codes: Mapping[str, str] = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
        raise SlackError(codes.get(name, "invalid_attachments")) from error
