"""The executor: the app's own persistent REST endpoints, called by actions (execute) and people (undo).

splunkd keeps the process warm and passes a token with system rights; who may call it at all is decided before, by
the capability in restmap.conf.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import logging
import time
from typing import Any, Dict, Mapping

from ..cases.audit import audit_event
from ..cases.case import fetch_case
from ..cases.tasks import KEY, Task, TaskStore
from ..engine.engine import Engine
from ..engine.services import Services
from ..errors import ConfigurationError, NotFound, Rejected, ResponderError, Unavailable
from ..splunk.client import Splunkd

log = logging.getLogger("cloudtrail_responder")

#: Tasks accepted in one request.
MAX_TASKS = 200
#: Kept between requests: this process lives as long as splunkd lets it.
SERVICES = Services()


def answer(verb: str, in_string: str) -> Dict[str, Any]:
    """Answer one request as splunkd's persistent handlers do: {"status", "payload", "headers"}."""
    try:
        request = json.loads(in_string)
        if request.get("method") != "POST":
            # restmap.conf asks those who post for the capability; a GET with a body must not go past it.
            return _response(405, {"error": "Use POST."})
        splunkd = Splunkd(request["server"]["rest_uri"], request["system_authtoken"])
        payload = {"execute": execute, "undo": undo}[verb](splunkd, request)
    except ResponderError as error:
        status = 503 if isinstance(error, Unavailable) else 404 if isinstance(error, NotFound) else 400
        return _response(status, {"error": str(error)})
    except Exception as error:
        log.exception("%s: internal error", verb)
        return _response(500, {"error": f"Internal error ({type(error).__name__}); see the app's log file."})
    return _response(200, payload)


def execute(splunkd: Splunkd, request: Mapping[str, Any]) -> Dict[str, Any]:
    """Run recorded tasks: {"tasks": [key, ...]} -> {"reports": [Report, ...]}."""
    keys = _posted(request).get("tasks")
    if not isinstance(keys, list) or len(keys) > MAX_TASKS:
        raise Rejected(f'Post {{"tasks": [...]}} with at most {MAX_TASKS} task keys.')
    reports = Engine(splunkd, SERVICES, time.time).run([_key(key) for key in keys])
    return {"reports": [dataclasses.asdict(report) for report in reports]}


def undo(splunkd: Splunkd, request: Mapping[str, Any]) -> Dict[str, Any]:
    """Take a remediation back: {"task": key} -> {"reports": [Report]}. Asking twice undoes once."""
    of = _key(_posted(request).get("task"))
    user = str(request.get("session", {}).get("user") or "")
    engine = Engine(splunkd, SERVICES, time.time)
    original = engine.store.get(of)
    if original is None or original.kind != "remediation.run":
        raise NotFound(f"No remediation is recorded as task {of}.", "Take the key from the audit events (field task).")
    if not original.final:
        raise Rejected(f"Task {of} has not ended yet ({original.state}).", "Wait for it, then undo it.")
    case = fetch_case(splunkd, original.case_id)
    if case is None:
        raise ConfigurationError(f"The case of task {of} is not in the KV store.")
    key = _undo_key(engine.store, of)
    task = Task(key, original.case_id, "remediation.undo", {"of": of, "by": user}, owner=user)
    task.trail.append(audit_event("undo_requested", case, task, time.time(), "success", of=of))
    engine.store.record(task)
    return {"reports": [dataclasses.asdict(report) for report in engine.run([task.key])]}


def _undo_key(store: TaskStore, of: str) -> str:
    """The undo that is under way or done; a further one after those that were refused or failed."""
    for number in itertools.count(1):
        key = f"{of}.undo" + (f".{number}" if number > 1 else "")
        found = store.get(key)
        if found is None or found.state not in ("refused", "failed"):
            return key
    raise AssertionError("unreachable")


def _posted(request: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        posted = json.loads(request.get("payload") or "")
    except ValueError:
        posted = None
    if not isinstance(posted, dict):
        raise Rejected("The body is not a JSON object.")
    return posted


def _key(value: Any) -> str:
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise Rejected("That is not a task key.", "A key reads <case>.<family>, as in the audit events.")
    return value


def _response(status: int, payload: Mapping[str, Any]) -> Dict[str, Any]:
    return {"status": status, "payload": dict(payload), "headers": {"Content-Type": "application/json"}}
