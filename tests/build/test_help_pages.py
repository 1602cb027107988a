"""Pages of docs/ ship as HTML: what the help links of the console open."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from responder.remediation import registry

from tools import help_pages

ROOT = Path(__file__).resolve().parents[2]


def test_the_pages_ship_and_every_step_of_getting_started_has_its_place(app_dir: Path) -> None:
    folder = app_dir / "appserver" / "static" / help_pages.FOLDER
    assert {path.stem for path in folder.iterdir()} == {*help_pages.PAGES, help_pages.PLAYBOOKS}
    text = (folder / "getting-started.html").read_text(encoding="utf-8")
    source = (ROOT / "ui/src/pages/getting_started/steps.ts").read_text(encoding="utf-8")
    listed = re.search(r"STEPS = \[(.*?)\]", source)
    assert listed is not None
    steps = re.findall(r"'(\w+)'", listed[1])
    assert len(steps) == 8 and [step for step in steps if f'id="{step}"' not in text] == []
    assert "<script" not in text and "<img" not in text and 'href="first-week.html"' in text
    assert not re.search(r'href="(?!https://|#|[a-z-]+\.html)', text), "what does not ship is no link"


def test_each_playbook_has_its_place_on_one_page(app_dir: Path) -> None:
    """The page Playbooks links to it."""
    text = (app_dir / "appserver" / "static" / help_pages.FOLDER / "playbooks.html").read_text(encoding="utf-8")
    parts = re.findall(r'<section id="(\w+)">', text)
    assert parts == sorted(playbook.id for playbook in registry.every())
    one = text.partition('<section id="revoke_open_ingress">')[2].partition("</section>")[0]
    assert "<h2>Revoke open ingress</h2>" in one and "<h3>Risk: medium</h3>" in one and "<h3>Undo</h3>" in one
    assert "ec2:RevokeSecurityGroupIngress" in one and "In a ticket" not in one
    assert not re.search(r'href="(?!https://|#|[a-z-]+\.html)', text), "what does not ship is no link"


def test_what_the_pages_use_of_markdown_becomes_html_and_text_stays_text() -> None:
    made = help_pages.converted(
        "# A & B\n\nSome *words*, **bold**, `a < b` and [a page](first-week.md#x) or [other](noise.md).\n\n"
        "- one\n  goes on\n- two\n\n1. first\n2. second\n\n| a | b |\n|---|---|\n| <i> | `x` |\n\n"
        "    | search\n\n## C: d\n"
    )
    for part in (
        "<title>A &amp; B</title>",
        "<em>words</em>",
        "<strong>bold</strong>",
        "<code>a &lt; b</code>",
        '<a href="first-week.html#x">a page</a>',
        "other (<code>docs/noise.md</code>)",
        "<ul><li>one goes on</li><li>two</li></ul>",
        "<ol><li>first</li><li>second</li></ol>",
        "<td>&lt;i&gt;</td><td><code>x</code></td>",
        "<pre><code>| search</code></pre>",
        '<h2 id="c-d">C: d</h2>',
    ):
        assert part in made, part


@pytest.mark.parametrize(
    "text", ["no title", "# T\n\n> quoted", "# T\n\n- a\n  - b", "# T\n\n```\nx\n```", "# T\n\n| a |\n| b |"]
)
def test_what_is_not_converted_stops_the_build(text: str) -> None:
    with pytest.raises(help_pages.BadHelp):
        help_pages.converted(text)
