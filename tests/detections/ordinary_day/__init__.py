"""An ordinary company's day in CloudTrail, made by a generator with a fixed seed: nobody attacks anything.

``records()`` gives them. ``people`` work by hand, ``machines`` deploy, scale and read what they need, ``services`` are
AWS itself. Accounts and addresses are those set aside for documentation.
"""

from __future__ import annotations

import random
from typing import Any

from . import machines, people, services
from .day import Day


def records(seed: int = 7) -> list[dict[str, Any]]:
    """A few thousand records in the order of time."""
    day = Day(random.Random(seed))
    for part in (people, machines, services):
        for scene in part.SCENES:
            scene(day)
    return sorted(day.records, key=lambda record: str(record["eventTime"]))
