"""What the checks have in common that look at answers from outside of Splunk: is anybody there, and is any late?"""

from __future__ import annotations

from collections.abc import Iterator

from ..engine import answer_records
from ..engine.breaker import MARKS
from .line import Line, amber, span
from .surroundings import Surroundings

#: Seconds after which an answer should have been carried out.
LATE = 120.0


def silence(about: Surroundings, mark: str) -> float | None:
    """Seconds since a mark was written last; None where it never was. Raises a ResponderError."""
    found = about.splunkd.fetch(MARKS, mark)
    return about.splunkd.now() - float(found.get("at") or 0) if found else None


def late(about: Surroundings, way: str, title: str, log: str) -> Iterator[Line]:
    """``way``: as ``Recorded.way``; ``title``: what people call it; ``log``: the file that has the reason."""
    now = about.splunkd.now()
    found = [one for one in answer_records.open_ones(about.splunkd, way) if now - one.at > LATE]
    if found:
        are = "answer from {} is" if len(found) == 1 else "answers from {} are"
        waits = span(now - min(one.at for one in found))
        what = f"{len(found)} {are.format(title)} not carried out yet, the oldest for {waits}."
        yield amber(what, f"They are tried again for an hour; see {log} for the reason.")
