"""The report of a backtest: one HTML file that loads nothing and runs no script."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from workbench.detections.model import Detection

from . import pictures
from .days import Days
from .product import Plans, bills

#: Lines of a table, and changes that are written out.
MOST_LINES, MOST = 40, 300


def write(path: Path, days: Days, plans: Plans, detections: Mapping[str, Detection]) -> None:
    """``detections``: by id, for their titles."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bill = bills.bill(plans.made)
    answered = [row for row in bills.rows(plans.made) if row["fate"] in (bills.REPEATED, bills.REVERTED)]
    text = _templates.get_template("backtest.html").render(
        days=days,
        plans=plans,
        bill=bill,
        means=bills.MEANS,
        not_known=bills.NOT_KNOWN,
        hours=pictures.hours(bill.hours),
        by_day=pictures.days(bill.days),
        pieces=pictures.pieces,
        answered=answered,
        titles={name: detection.title for name, detection in detections.items()},
        made=datetime.now(timezone.utc),
        most=MOST,
        most_lines=MOST_LINES,
        width=pictures.WIDTH,
        height=pictures.HEIGHT,
    )
    path.write_text(text, encoding="utf-8")


_templates = Environment(
    loader=PackageLoader("workbench.backtest"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.filters.update(when=bills.when, share=lambda share: "-" if share is None else f"{share:.0%}")
