"""The report on somebody's own log files: one HTML file that loads nothing and runs no script."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from workbench.detections.model import SEVERITIES, Detection
from workbench.detections.pages import technique_page

from .cases import Case
from .outlook import Actor, Advice, Tickets

#: Cases of one detection that are written out; the rest is counted.
MOST = 200
#: Actors whose story is told.
MOST_ACTORS = 50
#: Event ids of one case that are written out.
MOST_IDS = 20


@dataclass(frozen=True)
class Searched:
    """What was searched."""

    files: int
    records: int
    first_time: float
    last_time: float
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    #: What could not be read, each with the reason.
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outlook:
    """What the cases say of the days to come."""

    tickets: Tickets
    actors: Sequence[Actor]
    advice: Sequence[Advice]


def write(
    path: Path, searched: Searched, cases: Sequence[Case], detections: Mapping[str, Detection], outlook: Outlook
) -> None:
    """Write the report. ``detections``: all that ran, by id."""
    by_search = {name: [case for case in cases if case.search == name] for name in detections}
    raised = [detections[name] for name in dict.fromkeys(case.search for case in cases)]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _templates.get_template("report.html").render(
        searched=searched,
        counts=[(severity, Counter(case.severity for case in cases)[severity]) for severity in reversed(SEVERITIES)],
        total=len(cases),
        raised=raised,
        by_search=by_search,
        quiet=[detection for name, detection in sorted(detections.items()) if not by_search[name]],
        made=datetime.now(timezone.utc),
        most=MOST,
        most_ids=MOST_IDS,
        outlook=outlook,
        most_actors=MOST_ACTORS,
        detections=detections,
    )
    path.write_text(text, encoding="utf-8")


def when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def _indented(text: Any) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(text)


_templates = Environment(
    loader=PackageLoader("workbench.replay"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.filters.update(when=when, indented=_indented, technique_page=technique_page)
