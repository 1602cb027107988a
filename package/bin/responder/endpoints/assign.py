"""``assign``: give a case to somebody.

Post ``{"case": id, "assignee": user, or "" for nobody, "was": the assignee that was shown}``.
The assignee is a user of Splunk who may see cases. ``409`` where somebody else was given the case since it was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases import assignments
from ..cases.audit import app_event, send
from ..cases.keys import case_checked
from ..cases.store import CASES
from ..engine.case_rights import APPROVE, VIEW
from ..errors import NotDone, NotFound, Rejected
from ..settings.reader import Configuration
from ..splunk.users import capabilities
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    """``{"message"}``, for people."""
    splunkd, assignee, now = request.splunkd, request.text("assignee", 300), request.splunkd.now()
    case = _case(request)
    if assignee and VIEW not in capabilities(splunkd, assignee):
        raise Rejected(f"'{assignee[:60]}' is no user who may see cases.", "Choose one of those that are offered.")
    stands = assignments.of(splunkd, [case]).get(case, "")
    if request.text("was", 300) != stands:
        raise NotDone(f"Not done: the case belongs to {stands or 'nobody'} now.", "Look at the case again.")
    by = request.caller.user
    event = app_event("case_assigned", now, by, case_id=case, before=stands or "nobody", after=assignee or "nobody")
    # The audit knows of it before, or it is not done.
    send(splunkd, [event], Configuration(splunkd).audit_index)
    assignments.assign(splunkd, case, assignee, by, now)
    return {"message": f"The case belongs to {assignee}." if assignee else "The case belongs to nobody."}


def _case(request: Request) -> str:
    try:
        case = case_checked(request.text("case", 100))
    except ValueError as error:
        raise Rejected("That is not the ID of a case.", "Open it from the list of cases.") from error
    if request.splunkd.fetch(CASES, case) is None:
        raise NotFound(f"There is no case {case}.", "It may have been removed: see Retention on the General tab.")
    return case


ENDPOINT = Endpoint("assign", APPROVE, answer)
