"""A chat or channel of Microsoft Teams behind a workflow that begins "When a Teams webhook request is received".

Source: Microsoft Learn, "Create incoming webhooks with Workflows for Microsoft Teams", "Format cards in Teams";
Adaptive Cards 1.4 (schema explorer). As the real one does, it answers 202 to whatever JSON comes with the right
signature, and posts afterwards: a card that Teams cannot show ends in ``failed``, and whoever sent it does not learn
of it.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from werkzeug.wrappers import Request, Response

from sandbox.standin import StandIn, json_response

#: Bytes of a message.
MAX_BYTES = 28 * 1024
_CARD_TYPE = "application/vnd.microsoft.card.adaptive"
_SIZES = ("Small", "Default", "Medium", "Large", "ExtraLarge")
_LOOKS: Mapping[str, tuple[str, ...]] = {
    "size": _SIZES,
    "weight": ("Lighter", "Default", "Bolder"),
    "fontType": ("Default", "Monospace"),
    "color": ("Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"),
    "spacing": ("None", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"),
    "horizontalAlignment": ("Left", "Center", "Right"),
}
_FLAGS = ("isSubtle", "wrap", "separator", "italic", "strikethrough", "underline", "highlight")
_LAYOUT = {"type", "spacing", "separator"}
_OF_CARD = {"$schema", "type", "version", "body", "actions", "fallbackText", "msteams"}
_OF_TEXT_BLOCK = _LAYOUT | {"text", "size", "weight", "fontType", "color", "isSubtle", "wrap"}
_OF_RICH_TEXT = _LAYOUT | {"inlines", "horizontalAlignment"}
_OF_RUN = {
    *("type", "text", "size", "weight", "fontType", "color", "isSubtle", "italic"),
    *("strikethrough", "underline", "highlight", "selectAction"),
}
#: What TextBlock, fact titles and values show as something else than they say; runs do not read Markdown.
_MARKDOWN = re.compile(r"(?<!\\)(\*\*?|__?|~~)\S|(?<!\\)\[[^\]]*\]\([^)]*\)|^\s*(?:[-*+]|\d+[.)])\s", re.MULTILINE)
#: What is replaced wherever it stands.
_REPLACED = re.compile(r"</?at\b|\{\{(?:DATE|TIME)\(", re.IGNORECASE)


class BadCard(Exception):
    """Teams cannot show it; says why."""


@dataclass
class Card:
    """A card as it was posted."""

    #: What people read, a line each.
    lines: list[str] = field(default_factory=list)
    #: Addresses that a click opens.
    links: list[str] = field(default_factory=list)
    #: Texts that are shown as something else than they say: markup, mentions, dates.
    live: list[str] = field(default_factory=list)
    bold: list[str] = field(default_factory=list)
    monospace: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def message(self) -> str:
        """The id at its foot."""
        found = re.search(r"message (\S+)$", self.text)
        return found[1] if found else ""


class TeamsStandIn(StandIn):
    """One workflow, at ``webhook_url``. ``cards`` are those that were posted, ``failed`` why others were not."""

    name = "teams"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.workflow, self.signature = secrets.token_hex(16), secrets.token_urlsafe(32)
        self.cards: list[Card] = []
        self.failed: list[str] = []
        #: Whether its owner has switched the workflow on.
        self.is_on = True

    @property
    def webhook_url(self) -> str:
        query = f"api-version=2016-06-01&sp={quote('/triggers/manual/run', safe='')}&sv=1.0&sig={self.signature}"
        return f"{self.url}/workflows/{self.workflow}/triggers/manual/paths/invoke?{query}"

    def routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return [("POST", "/workflows/<workflow>/triggers/manual/paths/invoke", self._trigger)]

    def call(self, function: Callable[..., Any], request: Request, arguments: dict[str, Any]) -> Response:
        response: Response = function(request, **arguments)
        return response

    def _trigger(self, request: Request, workflow: str) -> Response:
        if not secrets.compare_digest(request.args.get("sig", ""), self.signature):
            return _refusal(401, "DirectApiAuthorizationRequired", "The signature of the address is not right.")
        if workflow != self.workflow:
            return _refusal(404, "WorkflowNotFound", "The workflow could not be found.")
        if not self.is_on:
            return _refusal(404, "WorkflowTriggerIsNotEnabled", "The workflow is not enabled.")
        try:
            body = json.loads(request.get_data())
        except ValueError:
            return _refusal(400, "TriggerInputSchemaMismatch", "The body is not JSON.")
        if request.mimetype != "application/json":
            self.record_unknown(request, f"content type {request.mimetype}")
        try:
            self.cards.append(_posted(body, len(request.get_data())))
        except BadCard as why:
            self.record_unknown(request, str(why))
            self.failed.append(str(why))
        return Response("", status=202)


def _refusal(status: int, code: str, message: str) -> Response:
    return json_response({"error": {"code": code, "message": message}}, status)


def _posted(body: Any, size: int) -> Card:
    _check(size <= MAX_BYTES, f"{size} bytes are more than a message may have")
    _check(isinstance(body, dict) and set(body) == {"type", "attachments"}, "not a message with attachments")
    _check(body["type"] == "message", "not of type message")
    _check(isinstance(body["attachments"], list) and len(body["attachments"]) == 1, "not one attachment")
    (attachment,) = body["attachments"]
    _keys(attachment, {"contentType", "contentUrl", "content"}, "attachment")
    _check(attachment.get("contentType") == _CARD_TYPE, "not an Adaptive Card")
    card = attachment["content"]
    _keys(card, _OF_CARD, "card")
    _check(card.get("type") == "AdaptiveCard", "not an Adaptive Card")
    _check(re.fullmatch(r"1\.[0-5]", str(card.get("version"))) is not None, "a version that Teams does not show")
    _check(card.get("msteams", {"width": "Full"}) == {"width": "Full"}, "mentions, or what is not known here")
    _check(isinstance(card.get("body"), list) and bool(card["body"]), "no body")
    shown = Card()
    shown.live += _REPLACED.findall(card.get("fallbackText", ""))
    for element in card["body"]:
        _element(element, shown)
    return shown


def _element(element: Any, shown: Card) -> None:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind == "TextBlock":
        _keys(element, _OF_TEXT_BLOCK, kind)
        text = _text(element)
        shown.lines.append(text)
        if _MARKDOWN.search(text) or _REPLACED.search(text):
            shown.live.append(text)
    elif kind == "RichTextBlock":
        _keys(element, _OF_RICH_TEXT, kind)
        _check(isinstance(element.get("inlines"), list) and bool(element["inlines"]), "a RichTextBlock without inlines")
        shown.lines.append("".join(_run(run, shown) for run in element["inlines"]))
    else:
        raise BadCard(f"an element of type {kind}, which is not known here")


def _run(run: Any, shown: Card) -> str:
    _keys(run, _OF_RUN, "TextRun")
    _check(run.get("type") == "TextRun", "an inline that is no TextRun")
    text = _text(run)
    _check("\n" not in text, "a line break in a TextRun, which is not shown")
    if _REPLACED.search(text):
        shown.live.append(text)
    if run.get("weight") == "Bolder":
        shown.bold.append(text)
    if run.get("fontType") == "Monospace":
        shown.monospace.append(text)
    action = run.get("selectAction")
    if action is not None:
        _keys(action, {"type", "url"}, "selectAction")
        _check(action.get("type") == "Action.OpenUrl", "an action that is not known here")
        _check(urlsplit(str(action.get("url"))).scheme in ("http", "https"), "an address that is not http or https")
        shown.links.append(action["url"])
    return text


def _text(element: Mapping[str, Any]) -> str:
    text = element.get("text")
    if not isinstance(text, str) or not text:
        raise BadCard(f"a {element.get('type')} without text")
    return text


def _keys(value: Any, known: set[str], what: str) -> None:
    """An object with no key but these, whose looks are some that there are."""
    _check(isinstance(value, dict), f"a {what} that is no object")
    unknown = sorted(set(value) - known)
    _check(not unknown, f"unknown keys of a {what}: {', '.join(unknown)}")
    for name, choices in _LOOKS.items():
        _check(value.get(name, choices[0]) in choices, f"{name} of a {what} is none that there is")
    for name in _FLAGS:
        _check(isinstance(value.get(name, False), bool), f"{name} of a {what} is neither true nor false")


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadCard(otherwise)
