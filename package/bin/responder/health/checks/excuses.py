"""Which cases are excused, and which excuses end soon."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from ...cases import excuses
from ...cases.excuses import Excuse
from ..line import AMBER, Check, Line, green, name
from ..notice import Notice
from ..surroundings import Surroundings

#: Lines about single excuses.
MOST = 10
_TO_DO = "After that, its findings are reported and remediated again. To prolong it, use | respondexcuse."


def notice_of(excuse: Excuse, longest_days: int) -> Notice:
    """What is said of one that ends soon."""
    until = datetime.fromtimestamp(excuse.ends_at(longest_days), timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    what = f"The excuse of case {excuse.case} ({name(excuse.detection)}) by {name(excuse.by)} ends on {until}."
    return Notice(AMBER, "excuse_ends", what, _TO_DO, {"case_id": excuse.case, "signature_id": excuse.detection})


def look(about: Surroundings) -> Iterable[Line]:
    now, longest = about.splunkd.now(), about.config.safety.longest_excuse_days
    standing = excuses.in_force(about.splunkd, now, longest)
    ending = [excuse for excuse in standing if excuse.ends_soon(now, longest)]
    for excuse in ending[:MOST]:
        notice = notice_of(excuse, longest)
        yield Line(notice.level, notice.what, notice.to_do)
    yield green(f"Excused cases: {len(standing)}. Excuses that end soon: {len(ending)}.")


CHECK = Check("Excuses", 27, look)
