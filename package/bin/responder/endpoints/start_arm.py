"""``start_arm``: switch on the detections that were chosen in *Getting started*, with their actions; or take all back.

Post ``{"revision": number}``, the one that was shown, or ``{"undo": true}``; as long as the answer has ``left``, once
more. Saved searches are changed with the rights of whoever asks. What was stopped goes on with the same request.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..errors import NotDone
from ..settings.reader import Configuration
from ..starting import choice
from ..starting.arming import Hand, wanted
from ..starting.ledger import Ledger, holding
from .base import Endpoint, Request
from .start import CAPABILITY

#: Seconds after which nothing more is begun: Splunk Web gives up on an endpoint after 30.
LONGEST = 15.0


def answer(request: Request) -> Mapping[str, Any]:
    """``{"left": number}``: of searches and entries that are still to be done."""
    splunkd = request.splunkd
    until = time.monotonic() + LONGEST
    with holding(splunkd) as held:
        config = Configuration(splunkd)
        ledger = Ledger(splunkd, request.caller.user, held)
        hand = Hand(
            request.own, splunkd, ledger, request.caller.user, config.audit_index, lambda: time.monotonic() > until
        )
        if request.body.get("undo") is True:
            return {"left": hand.undo()}
        chosen, revision = choice.load(splunkd)
        if request.body.get("revision") != revision:
            raise NotDone("Not armed: somebody else has changed the choice since.", "Look at the page again.")
        chosen.check(config)
        return {"left": hand.arm(wanted(chosen))}


ENDPOINT = Endpoint("start_arm", CAPABILITY, answer)
