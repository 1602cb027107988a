"""``kill_switch``: stop every change in AWS. Post ``{}`` to see how it is, ``{"state": "on"}`` to stop.

Whoever may approve may stop; to allow changes again is the administrator's (``allow_changes``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cases.audit import app_event, send
from ..cases.owed import send_or_owe
from ..errors import ConfigurationError, Rejected, ResponderError
from ..settings.reader import Configuration
from ..splunk.client import Splunkd
from . import safety_tab
from .base import Endpoint, Request

STATES = ("on", "off")


def answer(request: Request) -> Mapping[str, Any]:
    """``{"state": "on" or "off", "by", "message"}``: how it is now, and who has just asked."""
    wanted = request.text("state", 10)
    if wanted == "off":
        raise Rejected("To allow changes again is the administrator's.", "Ask one: | respondkillswitch state=off")
    if wanted not in ("", "on"):
        raise Rejected(f"'{wanted}' is no state.", "Use on, or none to see how it is.")
    if wanted:
        switch(request, on=True)
    is_on, said = _how_it_is(request.splunkd)
    return {"state": STATES[not is_on], "by": request.caller.user, "message": said}


def _how_it_is(splunkd: Splunkd) -> tuple[bool, str]:
    try:
        is_on = Configuration(splunkd).safety.kill_switch
    except ConfigurationError as error:
        return True, f"Nothing is changed in AWS, as the Safety tab cannot be read: {error}"
    return is_on, "Nothing is changed in AWS; tickets and messages go on." if is_on else "Changes may be made in AWS."


def switch(request: Request, on: bool) -> None:
    """Save it on the Safety tab, as the setup page does.

    That changes are allowed again the audit knows before, or they are not. To stop them waits for nothing: where the
    index does not take the event, that is owed.
    """
    splunkd, now = request.splunkd, request.splunkd.now()
    event = app_event("kill_switch_on" if on else "kill_switch_off", now, request.caller.user)
    if not on:
        send(splunkd, [event], Configuration(splunkd).audit_index)
    safety_tab.save(splunkd, {"kill_switch": str(int(on))}, now)
    if on:
        send_or_owe(splunkd, event, _audit_index(splunkd))


def _audit_index(splunkd: Splunkd) -> str:
    try:
        return Configuration(splunkd).audit_index
    except ResponderError:
        # No index has such a name: it is owed.
        return ""


ENDPOINT = Endpoint("kill_switch", "cloudtrail_responder_approve", answer)
