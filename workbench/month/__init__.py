"""An ordinary company's month in CloudTrail, in which nobody attacks anything, and how many cases it gives.

``company`` is the company, ``month`` the calendar and the records, ``kinds`` has a module for each kind of automation
and of people's work, ``lists`` fills the lists as the page *Getting started* proposes them, ``measure`` counts the
cases.
"""

from __future__ import annotations

from .generate import KINDS, Made, made
from .lists import proposed_lists
from .measure import Peace, measured
from .month import DAYS

__all__ = ["DAYS", "KINDS", "Made", "Peace", "made", "measured", "proposed_lists"]
