"""The way from CloudTrail to an action as a picture, with what a step is about marked in it."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

#: Column and row of each part, name and what it does.
PARTS = {
    "trail": (0, 0, "CloudTrail", "records calls"),
    "bucket": (1, 0, "S3 bucket", "keeps the files"),
    "topic": (2, 0, "SNS topic", "announces a file"),
    "queue": (3, 0, "SQS queue", "keeps the messages"),
    "dead": (3, 1, "Dead letters", "what cannot be read"),
    "input": (4, 0, "Input", "reads, each once"),
    "index": (4, 1, "Index", "an event a record"),
    "search": (4, 2, "Search", "who, from where?"),
    "alert": (3, 2, "Alert", "every 5 minutes"),
    "dispatch": (2, 1, "Dispatch", "topic, subscriber"),
    "jira": (2, 2, "Jira ticket", "asks people"),
    "lookup": (1, 1, "Lookup", "whose account?"),
    "slack": (2, 3, "Slack", "informs people"),
    "answer": (1, 2, "Answer", "approves"),
    "aws": (0, 2, "AWS", "is corrected"),
    "sweep": (0, 1, "Sweep", "looks by itself"),
    "undo": (0, 3, "Undo", "takes it back"),
}
#: From, to.
ARROWS = (
    ("trail", "bucket"),
    ("bucket", "topic"),
    ("topic", "queue"),
    ("queue", "input"),
    ("queue", "dead"),
    ("input", "index"),
    ("index", "search"),
    ("search", "alert"),
    ("alert", "dispatch"),
    ("alert", "jira"),
    ("alert", "slack"),
    ("lookup", "jira"),
    ("jira", "answer"),
    ("answer", "aws"),
    ("sweep", "aws"),
    ("undo", "aws"),
)
WIDTH, HEIGHT, ACROSS, DOWN, LEFT, TOP = 140, 52, 180, 86, 20, 56
STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#1d2733}"
    ".title{font-size:18px;font-weight:600}.name{font-size:14px;font-weight:600}.about{font-size:12px}"
    ".box{fill:#f4f6f8;stroke:#c3ccd6}.marked{fill:#fff1d6;stroke:#c77700;stroke-width:2.5}"
    ".way{stroke:#8a97a5;stroke-width:1.5;fill:none}"
)


def picture(title: str, marked: Collection[str]) -> str:
    """An SVG. ``marked``: keys of ``PARTS``. Raises KeyError for others."""
    names = [PARTS[key][2] for key in marked]
    width, height = LEFT * 2 + ACROSS * 4 + WIDTH, TOP + DOWN * 3 + HEIGHT + 20
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}: {escape(', '.join(names))}</title>",
        f"<style>{STYLE}</style>",
        '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#8a97a5"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text class="title" x="{LEFT}" y="30">{escape(title)}</text>',
        *(_arrow(*arrow) for arrow in ARROWS),
        *(_box(key, key in marked) for key in PARTS),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _corner(key: str) -> tuple[int, int]:
    column, row, _, _ = PARTS[key]
    return LEFT + column * ACROSS, TOP + row * DOWN


def _box(key: str, is_marked: bool) -> str:
    (x, y), (_, _, name, about) = _corner(key), PARTS[key]
    middle = x + WIDTH // 2
    return (
        f'<rect class="{"marked" if is_marked else "box"}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text class="name" x="{middle}" y="{y + 22}" text-anchor="middle">{escape(name)}</text>'
        f'<text class="about" x="{middle}" y="{y + 40}" text-anchor="middle">{escape(about)}</text>'
    )


def _arrow(start: str, end: str) -> str:
    """From the side of one box to the side of the other that faces it."""
    (x1, y1), (x2, y2) = _corner(start), _corner(end)
    if x1 == x2:
        x1 = x2 = x1 + WIDTH // 2
        y1, y2 = (y1 + HEIGHT, y2) if y2 > y1 else (y1, y2 + HEIGHT)
    else:
        x1, x2 = (x1 + WIDTH, x2) if x2 > x1 else (x1, x2 + WIDTH)
        y1, y2 = y1 + HEIGHT // 2, y2 + HEIGHT // 2
    return f'<line class="way" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" marker-end="url(#end)"/>'
