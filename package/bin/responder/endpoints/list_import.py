"""``list_import``: a CSV file into a list that people keep; first what would change, then, if asked for, the change.

Post ``{"list": lookup, "text": csv, "removes": bool}`` for a preview; with ``"digest"`` of that preview it is done.
Nothing is done where a line is wrong, or where the list is no longer as it was for the preview.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cases.audit import app_event, identified, send
from ..errors import NotDone, Rejected
from ..settings import list_files, lists
from ..settings.list_files import MOST_CHARACTERS, Planned
from ..settings.reader import Configuration
from ..splunk.queries import any_of
from .base import Endpoint, Request
from .lists import CAPABILITY, MOST

#: Changes and problems that an answer lists.
LISTED = 100


@dataclass(frozen=True)
class ListChange:
    #: ``added``, ``changed`` or ``removed``.
    what: str
    #: Of the file; 0 where it has none.
    line: int
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True)
class ListProblem:
    line: int
    problem: str


@dataclass(frozen=True)
class ListImport:
    added: int
    changed: int
    removed: int
    unchanged: int
    #: The first of them.
    changes: Sequence[ListChange]
    problems: Sequence[ListProblem]
    #: How many lines are wrong; then nothing can be done.
    wrong: int
    #: Of this plan; empty where nothing can be, or is to be, done.
    digest: str
    done: bool


def answer(request: Request) -> Mapping[str, object]:
    """Raises NotDone where the list has changed since the preview."""
    one, removes = lists.of(request.text("list", 100)), request.body.get("removes", False)
    if not isinstance(removes, bool):
        raise Rejected("removes is neither true nor false.")
    lines = list_files.read(one, request.text("text", MOST_CHARACTERS))
    stored = request.splunkd.find(one.lookup, {"_key": {"$gt": ""}}, limit=MOST)
    planned = list_files.plan(one, stored, lines, removes)
    problems = [ListProblem(line.number, line.problem) for line in lines if line.problem]
    digest = _digest(planned) if planned and not problems else ""
    asked = request.text("digest", 100)
    if asked:
        if asked != digest:
            raise NotDone("Not done: the list has changed since the preview.", "Look at the preview again.")
        _apply(request, one, planned)
    count = {what: sum(each.what == what for each in planned) for what in ("added", "changed", "removed")}
    good = len(lines) - len(problems)
    shown = ListImport(
        **count,
        unchanged=good - count["added"] - count["changed"],
        changes=[ListChange(each.what, each.line, each.before, each.after) for each in planned[:LISTED]],
        problems=problems[:LISTED],
        wrong=len(problems),
        digest=digest,
        done=bool(asked),
    )
    return dataclasses.asdict(shown)


def _digest(planned: Sequence[Planned]) -> str:
    text = json.dumps([[one.what, one.key, one.before, one.after] for one in planned], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _apply(request: Request, one: lists.PeoplesList, planned: Sequence[Planned]) -> None:
    """The audit knows of each entry before, or nothing is done. Done again, the rest of it is done."""
    splunkd, now, by = request.splunkd, request.splunkd.now(), request.caller.user
    keys = [each.key or uuid.uuid4().hex for each in planned]
    steps = {"added": "list_entry_added", "changed": "list_entry_changed", "removed": "list_entry_deleted"}
    events = [_event(steps[each.what], now, by, one.lookup, key, each) for key, each in zip(keys, planned)]
    send(splunkd, events, Configuration(splunkd).audit_index)
    documents = [{"_key": key, **each.entry} for key, each in zip(keys, planned) if each.entry is not None]
    splunkd.save_many(one.lookup, documents)
    for query in any_of("_key", [each.key for each in planned if each.entry is None]):
        splunkd.delete_where(one.lookup, query)


def _event(step: str, now: float, by: str, lookup: str, key: str, each: Planned) -> dict[str, Any]:
    before, after = dict(each.before) or None, dict(each.entry) if each.entry is not None else None
    event = app_event(step, now, by, list=lookup, key=key, before=before, after=after, way="import")
    return identified(event, step, key, f"{now}", by)


ENDPOINT = Endpoint("list_import", CAPABILITY, answer, ListImport)
