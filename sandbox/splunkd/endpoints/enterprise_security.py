"""Writing on findings of Enterprise Security: ``notable_update``, and the notes of ES 8.

Sources: SA-ThreatIntelligence 4.5 (``notable_update``: its arguments, 200 also when nothing was changed, 400 for an id
that has not the form of one); the Ansible collection splunk.es 5.1 (paths and bodies of notes). Without Enterprise
Security (``install_enterprise_security``) nobody answers there.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from ..errors import ApiError, bad_argument
from ..es import EnterpriseSecurity
from ..instance import Instance
from ..message import Request, json_response
from ..router import Answer, Router

_UPDATE = {"ruleUIDs", "status", "newOwner", "urgency", "comment", "disposition", "searchID", "output_mode"}
_LIST = {"notable_time", "limit", "sort", "offset", "output_mode"}
_ID = re.compile(r"[\w.-]+@@notable@@[\w.-]+")


def register(router: Router, instance: Instance) -> None:
    endpoint = Endpoint(instance)
    router.add("POST", "notable_update", endpoint.update)
    path = "public/v2/investigations/{finding}/notes"
    router.add("GET", path, endpoint.list)
    router.add("POST", path, endpoint.add)


class Endpoint:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def update(self, request: Request) -> Answer:
        there = self._there()
        request.identity.require("edit_notable_events")
        for name in request.args:
            if name not in _UPDATE:
                raise bad_argument(name)
        ids = request.args.get("ruleUIDs", [])
        if not ids or not all(_ID.fullmatch(one) for one in ids):
            raise ApiError(400, "ValueError: ruleUIDs")
        known = [one for one in ids if one in there.findings]
        changes = {n: request.arg(n) for n in ("status", "newOwner", "urgency", "disposition") if request.arg(n)}
        for one in known:
            if changes:
                there.changes.append({"finding": one, **changes})
            there.comment(one, request.arg("comment"), request.identity.user)
        failed = len(ids) - len(known)
        message = f"{len(known)} event{'' if len(known) == 1 else 's'} updated successfully"
        return json_response(
            {
                "success": not failed,
                "success_count": len(known),
                "failure_count": failed,
                "message": message if not failed else f"{failed} event(s) could not be found",
            }
        )

    def list(self, request: Request, finding: str) -> Answer:
        there = self._notes(request, finding, _LIST)
        newest_first = request.arg("sort") == "create_time:-1"
        notes = there.notes.get(finding, [])
        items = list(reversed(notes)) if newest_first else list(notes)
        return json_response({"items": items[: request.number("limit", 100)]})

    def add(self, request: Request, finding: str) -> Answer:
        there = self._notes(request, finding, {"notable_time", "output_mode"})
        body: Any = request.json()
        if not isinstance(body, dict) or set(body) != {"content"} or not str(body["content"]).strip():
            raise ApiError(400, "The body is not an object with content.")
        note = {"id": uuid.uuid4().hex, "content": body["content"], "author": {"username": request.identity.user}}
        there.notes.setdefault(finding, []).append(note)
        return json_response(note, 201)

    def _notes(self, request: Request, finding: str, allowed: set[str]) -> EnterpriseSecurity:
        there = self._there()
        if request.ns != ("nobody", "missioncontrol") or not there.has_notes:
            raise ApiError(404, "Not Found")
        request.identity.require("edit_notable_events")
        for name, _ in request.query:
            if name not in allowed:
                raise bad_argument(name)
        if finding not in there.findings or not finding.endswith(f"@@notable@@time{request.required('notable_time')}"):
            raise ApiError(404, f"MC_0050: no finding {finding}")
        return there

    def _there(self) -> EnterpriseSecurity:
        if self.instance.enterprise_security is None:
            raise ApiError(404, "Not Found")
        return self.instance.enterprise_security
