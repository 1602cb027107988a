"""``check``: would a form of the setup page work? Posted by the page's own REST handlers, before they save it.

Post ``{"form": tab, "entry": name, "new": bool, "fields": {...}}``. The answer has ``message``, ``fields`` (to be saved
along with the posted ones) and ``unchanged`` (names of posted ones that are not to be saved), or ``refused`` with the
HTTP ``status`` and the ``message`` to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.audit import app_event, identified
from ..cases.owed import send_or_owe
from ..errors import Rejected, ResponderError, one_line
from ..settings.reader import Configuration
from . import setup_page
from .base import Endpoint, Request


def answer(request: Request) -> Mapping[str, Any]:
    fields = request.body.get("fields")
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise Rejected("fields is not an object of texts.")
    form, entry, new = request.text("form"), request.text("entry"), bool(request.body.get("new"))
    try:
        accepted = setup_page.check(request.splunkd, form, entry, fields, new=new)
    except ResponderError as error:
        return {"refused": {"status": setup_page.status_of(error), "message": str(error)}}
    if accepted.step or accepted.changed or new:
        _audit(request, accepted, form, entry)
    return {"message": accepted.message, "fields": dict(accepted.fields), "unchanged": list(accepted.unchanged)}


def _audit(request: Request, accepted: setup_page.Accepted, form: str, entry: str) -> None:
    """Before it is saved, which Splunk does right behind it: the names of fields, never their values."""
    splunkd, by = request.splunkd, request.caller.user
    now, index = splunkd.now(), Configuration(splunkd).audit_index
    if accepted.step:
        send_or_owe(splunkd, app_event(accepted.step, now, by), index)
    about = {"form": form, "entry": one_line(entry), "changed": list(accepted.changed)}
    event = app_event("settings_accepted", now, by, **about)
    send_or_owe(splunkd, identified(event, "settings_accepted", form, entry, f"{now}", by), index)


ENDPOINT = Endpoint("check", setup_page.CAPABILITY, answer)
