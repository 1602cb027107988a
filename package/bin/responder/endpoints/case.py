"""``case``: one case with its evidence, tasks and history, and what whoever asks may do now. Post ``{"case": id}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine import case_detail
from ..engine.case_detail import CaseDetail
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    found = case_detail.read(request.splunkd, request.text("case", 100), request.caller.user)
    return dataclasses.asdict(found)


ENDPOINT = Endpoint("case", "cloudtrail_responder_view", answer, CaseDetail)
