"""``choices``: what can be chosen on a form, as settings and services say now.

Post ``{"of": name}``, or get it with ``?of=name``, as the setup page's forms do: a name of ``engine.offered.LISTS``.
With ``form`` ``setup`` it is also what alerts may not choose, for administrators only. It is answered as splunkd
answers lists, which those forms read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.offered import Asked, Choice, offer
from ..errors import NotPermitted, Unavailable
from ..splunk.users import may
from .base import Endpoint, Request

CAPABILITY, ADMIN = "cloudtrail_responder_run", "cloudtrail_responder_admin"


@dataclass(frozen=True)
class OfferedContent:
    value: str
    label: str


@dataclass(frozen=True)
class OfferedEntry:
    name: str
    content: OfferedContent


@dataclass(frozen=True)
class Offered:
    """As splunkd lists entries."""

    entry: Sequence[OfferedEntry]
    #: What could not be asked, and why: a line each.
    problems: Sequence[str]


def answer(request: Request) -> Mapping[str, Any]:
    """Raises Unavailable where nothing can be offered because a service does not answer."""
    of_setup = request.text("form", 20) == "setup"
    if of_setup and not may(request.splunkd, request.caller.user, ADMIN):
        raise NotPermitted("What alerts may not choose is for administrators of the app.", f"It needs {ADMIN}.")
    offered = offer(request.text("of", 40), Asked(request.splunkd, request.services, of_setup))
    if of_setup and offered.problems and not offered.choices:
        raise Unavailable(offered.problems[0], "Type the name.")
    return dataclasses.asdict(Offered(_entries(offered.choices), list(offered.problems)))


def _entries(choices: Sequence[Choice]) -> list[OfferedEntry]:
    return [OfferedEntry(one.value, OfferedContent(one.value, one.label)) for one in choices]


ENDPOINT = Endpoint("choices", CAPABILITY, answer, by_get=True, answers=Offered)
