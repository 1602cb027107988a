"""``case_playbooks``: which playbooks can answer the finding of a case, and why others cannot.

Post ``{"case": id}``. AWS is not asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..engine.remediating import PlaybookChoices, choices
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    return dataclasses.asdict(choices(request.splunkd, request.text("case", 100)))


ENDPOINT = Endpoint("case_playbooks", "cloudtrail_responder_view", answer, PlaybookChoices)
