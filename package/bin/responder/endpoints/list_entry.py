"""``list_entry``: add, change or delete an entry of a list that people keep.

Post ``{"list": lookup, "entry": {column: text}}`` to add one, with ``"key"`` to change that one, and with ``"key"`` and
no ``"entry"`` to delete it. ``"was"``, as ``lists`` has shown it (``values`` and ``last_day``), is needed with a key.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ..cases.audit import app_event, send
from ..errors import NotDone, NotFound, Rejected
from ..settings import lists
from ..settings.lists import PeoplesList
from ..settings.reader import Configuration
from ..splunk.client import Document
from .base import Endpoint, Request
from .lists import CAPABILITY, shown


def answer(request: Request) -> Mapping[str, Any]:
    """``{"key", "done"}``: ``added``, ``changed`` or ``deleted``. Raises NotDone where it is not as it was shown."""
    splunkd, one = request.splunkd, lists.of(request.text("list", 100))
    key, given = request.text("key", 200), request.body.get("entry")
    if given is not None and not isinstance(given, dict):
        raise Rejected("entry is not an object of texts.")
    if given is None and not key:
        raise Rejected("Neither an entry nor a key is given.")
    entry = lists.checked(one, given) if given is not None else None
    before = _stands(request, one, key) if key else None
    named = key or uuid.uuid4().hex
    done = "deleted" if entry is None else "changed" if key else "added"
    event = app_event(
        f"list_entry_{done}",
        splunkd.now(),
        request.caller.user,
        list=one.lookup,
        key=named,
        before=before,
        after=entry,
    )
    # The audit knows of it before, or it is not done.
    send(splunkd, [event], Configuration(splunkd).audit_index)
    if entry is None:
        splunkd.delete_where(one.lookup, {"_key": key})
    elif before is None:
        splunkd.insert(one.lookup, {"_key": named, **entry})
    else:
        splunkd.replace(one.lookup, key, entry)
    return {"key": named, "done": done}


def _stands(request: Request, one: PeoplesList, key: str) -> Document:
    """The entry as it is stored, if it is as it was shown."""
    document = request.splunkd.fetch(one.lookup, key)
    if document is None:
        raise NotFound("The entry is no longer there.", "Look at the list again.")
    now = shown(one, document, request.splunkd.now())
    if request.body.get("was") != {**now.values, "last_day": now.last_day}:
        raise NotDone("Not done: somebody has changed the entry since it was shown.", "Look at the list again.")
    return {name: value for name, value in document.items() if not name.startswith("_")}


ENDPOINT = Endpoint("list_entry", CAPABILITY, answer)
