"""Pages of docs/ that ship with the app, as HTML: what the console's help links open, also without the internet.

The pages of all playbooks are one of them, a part each, without the tickets and tests. The part of Markdown that they
use is taken, and anything else stops the build. Pictures stay out: they would be most of the tarball. Links to pages
that do not ship become their names.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
#: Names of the pages, without ``.md``.
PAGES = ("getting-started", "first-week", "tour")
#: The page of all playbooks, and the parts of their own pages that stay out.
PLAYBOOKS = "playbooks"
LEFT_OUT = ("In a ticket", "Tested on")
#: Pages in the folder of the playbooks' own that are about no single one.
ABOUT_ALL = ("README", "by-hand")
#: Below ``appserver/static``.
FOLDER = "help"
STYLE = (
    "body{max-width:52em;margin:2em auto;padding:0 1em;font:16px/1.55 system-ui,sans-serif;color:#1d2127;"
    "background:#fff}a{color:#0060a8}code,pre{font-family:ui-monospace,monospace;font-size:.92em;background:#f2f4f6}"
    "code{padding:.1em .3em}pre{padding:.8em 1em;overflow:auto}pre code{padding:0}table{border-collapse:collapse}"
    "th,td{border:1px solid #c3cbd4;padding:.4em .7em;text-align:left;vertical-align:top}"
    "@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#171a1f}a{color:#6ab7f5}"
    "code,pre{background:#23272e}th,td{border-color:#4a525c}}"
)


class BadHelp(Exception):
    """A page with something that is not converted."""


def add_to(app: Path) -> None:
    """Write the pages into a built app. Exits with a message on failure."""
    folder = app / "appserver" / "static" / FOLDER
    folder.mkdir(parents=True)
    for name in (*PAGES, PLAYBOOKS):
        try:
            page = playbooks() if name == PLAYBOOKS else converted((DOCS / f"{name}.md").read_text(encoding="utf-8"))
        except (OSError, BadHelp) as error:
            sys.exit(f"docs/{name} cannot become a help page: {error}")
        (folder / f"{name}.html").write_text(page, encoding="utf-8")


def playbooks() -> str:
    """The pages of all playbooks as one, with an anchor for each: its id. Raises BadHelp."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in sorted((DOCS / PLAYBOOKS).glob("*.md"))}
    parts = [_playbook(name, text) for name, text in pages.items() if name not in ABOUT_ALL]
    listed = ", ".join(f'<a href="#{name}">{html.escape(title)}</a>' for name, title, _ in parts)
    body = "\n".join(f'<section id="{name}">\n{made}\n</section>' for name, _, made in parts)
    return _page("Playbooks", f"<h1>Playbooks</h1>\n<p>{listed}</p>\n{body}")


def _playbook(name: str, text: str) -> tuple[str, str, str]:
    """Id, title and the part of the page that tells of one."""
    # Where the links lead from docs/, and from one part of the page to another.
    text = re.sub(r"\]\((?:\.\./|(\w+)\.md\))", lambda m: f"](#{m[1]})" if m[1] else "](", text)
    first, *sections = re.split(r"(?m)^## ", re.sub(r"\A<!--.*?-->\s*", "", text))
    title = re.match(r"# (.+)\n", first)
    if not title:
        raise BadHelp(f"{name}.md does not begin with a title.")
    kept = [one for one in sections if one.split("\n")[0] not in LEFT_OUT]
    # A level below the page's own title. Their parts have the same names, so only a playbook has an anchor.
    made = "\n".join(_blocks("".join([f"#{first}", *(f"### {one}" for one in kept)])))
    return name, title[1], re.sub(r"<(h[23]) id=[^>]*>", r"<\1>", made)


def converted(text: str) -> str:
    """A page as HTML. Raises BadHelp."""
    title = re.match(r"# (.+)\n", text)
    if not title:
        raise BadHelp("it does not begin with a title.")
    return _page(title[1], "\n".join(_blocks(text)))


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, headings, lists, tables and code: blocks between empty lines."""
    for block in re.split(r"\n{2,}", text.strip("\n")):
        lines = block.split("\n")
        first = lines[0]
        if heading := re.fullmatch(r"(#{1,3}) (.+)", block):
            level = len(heading[1])
            yield f'<h{level} id="{slug(heading[2])}">{_inline(heading[2])}</h{level}>'
        elif all(line.startswith("    ") or not line for line in lines):
            yield f"<pre><code>{html.escape(re.sub(r'(?m)^    ', '', block))}</code></pre>"
        elif first.startswith("|"):
            yield _table(lines)
        elif first.startswith("- "):
            yield f"<ul>{_items(block, r'- ')}</ul>"
        elif re.match(r"1\. ", first):
            yield f"<ol>{_items(block, r'[0-9]+[.] ')}</ol>"
        elif first.startswith("!["):
            continue
        elif re.match(r"[#><]|```|    |\* ", first):
            raise BadHelp(f"'{first[:60]}' begins a block that is not converted.")
        else:
            yield f"<p>{_inline(' '.join(lines))}</p>"


def _items(block: str, mark: str) -> str:
    """One level; lines that go on are indented."""
    parts = re.split(rf"(?m)^{mark}", block)[1:]
    found = []
    for part in parts:
        lines = part.split("\n")
        if any(re.match(r"\s+(- |[0-9]+\. )", line) for line in lines):
            raise BadHelp("a list within a list is not converted.")
        found.append(f"<li>{_inline(' '.join(line.strip() for line in lines if line.strip()))}</li>")
    return "".join(found)


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))] for line in lines]
    if len(rows) < 2 or not all(re.fullmatch(r":?-+:?", cell) for cell in rows[1]):
        raise BadHelp(f"'{lines[0][:60]}' is not the head of a table.")
    head, *body = rows[0], *rows[2:]
    made = [f"<tr>{''.join(f'<th>{_inline(cell)}</th>' for cell in head)}</tr>"]
    made += [f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row)}</tr>" for row in body]
    return f"<table>{''.join(made)}</table>"


def _inline(text: str) -> str:
    """Code, bold, emphasis and links; whatever else is text."""
    kept: list[str] = []

    def keep(made: str) -> str:
        kept.append(made)
        return f"\0{len(kept) - 1}\0"

    text = re.sub(r"`` ?(.+?) ?``|`([^`]+)`", lambda m: keep(f"<code>{html.escape(m[1] or m[2])}</code>"), text)
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", lambda m: keep(_link(m[1], m[2])), text)
    text = html.escape(text, quote=False)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
    text = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", text)
    while "\0" in text:
        text = re.sub(r"\0(\d+)\0", lambda m: kept[int(m[1])], text)
    return text


def _link(label: str, target: str) -> str:
    page, _, anchor = target.partition("#")
    said = html.escape(re.sub(r"[`*]", "", label), quote=False)
    if page.startswith("https://"):
        return f'<a href="{html.escape(target)}">{said}</a>'
    if not page or page.removesuffix(".md") in PAGES:
        where = f"{page.removesuffix('.md')}.html" if page else ""
        return f'<a href="{html.escape(where)}{"#" if anchor else ""}{html.escape(anchor)}">{said}</a>'
    return f"{said} (<code>docs/{html.escape(page)}</code>)" if page.endswith(".md") else said


def slug(heading: str) -> str:
    """As GitHub makes anchors of headings."""
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")
