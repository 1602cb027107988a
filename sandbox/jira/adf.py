"""Atlassian Document Format: the subset that ticket writers use, checked strictly, and turned into HTML, text and back.

Source: developer.atlassian.com, "Atlassian Document Format". A node or mark outside the subset is refused, so that
nothing is shown in another way than Jira would.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from markupsafe import Markup, escape

from sandbox.jira.model import java_length

_INLINE = ("text", "hardBreak", "mention", "emoji", "inlineCard", "status", "date")
_LISTS = ("bulletList", "orderedList")
_CELL = ("paragraph", "panel", "blockquote", *_LISTS, "rule", "heading", "codeBlock")
_TOP = ("paragraph", "heading", *_LISTS, "codeBlock", "blockquote", "rule", "panel", "table", "expand")
_EXPAND = ("paragraph", "heading", *_LISTS, "codeBlock", "blockquote", "rule", "panel", "table")
_PANELS = ("info", "note", "tip", "warning", "error", "success")
_COLORS = ("neutral", "purple", "blue", "red", "yellow", "green")
_SIMPLE_MARKS = ("strong", "em", "strike", "underline", "code")


class InvalidAdf(ValueError):
    """Not a document; the message says where and why."""


@dataclass(frozen=True)
class _Node:
    content: tuple[str, ...] = ()
    at_least: int = 0
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_NODES: Mapping[str, _Node] = {
    "doc": _Node(_TOP),
    "paragraph": _Node(_INLINE),
    "heading": _Node(_INLINE, required=("level",)),
    "bulletList": _Node(("listItem",), 1),
    "orderedList": _Node(("listItem",), 1, optional=("order",)),
    "listItem": _Node(("paragraph", *_LISTS, "codeBlock"), 1),
    "codeBlock": _Node(("text",), optional=("language",)),
    "blockquote": _Node(("paragraph", *_LISTS, "codeBlock"), 1),
    "rule": _Node(),
    "panel": _Node(("paragraph", "heading", *_LISTS, "codeBlock", "rule"), 1, required=("panelType",)),
    "table": _Node(("tableRow",), 1, optional=("isNumberColumnEnabled", "layout", "width", "displayMode")),
    "tableRow": _Node(("tableHeader", "tableCell")),
    "tableHeader": _Node(_CELL, 1, optional=("colspan", "rowspan", "colwidth", "background")),
    "tableCell": _Node(_CELL, 1, optional=("colspan", "rowspan", "colwidth", "background")),
    "expand": _Node(_EXPAND, 1, optional=("title",)),
    "hardBreak": _Node(optional=("text",)),
    "mention": _Node(required=("id",), optional=("text", "userType", "accessLevel")),
    "emoji": _Node(required=("shortName",), optional=("id", "text")),
    "inlineCard": _Node(required=("url",)),
    "status": _Node(required=("text", "color"), optional=("style", "localId")),
    "date": _Node(required=("timestamp",)),
}


def validate(document: Any) -> None:
    """Raise ``InvalidAdf`` unless ``document`` is a version 1 document of the subset."""
    if not isinstance(document, dict) or document.get("type") != "doc":
        raise InvalidAdf("not an object of type doc")
    if document.get("version") != 1 or isinstance(document.get("version"), bool):
        raise InvalidAdf("version must be 1")
    if set(document) - {"type", "version", "content"} or not isinstance(document.get("content"), list):
        raise InvalidAdf("a doc has type, version and content")
    _children(document, "doc", "doc")


def _node(node: Any, where: str, in_code: bool) -> None:
    if not isinstance(node, dict):
        raise InvalidAdf(f"{where}: not an object")
    kind = node.get("type")
    if kind == "text":
        _text(node, where, in_code)
        return
    spec = _NODES.get(str(kind))
    if spec is None:
        raise InvalidAdf(f"{where}: unknown node {kind!r}")
    where = f"{where}/{kind}"
    if extra := set(node) - {"type", "attrs", "content"}:
        raise InvalidAdf(f"{where}: {', '.join(sorted(extra))} not allowed")
    _attributes(node, spec, where)
    _children(node, str(kind), where)


def _attributes(node: Mapping[str, Any], spec: _Node, where: str) -> None:
    attrs = node.get("attrs", {})
    if not isinstance(attrs, dict) or set(attrs) - {*spec.required, *spec.optional}:
        raise InvalidAdf(f"{where}: attribute not known")
    if "attrs" in node and not (spec.required or spec.optional):
        raise InvalidAdf(f"{where}: takes no attributes")
    for name in spec.required:
        value = attrs.get(name)
        if name == "level":
            good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 6
        elif name == "panelType":
            good = value in _PANELS
        elif name == "color":
            good = value in _COLORS
        else:
            # An empty id of a mention and an empty shortName are allowed by the published schema; a text is not.
            good = isinstance(value, str) and (value != "" or name in ("id", "shortName", "url"))
        if not good:
            raise InvalidAdf(f"{where}: attribute {name} is missing or wrong")


def _children(node: Mapping[str, Any], kind: str, where: str) -> None:
    spec = _NODES[kind]
    if "content" not in node:
        if spec.at_least or kind == "tableRow":
            raise InvalidAdf(f"{where}: content is missing")
        return
    content = node["content"]
    if not isinstance(content, list) or not spec.content:
        raise InvalidAdf(f"{where}: content is not allowed here")
    if len(content) < spec.at_least:
        raise InvalidAdf(f"{where}: needs at least {spec.at_least} child")
    for index, child in enumerate(content):
        child_kind = child.get("type") if isinstance(child, dict) else None
        if child_kind not in spec.content:
            raise InvalidAdf(f"{where}[{index}]: {child_kind!r} is not allowed in a {kind}")
        _node(child, f"{where}[{index}]", kind == "codeBlock")


def _text(node: Mapping[str, Any], where: str, in_code: bool) -> None:
    if not isinstance(node.get("text"), str) or not node["text"]:
        raise InvalidAdf(f"{where}: a text node must not be empty")
    if set(node) - {"type", "text", "marks"}:
        raise InvalidAdf(f"{where}: a text has text and marks only")
    marks = node.get("marks", [])
    if not isinstance(marks, list) or (in_code and marks):
        raise InvalidAdf(f"{where}: marks are not allowed here")
    names = [_mark(mark, where) for mark in marks]
    if "code" in names and set(names) - {"code", "link"}:
        raise InvalidAdf(f"{where}: code goes with no other mark than a link")


def _mark(mark: Any, where: str) -> str:
    if not isinstance(mark, dict):
        raise InvalidAdf(f"{where}: a mark is an object")
    kind, attrs = mark.get("type"), mark.get("attrs")
    if kind in _SIMPLE_MARKS and set(mark) == {"type"}:
        return str(kind)
    if set(mark) == {"type", "attrs"} and isinstance(attrs, dict):
        if kind == "link" and isinstance(attrs.get("href"), str) and not set(attrs) - {"href", "title"}:
            return "link"
        if kind == "textColor" and set(attrs) == {"color"} and isinstance(attrs["color"], str):
            return "textColor"
        if kind == "subsup" and attrs in ({"type": "sub"}, {"type": "sup"}):
            return "subsup"
    raise InvalidAdf(f"{where}: unknown or malformed mark {kind!r}")


# --- out of it, and back ---------------------------------------------------------------------------------------------


def size(document: Any) -> int:
    """Characters that count towards Jira's limit of a text field: those of the serialized document."""
    return java_length(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


def from_text(text: str) -> dict[str, Any]:
    """Wiki or plain text as a document: what a v3 reader sees of a v2 writer's text (without the markup's meaning)."""
    paragraphs = []
    for part in text.replace("\r\n", "\n").split("\n\n"):
        nodes: list[dict[str, Any]] = []
        for line in part.split("\n"):
            if nodes:
                nodes.append({"type": "hardBreak"})
            if line:
                nodes.append({"type": "text", "text": line})
        paragraphs.append({"type": "paragraph", "content": nodes})
    return {"type": "doc", "version": 1, "content": paragraphs}


def to_text(node: Mapping[str, Any]) -> str:
    """The words of a document: one line a block, cells separated by tabs."""
    kind, attrs = node.get("type"), node.get("attrs", {})
    if kind == "text":
        return str(node["text"])
    leaf = {
        "hardBreak": "\n",
        "mention": attrs.get("text", ""),
        "emoji": attrs.get("shortName", ""),
        "inlineCard": attrs.get("url", ""),
        "status": attrs.get("text", ""),
        "rule": "----",
        "date": _date(attrs.get("timestamp")) if kind == "date" else "",
    }
    if kind in leaf:
        return str(leaf[kind])
    inner = [to_text(child) for child in node.get("content", [])]
    if kind == "tableRow":
        return "\t".join(inner)
    if kind in ("paragraph", "heading", "codeBlock"):
        return "".join(inner)
    if kind == "expand" and attrs.get("title"):
        inner.insert(0, attrs["title"])
    return "\n".join(inner)


def _date(timestamp: Any) -> str:
    try:
        return datetime.fromtimestamp(int(timestamp) / 1000, timezone.utc).strftime("%Y-%m-%d")
    except (ValueError, TypeError, OverflowError):
        return str(timestamp)


def safe_link(href: str) -> str | None:
    """``href`` if a browser may follow it, else ``None``: no ``javascript:`` in a ticket."""
    return href if href.lower().startswith(("http://", "https://", "mailto:")) else None


_TAGS = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "blockquote": "blockquote",
    "tableRow": "tr",
    "tableHeader": "th",
    "tableCell": "td",
}


def to_html(node: Mapping[str, Any]) -> Markup:
    """A validated document as HTML; every text and attribute is escaped."""
    kind, attrs = str(node.get("type")), node.get("attrs", {})
    if kind == "text":
        return _marked(node)
    inner = Markup("").join(to_html(child) for child in node.get("content", []))
    if kind in _TAGS:
        return Markup(f"<{_TAGS[kind]}>") + inner + Markup(f"</{_TAGS[kind]}>")
    if kind == "heading":
        return Markup("<h{0}>{1}</h{0}>").format(attrs["level"], inner)
    if kind == "codeBlock":
        return Markup('<pre><code data-language="{}">{}</code></pre>').format(attrs.get("language", ""), inner)
    if kind == "panel":
        return Markup('<div class="panel {}">{}</div>').format(attrs["panelType"], inner)
    if kind == "table":
        return Markup("<table><tbody>{}</tbody></table>").format(inner)
    if kind == "expand":
        return Markup("<details open><summary>{}</summary>{}</details>").format(attrs.get("title", ""), inner)
    return _leaf(kind, attrs, inner)


def _leaf(kind: str, attrs: Mapping[str, Any], inner: Markup) -> Markup:
    if kind == "hardBreak":
        return Markup("<br>")
    if kind == "rule":
        return Markup("<hr>")
    if kind == "status":
        return Markup('<span class="lozenge {}">{}</span>').format(attrs["color"], attrs["text"])
    if kind == "mention":
        return Markup('<span class="mention">{}</span>').format(attrs.get("text") or "@" + attrs["id"])
    if kind == "date":
        return Markup("<time>{}</time>").format(_date(attrs["timestamp"]))
    if kind == "emoji":
        return escape(attrs.get("text") or attrs["shortName"])
    if kind == "inlineCard":
        return _link(attrs["url"], escape(attrs["url"]))
    return inner


def _marked(node: Mapping[str, Any]) -> Markup:
    html = escape(node["text"])
    tags = {"strong": "strong", "em": "em", "strike": "s", "underline": "u", "code": "code"}
    for mark in node.get("marks", []):
        if mark["type"] in tags:
            tag = tags[mark["type"]]
            html = Markup(f"<{tag}>") + html + Markup(f"</{tag}>")
        elif mark["type"] == "link":
            html = _link(mark["attrs"]["href"], html)
        elif mark["type"] == "subsup":
            tag = mark["attrs"]["type"]
            html = Markup(f"<{tag}>") + html + Markup(f"</{tag}>")
    return html


def _link(href: str, label: Markup) -> Markup:
    safe = safe_link(href)
    if safe is None:
        return Markup('<span class="dead-link" title="{}">{}</span>').format(href, label)
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(safe, label)
