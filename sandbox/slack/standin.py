"""The Slack stand-in itself: who may come in, which method answers, and what tests can look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.faults import Fault
from sandbox.loopback import Exchange, Reply
from sandbox.slack import api, api_conversations, api_messages, api_reactions, pages, webhook
from sandbox.slack.model import SlackError
from sandbox.slack.workspace import Workspace
from sandbox.standin import json_response, reply_of

_METHODS = {
    **api.METHODS.known,
    **api_messages.METHODS.known,
    **api_conversations.METHODS.known,
    **api_reactions.METHODS.known,
}
_JSON_ARGUMENTS = ("blocks", "attachments", "metadata")


class SlackStandIn(Workspace):
    """A Slack workspace on loopback: the Web API at ``api_url`` and one incoming webhook at ``webhook_url``.

    ``db``: a file to keep the state in; without it the state dies with the object. ``scopes`` is what the bot token was
    granted; it may be changed at any time, as may ``webhook_channel``, the name of the channel the webhook posts to.
    """

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        rules: list[tuple[str, str, Callable[..., Any]]] = [
            (verb, "/api/<method>", self._web_api) for verb in ("GET", "POST")
        ]
        rules.append(("POST", "/services/<team>/<service>/<secret>", self._webhook))
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

    def _web_api(self, request: Request, method: str) -> Response:
        headers = {"x-oauth-scopes": ",".join(self.scopes)}
        known = _METHODS.get(method)
        try:
            if known is None:
                self.record_unknown(request, "no such method")
                raise SlackError("unknown_method", req_method=method)
            given = self._arguments(request, known)
            self._authenticate(request, given.pop("token", None))
            headers["x-accepted-oauth-scopes"] = ",".join(known.scopes)
            if unknown := sorted(set(given) - set(known.arguments)):
                self.record_unknown(request, f"unknown arguments: {', '.join(unknown)}")
                raise SlackError(
                    "invalid_arg_name",
                    response_metadata={"messages": [f"[ERROR] unknown argument: {one}" for one in unknown]},
                )
            if known.scopes and not set(known.scopes) & set(self.scopes):
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

    def _authenticate(self, request: Request, token: Any) -> None:
        header = request.headers.get("Authorization", "")
        given = header.removeprefix("Bearer ") if header.startswith("Bearer ") else token
        if not given:
            raise SlackError("not_authed")
        if given != self._token:
            raise SlackError("invalid_auth")


def _decoded(name: str, text: str) -> Any:
    try:
        return json.loads(text) if text else []
    except ValueError as error:
        codes: Mapping[str, str] = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
        raise SlackError(codes.get(name, "invalid_attachments")) from error
