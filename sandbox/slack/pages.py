"""A page that shows the channels as a person would see them; what reaches people is highlighted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from sandbox.slack import mrkdwn
from sandbox.slack.model import BOT_USER_ID, USERS, Message
from sandbox.slack.workspace import Workspace
from sandbox.standin import Routes

routes = Routes()
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'none'; base-uri 'none'; form-action 'none'"
# Shown as characters that every font has; other reactions by name.
_EMOJI = {"white_check_mark": "\u2714", "x": "\u2716", "+1": "+1", "-1": "-1"}

#: Few fonts have these.
_CIRCLES = {"\U0001f534": "#d72b3f", "\U0001f7e0": "#ff9000", "\U0001f7e1": "#ffc700", "\U0001f535": "#1d9bd1"}


def _text(value: Mapping[str, Any]) -> Markup:
    """A text object."""
    text = str(value.get("text", ""))
    html = mrkdwn.to_html(text) if value.get("type") == "mrkdwn" else Markup("<br>").join(escape(text).split("\n"))
    for circle, color in _CIRCLES.items():
        html = html.replace(Markup(circle), Markup('<span style="color: {}">\u25cf</span>').format(color))
    return html


def _rich(element: Mapping[str, Any]) -> Markup:
    kind, style = str(element.get("type")), element.get("style", {})
    if kind.startswith("rich_text_"):
        inner = Markup("").join(_rich(one) for one in element.get("elements", []))
        tags = {"rich_text_preformatted": "pre", "rich_text_quote": "blockquote", "rich_text_section": "div"}
        if kind == "rich_text_list":
            inner = Markup("").join(Markup("<li>{}</li>").format(_rich(one)) for one in element.get("elements", []))
            tags[kind] = "ol" if style == "ordered" else "ul"
        return Markup(f"<{tags[kind]}>") + inner + Markup(f"</{tags[kind]}>")
    if kind == "link":
        html = mrkdwn.link(str(element["url"]), str(element.get("text") or element["url"]))
    elif kind == "broadcast":
        html = Markup('<span class="broadcast">@{}</span>').format(element["range"])
    elif kind in ("user", "usergroup"):
        name = element.get("user_id") or element.get("usergroup_id")
        html = Markup('<span class="broadcast">@{}</span>').format(USERS.get(str(name), (name,))[-1])
    elif kind == "channel":
        html = Markup('<span class="channel">#{}</span>').format(element["channel_id"])
    elif kind == "emoji":
        html = escape(_EMOJI.get(str(element["name"]), f":{element['name']}:"))
    else:
        html = Markup("<br>").join(escape(str(element.get("text") or element.get("fallback") or "")).split("\n"))
    for name, tag in (("bold", "strong"), ("italic", "em"), ("strike", "s"), ("code", "code")):
        if style.get(name):
            html = Markup(f"<{tag}>") + html + Markup(f"</{tag}>")
    return html


def _when(ts: str) -> str:
    return datetime.fromtimestamp(float(ts), timezone.utc).strftime("%H:%M:%S")


def _plain(message: Message) -> Markup:
    return mrkdwn.to_html(message.text, message.mrkdwn)


_templates = Environment(loader=PackageLoader("sandbox.slack"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
_templates.filters.update(
    text=_text,
    rich=_rich,
    when=_when,
    plain=_plain,
    mentions=mrkdwn.mentions,
    emoji=lambda name: _EMOJI.get(name, f":{name}:"),
)


def _sender(message: Message) -> str:
    return message.username or USERS[BOT_USER_ID][1]


_templates.filters["sender"] = _sender


@routes("GET", "/")
def overview(workspace: Workspace) -> Response:
    """Every channel that has messages, and the names of the others."""
    return _workspace(workspace, [channel.id for channel in workspace.channels()])


@routes("GET", "/archives/<channel>", "/archives/<channel>/<anchor>")
def archive(workspace: Workspace, channel: str, anchor: str = "") -> Response:
    return _workspace(workspace, [channel], anchor)


def _workspace(workspace: Workspace, wanted: list[str], anchor: str = "") -> Response:
    rooms = []
    for channel in workspace.channels():
        messages = workspace.store.messages(channel.id)
        if channel.id in wanted:
            threads = [
                (message, [reply for reply in messages if reply.thread_ts == message.ts])
                for message in messages
                if not message.thread_ts
            ]
            rooms.append((channel, threads))
    html = _templates.get_template("workspace.html").render(
        workspace=workspace, channels=workspace.channels(), rooms=rooms, anchor=anchor
    )
    return Response(
        html, status=200 if rooms else 404, mimetype="text/html", headers={"Content-Security-Policy": _POLICY}
    )


@routes("GET", "/favicon.ico")
def icon(workspace: Workspace) -> Response:
    return Response(status=204)
