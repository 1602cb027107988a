"""``assignees``: the users of Splunk who may see cases, by name. Post ``{}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.case_rights import VIEW
from ..splunk.users import with_capability
from .base import Endpoint, Request

#: Users that are offered.
MOST = 500


@dataclass(frozen=True)
class Person:
    #: As Splunk knows the user, and the full name; that may be empty.
    user: str
    name: str


@dataclass(frozen=True)
class Assignees:
    people: Sequence[Person]
    #: Whoever asks.
    me: str
    #: Whether there are more than are listed.
    more: bool


def answer(request: Request) -> Mapping[str, Any]:
    found = [Person(user, name) for user, name in with_capability(request.splunkd, VIEW)]
    return dataclasses.asdict(Assignees(found[:MOST], request.caller.user, len(found) > MOST))


ENDPOINT = Endpoint("assignees", VIEW, answer, Assignees)
