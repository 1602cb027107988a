"""``kill_switch``: stop every change in AWS. Post ``{}`` to see how it is, ``{"state": "on"}`` to stop.

Whoever may approve may stop; to allow changes again is the administrator's (``allow_changes``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ..cases.audit import app_event, send
from ..errors import Rejected, Unavailable
from ..settings.reader import SETTINGS, Configuration
from ..splunk.client import Splunkd, message_of
from .base import Endpoint, Request

STATES = ("on", "off")


def answer(request: Request) -> Mapping[str, Any]:
    """``{"state": "on" or "off", "by", "message"}``: how it is now, and who has just asked."""
    wanted = request.text("state", 10)
    if wanted == "off":
        raise Rejected("To allow changes again is the administrator's.", "Use the Safety tab, or the role that has it.")
    if wanted not in ("", "on"):
        raise Rejected(f"'{wanted}' is no state.", "Use on, or none to see how it is.")
    if wanted:
        switch(request, on=True)
    is_on = Configuration(request.splunkd).safety.kill_switch
    said = "Nothing is changed in AWS; tickets and messages go on." if is_on else "Changes may be made in AWS."
    return {"state": STATES[not is_on], "by": request.caller.user, "message": said}


def switch(request: Request, on: bool) -> None:
    """Save it on the Safety tab, as the setup page does. The audit knows before, so that it never misses it."""
    splunkd, now = request.splunkd, request.splunkd.now()
    step = "kill_switch_on" if on else "kill_switch_off"
    send(splunkd, [app_event(step, now, request.caller.user)], Configuration(splunkd).audit_index)
    fields = {"kill_switch": str(int(on)), "saved_at": f"{now:.3f}"}
    if _post(splunkd, f"configs/conf-{SETTINGS}/safety", fields) == 404:
        _post(splunkd, f"configs/conf-{SETTINGS}", {"name": "safety", **fields})


def _post(splunkd: Splunkd, path: str, fields: Mapping[str, str]) -> int:
    status, data = splunkd.request(
        "POST",
        path,
        {"output_mode": "json"},
        urlencode(fields).encode(),
        "application/x-www-form-urlencoded",
    )
    if status not in (200, 201, 404):
        raise Unavailable(
            f"The Safety tab could not be saved (HTTP {status}): {message_of(data)}", "Save it on the setup page."
        )
    return status


ENDPOINT = Endpoint("kill_switch", "cloudtrail_responder_approve", answer)
