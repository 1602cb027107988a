"""Answers requests that splunkd hands to the app's persistent process."""

from __future__ import annotations

import functools
import importlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from .. import libraries
from ..discovery import declared
from ..engine.services import Services
from ..errors import NotDone, NotFound, NotPermitted, ResponderError, Unavailable
from ..splunk.client import Splunkd
from .base import Caller, Endpoint, Request, read_body, read_query

log = logging.getLogger("cloudtrail_responder")

#: Kept between requests: this process lives as long as splunkd lets it.
SERVICES = Services()


@functools.lru_cache(maxsize=1)
def endpoints() -> Mapping[str, Endpoint]:
    """Every endpoint by its name."""
    return {endpoint.name: endpoint for endpoint in declared(importlib.import_module(__package__), "ENDPOINT")}


def answer(in_string: str) -> dict[str, Any]:
    """Answer one request as splunkd's persistent handlers do: {"status", "payload", "headers"}."""
    name = "?"
    try:
        given = json.loads(in_string)
        name = str(given.get("rest_path") or "").rstrip("/").rpartition("/")[2]
        endpoint = endpoints().get(name)
        if endpoint is None:
            return _response(404, {"error": "There is no such endpoint."})
        is_get = endpoint.by_get and given.get("method") == "GET"
        if given.get("method") != "POST" and not is_get:
            # What changes something is posted: a browser sends a GET with its cookies from any page, without the token.
            return _response(405, {"error": "Use POST."})
        libraries.require_our_own()
        splunkd = Splunkd(given["server"]["rest_uri"], given["system_authtoken"])
        caller = Caller.of(given)
        own = Splunkd(given["server"]["rest_uri"], str(given["session"]["authtoken"]))
        body = read_query(given.get("query")) if is_get else read_body(given.get("payload"))
        request = Request(caller, body, splunkd, SERVICES, own)
        return _response(200, endpoint.answer(request))
    except libraries.ForeignLibrary as error:
        log.error("endpoint=%s refused: %s", name, error)
        return _response(503, {"error": str(error)})
    except ResponderError as error:
        return _response(_status(error), {"error": str(error)})
    except Exception as error:
        log.exception("endpoint=%s: internal error", name)
        return _response(500, {"error": f"Internal error ({type(error).__name__}); see the app's log file."})


def _status(error: ResponderError) -> int:
    if isinstance(error, Unavailable):
        return 503
    if isinstance(error, NotPermitted):
        return 403
    if isinstance(error, NotDone):
        return 409
    return 404 if isinstance(error, NotFound) else 400


def _response(status: int, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"status": status, "payload": dict(payload), "headers": {"Content-Type": "application/json"}}
