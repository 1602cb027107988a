"""``start_choice``: keep what was chosen in *Getting started*. Nothing is switched on by it.

Post ``{"pack": id, "responses": {severity: {"ticket": bool, "slack": bool, "remediation": mode}}, "site", "project",
"issue_type", "workspace", "channel": text, "revision": number}``. ``revision`` is the one that was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import NotDone
from ..starting import choice
from ..starting.ledger import holding
from .base import Endpoint, Request
from .start import CAPABILITY


def answer(request: Request) -> Mapping[str, Any]:
    """``{"revision": number}``. Raises NotDone where somebody else has chosen since."""
    wanted = choice.Choice.of(request.body)
    with holding(request.splunkd):
        _, revision = choice.load(request.splunkd)
        if request.body.get("revision") != revision:
            raise NotDone("Not saved: somebody else has changed the choice since.", "Look at the page again.")
        choice.save(request.splunkd, wanted, request.caller.user, revision + 1)
    return {"revision": revision + 1}


ENDPOINT = Endpoint("start_choice", CAPABILITY, answer)
