"""Jira's wiki markup as HTML, as far as tickets use it; whatever a writer failed to escape becomes visible as markup.

Source: Jira's "Text Formatting Notation Help". Supported: headings, ``*bold*``, ``_emphasis_``, ``{{mono}}``, links,
images (as a marked box, never loaded), mentions, lists, tables, ``{code}``, ``{noformat}``, ``{quote}``, ``{panel}``,
``{color}``, rules, ``\\\\`` breaks and backslash escapes.
"""

from __future__ import annotations

import re
from html import unescape

from markupsafe import Markup, escape

from sandbox.jira.adf import safe_link

_BLOCK = re.compile(r"\{(noformat|code|quote|panel)(?::([^}]*))?\}(.*?)\{\1\}", re.DOTALL)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]\w{1,30});")
_INLINE = re.compile(
    r"\\(?P<escaped>[^\w\s])"
    r"|\{\{(?P<mono>.+?)\}\}"
    r"|\[~(?P<mention>[^\]\s]+)\]"
    r"|\[(?P<link>[^\]\n]+)\]"
    r"|!(?P<image>[^\s!|]+)(?:\|[^!\n]*)?!"
    r"|(?<![\w\\])\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?!\w)"
    r"|(?<![\w\\])_(?P<emphasis>\S(?:[^_\n]*\S)?)_(?!\w)"
    r"|\{color(?::(?P<color>[#\w]+))?\}"
    r"|(?P<url>https?://[^\s\]|)}]+)"
)


def to_html(text: str) -> Markup:
    """Wiki markup as HTML; every character that is not markup of Jira's is escaped."""
    parts, at = [], 0
    text = text.replace("\r\n", "\n")
    for block in _BLOCK.finditer(text):
        parts.append(_lines(text[at : block.start()]))
        parts.append(_block(block.group(1), block.group(2) or "", block.group(3)))
        at = block.end()
    parts.append(_lines(text[at:]))
    return Markup("").join(parts)


def _block(kind: str, options: str, inner: str) -> Markup:
    if kind in ("noformat", "code"):
        return Markup("<pre><code>{}</code></pre>").format(inner.strip("\n"))
    if kind == "quote":
        return Markup("<blockquote>{}</blockquote>").format(_lines(inner))
    chosen = dict(part.split("=", 1) for part in options.split("|") if "=" in part)
    title, color = chosen.get("title", ""), chosen.get("bgColor", "")
    heading = Markup("<strong>{}</strong>").format(_plain(title)) if title else Markup("")
    style = Markup(' style="background: {}"').format(color) if re.fullmatch(r"#[0-9a-fA-F]{6}", color) else ""
    return Markup('<div class="panel info"{}>{}{}</div>').format(style, heading, to_html(inner))


def _lines(text: str) -> Markup:
    html: list[Markup] = []
    paragraph: list[Markup] = []
    lines = text.split("\n")
    index = 0

    def flush() -> None:
        if paragraph:
            html.append(Markup("<p>{}</p>").format(Markup("<br>").join(paragraph)))
            paragraph.clear()

    while index < len(lines):
        line = lines[index].strip()
        taken = _run(lines, index, ("|",)) or _run(lines, index, ("* ", "- ", "# ", "** ", "## "))
        heading = re.match(r"h([1-6])\.\s+(.*)", line)
        if taken or heading or not line or line == "----":
            flush()
        if taken:
            run = [one.strip() for one in lines[index : index + taken]]
            html.append(_table(run) if line.startswith("|") else _list(run))
            index += taken
            continue
        if heading:
            html.append(Markup("<h{0}>{1}</h{0}>").format(heading.group(1), inline(heading.group(2))))
        elif line == "----":
            html.append(Markup("<hr>"))
        elif line:
            paragraph.append(inline(line))
        index += 1
    flush()
    return Markup("").join(html)


def _run(lines: list[str], index: int, starts: tuple[str, ...]) -> int:
    count = 0
    while index + count < len(lines) and lines[index + count].strip().startswith(starts):
        count += 1
    return count


def _table(rows: list[str]) -> Markup:
    html = Markup("")
    for row in rows:
        # Each cell says by the bars before it whether it is a heading; a bar inside a link does not count.
        cells = re.findall(r"(\|{1,2})((?:\\.|\[[^\]\n]*\]|[^|\\])*)", row)
        html += Markup("<tr>")
        for bars, cell in cells:
            if cell.strip():
                html += Markup("<{0}>{1}</{0}>").format(Markup("th" if bars == "||" else "td"), inline(cell.strip()))
        html += Markup("</tr>")
    return Markup("<table><tbody>{}</tbody></table>").format(html)


def _list(items: list[str]) -> Markup:
    tag = Markup("ol") if items[0].startswith("#") else Markup("ul")
    inner = Markup("").join(Markup("<li>{}</li>").format(inline(item.lstrip("*#-").strip())) for item in items)
    return Markup("<{0}>{1}</{0}>").format(tag, inner)


def inline(text: str) -> Markup:
    """The markup inside one line."""
    html, at = Markup(""), 0
    for match in _INLINE.finditer(text):
        html += _plain(text[at : match.start()]) + _inline(match)
        at = match.end()
    return html + _plain(text[at:])


def _plain(text: str) -> Markup:
    # Jira leaves character references as they are, so a browser shows the character.
    return escape(_REFERENCE.sub(lambda match: unescape(match.group(0)), text))


def _inline(match: re.Match[str]) -> Markup:
    found = match.groupdict()
    if found["escaped"]:
        # A second backslash is a line break, not an escaped backslash.
        return Markup("<br>") if found["escaped"] == "\\" else escape(found["escaped"])
    if found["mono"]:
        return Markup("<code>{}</code>").format(inline(found["mono"]))
    if found["bold"]:
        return Markup("<strong>{}</strong>").format(inline(found["bold"]))
    if found["emphasis"]:
        return Markup("<em>{}</em>").format(inline(found["emphasis"]))
    if found["mention"]:
        return Markup('<span class="mention">@{}</span>').format(found["mention"])
    if found["image"]:
        return Markup('<span class="dead-link">image: {}</span>').format(found["image"])
    if found["url"]:
        return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(found["url"])
    if found["link"]:
        return _link(found["link"])
    return Markup("")


def _link(inside: str) -> Markup:
    label, _, target = inside.rpartition("|")
    safe = safe_link(target.strip())
    if safe is None:
        return escape(f"[{inside}]")
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(safe, _plain(label or target))
