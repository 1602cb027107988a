"""A chart of the coverage: a row per family, a box per detection, colored by severity."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from .model import SEVERITIES, Detection

FILE = "coverage.svg"
COLORS = {
    "critical": "#8c1d18",
    "high": "#d1495b",
    "medium": "#edae49",
    "low": "#7fb3a6",
    "informational": "#b7c0c9",
}
ROW, BOX, LEFT, TOP, WIDTH = 24, 26, 250, 64, 900
INK, PALE = "#2b3640", "#5c6b7a"


def picture(detections: Iterable[Detection]) -> str:
    """The chart as SVG text; the same detections give the same text."""
    by_family: dict[str, list[Detection]] = {}
    for detection in sorted(detections, key=lambda one: (one.family, -SEVERITIES.index(one.severity), one.id)):
        by_family.setdefault(detection.family, []).append(detection)
    rows = [_row(number, family, found) for number, (family, found) in enumerate(by_family.items())]
    height = TOP + ROW * len(rows) + 16
    total = sum(map(len, by_family.values()))
    title = f"{total} detections in {len(by_family)} families"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}" '
            'font-family="system-ui, Helvetica, Arial, sans-serif" font-size="13">',
            f'<rect width="{WIDTH}" height="{height}" rx="12" fill="#ffffff"/>',
            f'<text x="20" y="28" font-size="16" font-weight="600" fill="{INK}">{title}</text>',
            *_legend(),
            *rows,
            "</svg>\n",
        ]
    )


def _legend() -> list[str]:
    lines = []
    for number, severity in enumerate(reversed(SEVERITIES)):
        x = LEFT + number * 118
        lines.append(f'<rect x="{x}" y="40" width="12" height="12" rx="2" fill="{COLORS[severity]}"/>')
        lines.append(f'<text x="{x + 17}" y="51" fill="{PALE}">{severity}</text>')
    lines.append(f'<text x="20" y="51" fill="{PALE}">one box per detection</text>')
    return lines


def _row(number: int, family: str, found: list[Detection]) -> str:
    y = TOP + number * ROW
    parts = [f'<text x="{LEFT - 10}" y="{y + 15}" text-anchor="end" fill="{INK}">{escape(family)}</text>']
    for place, detection in enumerate(found):
        parts.append(
            f'<rect x="{LEFT + place * BOX}" y="{y + 2}" width="{BOX - 3}" height="{ROW - 6}" rx="3" '
            f'fill="{COLORS[detection.severity]}"><title>{escape(detection.title)}</title></rect>'
        )
    parts.append(f'<text x="{LEFT + len(found) * BOX + 4}" y="{y + 15}" fill="{PALE}">{len(found)}</text>')
    return "".join(parts)
