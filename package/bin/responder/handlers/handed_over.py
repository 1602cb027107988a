"""What the rows of a run of an alert ask for, and in which case each is told.

The same for the endpoint ``record`` and for the worker, which hands over what that did not answer for: what one of them
has recorded, and perhaps told, the other has to know as the same tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .action import Action
from .any_alert import Asked, asked_of
from .gathering import Gathering
from .routing import routed


def asked_by(
    gathering: Gathering, chosen: Action, parameters: Mapping[str, str], rows: Sequence[tuple[int, Any]]
) -> list[tuple[int, Asked]]:
    """By the numbers of the rows, in order. Raises a ResponderError where that cannot be found out now."""
    read = asked_of(chosen, parameters, gathering.alert.search_name, gathering.sid, rows)
    wanted = routed(gathering.splunkd, gathering.config, [asked for _, asked in read if isinstance(asked, tuple)])
    # Where the alert's owner has chosen what a case is for, it is that.
    if not parameters.get("one_per"):
        wanted = gathering.gathered(wanted)
    following = iter(wanted)
    return [(number, next(following) if isinstance(asked, tuple) else asked) for number, asked in read]
