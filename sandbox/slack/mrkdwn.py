"""Slack's mrkdwn: what is live in it (mentions, links), its words, and as HTML.

Source: Slack's "Formatting text for app surfaces". Only ``&``, ``<`` and ``>`` are control characters; a sender who did
not escape them let others write mentions and links.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup, escape

from sandbox.slack.model import USERS, Message

_CONTROL = re.compile(r"<([^<>\n]+)>")
_PIECE = re.compile(
    r"```(?P<pre>.+?)```|`(?P<code>[^`\n]+)`|<(?P<control>[^<>\n]+)>"
    r"|(?<!\w)\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?!\w)"
    r"|(?<!\w)_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?!\w)"
    r"|(?<!\w)~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?!\w)",
    re.DOTALL,
)
_NAMED = re.compile(r"(?<![\w.])@(channel|here|everyone|" + "|".join(name for name, _ in USERS.values()) + r")\b")


def live(message: Message) -> list[str]:
    """Everything in a message that reaches or leads people: ``<!channel>``, ``<@U…>``, ``<url|label>``, as written."""
    found = [match.group(0) for text in _marked_up(message) for match in _CONTROL.finditer(text)]
    for element in _elements(message.blocks):
        if element.get("type") == "broadcast":
            found.append(f"<!{element.get('range')}>")
        elif element.get("type") == "user":
            found.append(f"<@{element.get('user_id')}>")
        elif element.get("type") == "usergroup":
            found.append(f"<!subteam^{element.get('usergroup_id')}>")
        elif element.get("type") == "link":
            found.append(f"<{element.get('url')}|{element.get('text', '')}>")
    if message.link_names:
        found += [match.group(0) for match in _NAMED.finditer(message.text)]
    return found


def mentions(message: Message) -> list[str]:
    """The part of ``live`` that notifies people."""
    return [
        one for one in live(message) if one.startswith(("<!channel", "<!here", "<!everyone", "<!subteam", "<@", "@"))
    ]


def visible_text(message: Message) -> str:
    """What a person reads: the blocks' words, or the text where there are none; entities decoded."""
    if not message.blocks:
        return html.unescape(message.text)
    parts = []
    for element in _elements(message.blocks):
        text = element.get("text")
        if isinstance(text, str) and element.get("type") in ("mrkdwn", "plain_text", "text", "link"):
            parts.append(html.unescape(text) if element["type"] == "mrkdwn" else text)
    return "\n".join(parts)


def _marked_up(message: Message) -> Iterator[str]:
    yield message.text
    for element in _elements(message.blocks):
        if element.get("type") == "mrkdwn":
            yield str(element.get("text", ""))
    for attachment in message.attachments:
        yield from (str(value) for value in attachment.values() if isinstance(value, str))


def _elements(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _elements(one)
    elif isinstance(value, list):
        for one in value:
            yield from _elements(one)


# --- HTML ------------------------------------------------------------------------------------------------------------


def to_html(text: str, formatted: bool = True) -> Markup:
    """mrkdwn as HTML. Control sequences are live whether or not formatting is on."""
    out, at = Markup(""), 0
    pattern = _PIECE if formatted else re.compile(r"<(?P<control>[^<>\n]+)>")
    for match in pattern.finditer(text):
        out += _plain(text[at : match.start()]) + _piece(match.groupdict())
        at = match.end()
    return out + _plain(text[at:])


def _plain(text: str) -> Markup:
    # Quotes cannot hold markup of their own here, so it is enough to mark the line.
    lines = [
        Markup('<span class="quote">{}</span>').format(html.unescape(line[4:].lstrip()))
        if line.startswith("&gt;")
        else escape(html.unescape(line))
        for line in text.split("\n")
    ]
    return Markup("<br>").join(lines)


def _piece(found: Mapping[str, Any]) -> Markup:
    if found["control"] is not None:
        return _control(found["control"])
    if found["pre"] is not None:
        return Markup("<pre>{}</pre>").format(html.unescape(found["pre"].strip("\n")))
    if found["code"] is not None:
        return Markup("<code>{}</code>").format(html.unescape(found["code"]))
    for name, tag in (("bold", "strong"), ("italic", "em"), ("strike", "s")):
        if found[name] is not None:
            return Markup(f"<{tag}>") + to_html(found[name]) + Markup(f"</{tag}>")
    return Markup("")


def _control(inside: str) -> Markup:
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        return Markup("<time>{}</time>").format(html.unescape(label or target))
    if target.startswith("!"):
        return Markup('<span class="broadcast">@{}</span>').format(label or target[1:].replace("subteam^", "group "))
    if target.startswith("@"):
        return Markup('<span class="broadcast">@{}</span>').format(USERS.get(target[1:], (target[1:],))[-1])
    if target.startswith("#"):
        return Markup('<span class="channel">#{}</span>').format(label or target[1:])
    return link(html.unescape(target), html.unescape(label or target))


def link(target: str, label: str) -> Markup:
    if not target.lower().startswith(("http://", "https://", "mailto:")):
        return escape(label)
    return Markup('<a href="{0}" title="{0}" rel="noreferrer">{1}</a>').format(target, label)
