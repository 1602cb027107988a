"""search/timeparser: the moments that time modifiers stand for, by the modifier. The sandbox's user lives in UTC.

Source: REST API Reference, "search/timeparser".
"""

from __future__ import annotations

import time
from xml.sax.saxutils import escape, quoteattr

from spl import SplError, times

from ..errors import ApiError, bad_argument
from ..instance import Instance
from ..message import Request, Response, json_response
from ..router import Answer, Router

_ARGUMENTS = ("time", "now", "output_time_format", "output_mode", "_")
_FORMAT = "%Y-%m-%dT%H:%M:%S.%3N%:z"


def register(router: Router, instance: Instance) -> None:
    router.add("GET", "search/timeparser", parse)


def parse(request: Request) -> Answer:
    for name in request.args:
        if name not in _ARGUMENTS:
            raise bad_argument(name)
    asked = request.args.get("time")
    if not asked:
        raise ApiError(400, "The following required arguments are missing: time.")
    form = request.arg("output_time_format") or _FORMAT
    try:
        now = times.bound(request.arg("now"), time.time(), time.time())
        found = {text: times.strftime(times.bound(text, now, now), form) for text in asked}
    except SplError as error:
        raise ApiError(400, str(error)) from error
    if request.output_mode == "json":
        return json_response(found)
    keys = "".join(f"<key name={quoteattr(text)}>{escape(moment)}</key>" for text, moment in found.items())
    return Response(200, f"<response><dict>{keys}</dict></response>")
