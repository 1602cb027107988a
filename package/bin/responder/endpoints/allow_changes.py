"""``allow_changes``: switch the kill switch off. Post ``{}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Endpoint, Request
from .kill_switch import answer as how_it_is
from .kill_switch import switch


def answer(request: Request) -> Mapping[str, Any]:
    """``{"state": "off", "by", "message"}``."""
    switch(request, on=False)
    return how_it_is(request)


ENDPOINT = Endpoint("allow_changes", "cloudtrail_responder_admin", answer)
