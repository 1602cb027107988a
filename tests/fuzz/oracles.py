"""What must hold of everything that leaves the app, checked without any of the app's own code.

Each check yields what is wrong, in words. Runs in the processes of both interpreters: standard library, Python 3.9.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

#: Where a link may lead.
LINKS = re.compile(
    r"https://(splunk\.example:8000/|jira\.example/browse/|attack\.mitre\.org/techniques/)[^\s<>|\[\]{}\"'`\\]*"
)
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
JIRA_LIMIT, AUDIT_LIMIT, PROBLEM_LIMIT = 32_767, 100_000, 600


def hidden(text: str) -> str:
    """The first character that no reader should get: control, bidirectional, surrogate; empty if there is none."""
    shown = text.replace("\n", "").replace("\u200b", "")
    if shown.isprintable():
        return ""
    return next((f"U+{ord(c):04X}" for c in shown if unicodedata.category(c) in _HIDDEN), "")


def one_clear_line(line: str, most: int = PROBLEM_LIMIT) -> Iterator[str]:
    if not line.strip() or not line.isprintable():
        yield f"is not one printable line: {line[:80]!r}"
    if len(line) > most:
        yield f"is {len(line)} characters long"


def finding(fields: dict[str, Any]) -> Iterator[str]:
    """What was let in: texts of one line each, none of them long, and a key in which something can be seen."""
    for name, value in fields.items():
        texts, most = (value, 100) if name == "event_ids" else ([value], 2_048)
        for text in texts if name != "detail" else []:
            if isinstance(text, str) and not (text.isprintable() and text == text.strip() and len(text) <= most):
                yield f"{name} was let in as {text[:80]!r}"
    if not re.search(r"[^\s\u3164\u2800\u034f\ufe0f]", fields["dedup_key"]):
        yield f"dedup_key was let in as {fields['dedup_key']!r}"
    if len(fields["event_ids"]) > 500:
        yield f"{len(fields['event_ids'])} event ids were let in"


def log_line(written: str) -> Iterator[str]:
    """One record, one line, with the head that only the formatter writes."""
    if not written.endswith("\n") or not written[:-1].isprintable():
        yield f"log: more than a line: {written[:120]!r}"
    if not re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR pid=\d+ ", written):
        yield f"log: the head is not ours: {written[:60]!r}"
    if not re.search(r' pid=\d+ action=responder_x reason="[^"]*"\n\Z', written):
        yield f"log: other fields than ours: {written[:120]!r}"


def audit(line: str) -> Iterator[str]:
    """One JSON object on one line of ASCII, its time first, no name twice, short enough to be indexed whole."""
    if not re.match(r'\{"time": \d+\.\d{3}, "', line) or not line.isascii() or not line.isprintable():
        yield f"audit: not one line as props.conf reads it: {line[:80]!r}"
    if len(line) > AUDIT_LIMIT:
        yield f"audit: {len(line)} characters"

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("a name twice")
        return dict(pairs)

    try:
        json.loads(line, object_pairs_hook=unique)
    except ValueError as error:
        yield f"audit: {error}"


_PROOF = (
    "search `cloudtrail_index` (<ids by OR>) | `cloudtrail_drop_extracted_fields`"
    " | eval proved_time=_time, proved_indexed=_indextime"
    ' | `cloudtrail_normalize` | eval proved_unread=if(cloudtrail_record="none", cloudtrail_shape, null())'
    ' | rex field=_raw max_match=0 "(?i)(?<mentioned_id><ids by |>)"'
    " | eval mentioned_id=if(isnull(proved_unread), null(), mvdedup(mentioned_id)) | mvexpand mentioned_id"
    " | spath output=proved_id path=eventID | spath output=amended_id path=addendum.originalEventID"
    " | eval proved_amends=if(lower(amended_id) IN (<ids>), 1, 0),"
    " proved_id=coalesce(mentioned_id, if(proved_amends=1, amended_id, proved_id))"
    " | search proved_id IN (<ids>)"
    ' | eval proved_shape=cloudtrail_shape, _raw=if(isnull(proved_unread), _raw, "")'
    " | dedup 3 proved_id proved_shape proved_amends"
    " | table proved_id proved_time proved_indexed proved_shape proved_amends proved_unread _raw"
)


def spl(search: str) -> Iterator[str]:
    """Nothing in the search but the app's own words and event ids."""
    event_id = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    ours = "".join(
        {"<ids by OR>": f'"{event_id}"(?: OR "{event_id}")*', "<ids>": f'"{event_id}"(?:, "{event_id}")*',
         "<ids by |>": rf"{event_id}(?:\|{event_id})*"}.get(part, re.escape(part))
        for part in re.split("(<ids[^>]*>)", _PROOF)
    )  # fmt: skip
    if not re.fullmatch(ours, search):
        yield f"SPL: {search[:200]!r}"


def jql(query: str) -> Iterator[str]:
    """Two quoted values, which nothing in them ends."""
    value = r'"(?:[^"\\]|\\["\\])*"'
    if not re.fullmatch(rf"project = {value} AND labels = {value} ORDER BY created DESC", query):
        yield f"JQL: {query[:200]!r}"
    if not query.isprintable():
        yield f"JQL: holds {hidden(query)}"


def label(text: str) -> Iterator[str]:
    if not text or len(text) > 255 or re.search(r"\s", text) or hidden(text):
        yield f"label: {text[:80]!r}"


# Jira Cloud

_ADF = {
    "doc", "heading", "paragraph", "table", "tableRow", "tableHeader", "tableCell", "bulletList", "listItem",
    "codeBlock", "rule", "panel", "text", "hardBreak",
}  # fmt: skip


def adf(document: dict[str, Any]) -> Iterator[str]:
    if len(json.dumps(document, ensure_ascii=False).encode("utf-16-le", "surrogatepass")) // 2 > JIRA_LIMIT * 1.2:
        yield "ADF: too long"
    for node in _nodes(document):
        if node["type"] not in _ADF or set(node) - {"type", "attrs", "content", "text", "marks", "version"}:
            yield f"ADF: a node of type {node['type']!r}"
        text = node.get("text", "x")
        if not text or hidden(text):
            yield f"ADF: text {text[:40]!r}"
        for mark in node.get("marks", []):
            if mark["type"] == "link" and not LINKS.fullmatch(mark["attrs"]["href"]):
                yield f"ADF: a link to {mark['attrs']['href'][:80]!r}"
            elif mark["type"] not in ("link", "strong", "code"):
                yield f"ADF: a mark {mark['type']!r}"


def adf_skeleton(document: dict[str, Any]) -> Any:
    """The document without its texts."""
    marks = [mark["type"] for mark in document.get("marks", [])]
    return [document["type"], marks, [adf_skeleton(child) for child in document.get("content", [])]]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("content", []):
        yield from _nodes(child)


# Jira Data Center

_ENTITY = re.compile(r"&(?:#\d+|amp);")
_INSIDE = re.compile(r"(?<=[^\W_])[*_\-+^~?#]+(?=[^\W_])")
#: The one that says how a case stands.
_BOX = re.compile(
    r"\{panel:title=How this case stands\|borderColor=#[0-9a-f]{6}\|bgColor=#[0-9a-f]{6}\}(.*?)\{panel\}", re.DOTALL
)
_STRUCTURE = re.compile(r"[^{}\[\]|!\\*_\-+^~?#\n]+")


def wiki(markup: str) -> Iterator[str]:
    if len(markup.encode("utf-16-le", "surrogatepass")) // 2 > JIRA_LIMIT:
        yield "wiki: too long"
    if hidden(markup):
        yield f"wiki: holds {hidden(markup)}"
    unboxed = _BOX.sub(r"\1", markup)
    if "{panel" in unboxed:
        yield "wiki: a box that is not ours"
    outside = unboxed.split("{noformat}")
    if len(outside) % 2 == 0:
        yield "wiki: a block that shows text letter for letter is opened or closed by a text"
    for piece in outside[::2]:
        for href in re.findall(r"\[[^\[\]|]*\|([^\]]*)\]", piece):
            if not LINKS.fullmatch(href):
                yield f"wiki: a link to {href[:80]!r}"
        rest = re.sub(r"\[[^\[\]|]*\|[^\]]*\]", "", re.sub(r"\{\{[^{}]*\}\}", "", piece))
        live = re.search(r"[{}\[\]!\\]|://|mailto:|^\s*bq\.|^\s*h1\.", rest, re.MULTILINE | re.IGNORECASE)
        if live:
            yield f"wiki: live markup {rest[max(0, live.start() - 20) : live.end() + 20]!r}"


def wiki_skeleton(markup: str) -> list[str]:
    """The marks that mean something, line by line, without the texts between them."""
    outside = markup.split("{noformat}")[::2]
    return [_STRUCTURE.sub(" ", _INSIDE.sub("", _ENTITY.sub("x", piece))).strip() for piece in outside]


# Slack

#: A time in the reader's own time zone.
_MOMENT = re.compile(r"!date\^\d{1,12}\^\{date_short_pretty\} \{time_secs\}")


def slack(text: str, blocks: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not 0 < len(text) <= 4_000 or len(blocks) > 50 or len(json.dumps(blocks, ensure_ascii=False)) > 13_000:
        yield "Slack: too long"
    if "<" in text or ">" in text or "://" in text or re.search(r"&(?!amp;|lt;|gt;)", text):
        yield f"Slack: live markup in the notification {text[:80]!r}"
    for block in blocks:
        for found in slack_texts(block):
            yield from _slack_text(found)


def slack_texts(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [block["text"]] if "text" in block else list(block.get("fields", []))


def _slack_text(found: dict[str, Any]) -> Iterator[str]:
    text = found["text"]
    if hidden(text):
        yield f"Slack: holds {hidden(text)}"
    if found["type"] == "mrkdwn" and found.get("verbatim") is not True:
        yield "Slack: addresses and names are made live by Slack itself"
    for href in re.findall(r"<([^<>|]*)", text):
        if not LINKS.fullmatch(href.replace("&amp;", "&")) and not _MOMENT.fullmatch(href):
            yield f"Slack: <{href[:80]}"
    rest = re.sub(r"<[^<>]*>", "", text)
    if re.search(r"[<>]|&(?!amp;|lt;|gt;)", rest):
        yield f"Slack: live markup {rest[:120]!r}"
    plain = re.sub(r"```.*?```|`[^`\n]*`", "", rest, flags=re.DOTALL)
    emoji = re.search(r":(?=[\w+'-]*[^\W\d])[\w+'-]+:", plain)
    if emoji and found["type"] == "mrkdwn":
        yield f"Slack: an emoji {emoji.group()[:40]!r}"
    if re.search(r"^\s*&gt;", plain, re.MULTILINE):
        yield "Slack: a quotation"


def slack_skeleton(blocks: Sequence[dict[str, Any]]) -> list[Any]:
    """The blocks and the marks in their texts, without the texts between them."""
    return [[block["type"], [_marks(found) for found in slack_texts(block)]] for block in blocks]


def _marks(found: dict[str, Any]) -> str:
    return re.sub(r"[^<>`*_~]+", " ", _without_code(found["text"])) if found["type"] == "mrkdwn" else ""


def _without_code(text: str) -> str:
    return re.sub(r"`[^`]+`", "``", re.sub(r"```.*?```", "``````", re.sub(r"<[^<>]*>", "<>", text), flags=re.DOTALL))
