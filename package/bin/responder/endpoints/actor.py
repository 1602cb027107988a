"""``actor``: the incident view of whoever is behind a case. Post ``{"case": id}``.

It searches CloudTrail with the system's rights, for names that were checked; what it gives is bounded, and says where
it is cut.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine import incident_view
from ..engine.incident_view import ActorView
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    return dataclasses.asdict(incident_view.read(request.splunkd, request.text("case", 100)))


ENDPOINT = Endpoint("actor", "cloudtrail_responder_view", answer, ActorView)
