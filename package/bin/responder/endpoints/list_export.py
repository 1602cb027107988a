"""``list_export``: a list that people keep as a CSV file that spreadsheets open. Post ``{"list": lookup}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from ..settings import list_files, lists
from .base import Endpoint, Request
from .lists import MOST


@dataclass(frozen=True)
class ListFile:
    name: str
    #: CSV in UTF-8, with its mark. No cell is a formula to a spreadsheet.
    text: str


def answer(request: Request) -> Mapping[str, object]:
    one = lists.of(request.text("list", 100))
    stored = request.splunkd.find(one.lookup, {"_key": {"$gt": ""}}, limit=MOST)
    return dataclasses.asdict(ListFile(f"{one.lookup}.csv", list_files.text_of(one, stored)))


ENDPOINT = Endpoint("list_export", "cloudtrail_responder_view", answer, ListFile)
