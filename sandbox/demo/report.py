"""The demo's report: one HTML file with the timeline, the proof and the tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape
from pathlib import Path

from sandbox.demo.proof import Proof
from sandbox.demo.story import STAGES, Chapter, heading

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 68rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: .2rem } h2 { font-size: 1.2rem; margin-top: 2.2rem }
.muted { color: #5c6b7a } .verdict { padding: .8rem 1rem; border-radius: .5rem; font-weight: 600; margin: 1rem 0 }
.good { background: #e3f4e8; color: #0f5a2c } .bad { background: #fde8e6; color: #8f1d14 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .45rem .6rem; vertical-align: top }
th { font-size: .8rem; text-transform: uppercase; letter-spacing: .04em; color: #5c6b7a }
th { border-bottom: 2px solid #d8dee5 } td { border-bottom: 1px solid #e7ebef }
td.time { font-variant-numeric: tabular-nums; white-space: nowrap } svg { width: 100%; height: auto }
pre { background: #f4f6f8; padding: 1rem; border-radius: .5rem; overflow-x: auto; white-space: pre-wrap }
.pass, .fail { margin: .35rem 0 } .pass::before { content: "\\2713  "; color: #17803d }
.fail::before { content: "\\2717  "; color: #b3261e }
"""
COLORS = {
    "detected": "#b3261e",
    "ticketed": "#1f6fb2",
    "notified": "#7a4fb5",
    "fixed": "#c77700",
    "verified": "#17803d",
}


def write(
    path: Path, title: str, mode: str, chapters: Sequence[Chapter], proofs: Sequence[Proof], tickets: dict[str, str]
) -> None:
    """Write the report. ``tickets`` is the text of each ticket by key."""
    good = all(proof.holds for proof in proofs)
    verdict = "All checks passed." if good else "Some checks failed; see the proof below."
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>",
        f"<h1>{escape(title)}</h1>",
        f"<p class=muted>{dt.datetime.now(dt.timezone.utc):%Y-%m-%d %H:%M} UTC, mode <b>{escape(mode)}</b>, on the "
        "sandbox: stand-ins for Splunk, Jira and Slack, and moto for AWS.</p>",
        f"<p class='verdict {'good' if good else 'bad'}'>{escape(verdict)}</p>",
        "<h2>Timeline</h2>",
        picture(chapters),
        timeline(chapters),
        "<h2>Proof, read back from AWS, Jira and Slack</h2>",
        "".join(
            f"<p class={'pass' if p.holds else 'fail'}>{escape(p.claim)} <span class=muted>{escape(p.seen)}</span></p>"
            for p in proofs
        ),
        "<h2>Tickets</h2>",
        "".join(f"<h3>{escape(key)}</h3><pre>{escape(text)}</pre>" for key, text in tickets.items()),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def picture(chapters: Sequence[Chapter]) -> str:
    """A line for each attack, from the event on the left; a dot where each stage was reached."""
    ends = [max(c.times.values(), default=c.happened_at) - c.happened_at for c in chapters if c.happened_at]
    longest = max([*ends, 1.0])
    left, width, row = 330, 640, 44
    lines = []
    for number, chapter in enumerate(chapters):
        y = 30 + number * row
        lines.append(f"<text x=0 y={y + 5} font-size=14>{escape(chapter.step.title)}</text>")
        lines.append(f"<line x1={left} y1={y} x2={left + width} y2={y} stroke='#d8dee5' stroke-width=2 />")
        lines.append(f"<circle cx={left} cy={y} r=5 fill='#1d2733'><title>event</title></circle>")
        for stage, at in chapter.times.items():
            x = left + width * max(0.0, at - chapter.happened_at) / longest
            label = f"{stage} after {at - chapter.happened_at:.1f} s"
            lines.append(f"<circle cx={x:.1f} cy={y} r=6 fill='{COLORS[stage]}'><title>{label}</title></circle>")
    height = 40 + len(chapters) * row
    legend = [("event", "#1d2733"), *COLORS.items()]
    for number, (stage, color) in enumerate(legend):
        x = left + number * 105
        lines.append(f"<circle cx={x} cy={height} r=5 fill='{color}' />")
        lines.append(f"<text x={x + 10} y={height + 4} font-size=12>{stage}</text>")
    return f"<svg viewBox='0 0 1000 {height + 16}' role=img aria-label=timeline>{''.join(lines)}</svg>"


def timeline(chapters: Sequence[Chapter]) -> str:
    head = "".join(f"<th>{heading(stage, chapters)}" for stage in STAGES)
    rows = []
    for chapter in chapters:
        cells = "".join(f"<td class=time>{after(chapter, stage)}" for stage in STAGES)
        messages = escape(chapter.messages.get("fixed", "") or "; ".join(chapter.failures))
        rows.append(f"<tr><td><b>{escape(chapter.step.title)}</b><br><span class=muted>{messages}</span>{cells}</tr>")
    return f"<table><tr><th>attack{head}</tr>{''.join(rows)}</table><p class=muted>Seconds after the event.</p>"


def after(chapter: Chapter, stage: str) -> str:
    """Seconds from the event to a stage, or a dash."""
    return f"+{chapter.times[stage] - chapter.happened_at:.1f} s" if stage in chapter.times else "–"
