"""``start_accept``: put on a list what *Getting started* has proposed for it. Post ``{"list": lookup, "value": text}``.

Only what the survey has shown can be accepted; *Exceptions and lists* takes anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import NotDone
from ..settings.reader import Configuration
from ..starting import survey
from ..starting.arming import Hand
from ..starting.ledger import Ledger, holding
from ..starting.proposals import entry
from .base import Endpoint, Request
from .start import CAPABILITY


def answer(request: Request) -> Mapping[str, Any]:
    """``{"done": "added"}``, or ``"listed"`` where it was there already."""
    splunkd, by = request.splunkd, request.caller.user
    known = survey.stored(splunkd)
    if known is None:
        raise NotDone("Nobody has looked at the last 30 days yet.", "Start that in the step Lists.")
    lookup = request.text("list", 100)
    made = entry(known, lookup, request.text("value", 1000), by)
    with holding(splunkd) as held:
        hand = Hand(request.own, splunkd, Ledger(splunkd, by, held), by, Configuration(splunkd).audit_index)
        return {"done": "added" if hand.accept(lookup, made) else "listed"}


ENDPOINT = Endpoint("start_accept", CAPABILITY, answer)
