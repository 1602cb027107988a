"""search/parser, search/v2/parser: whether a search can run, and which commands it has.

Sources: REST API Reference, "search/parser"; splunk-sdk, ``Service.parse`` (POST for v2, GET before it). Of the
semantic map only the commands with their raw arguments are given.
"""

from __future__ import annotations

from spl import SplError, macros, scanner

from ..confs import parse_bool
from ..errors import ApiError, bad_argument
from ..instance import Instance
from ..message import Request, json_response
from ..router import Answer, Router

_ARGUMENTS = ("q", "parse_only", "enable_lookups", "reload_macros", "output_mode", "_")


def register(router: Router, instance: Instance) -> None:
    endpoint = Endpoint(instance)
    router.add("GET POST", "search/parser", endpoint.parse)
    router.add("GET POST", "search/v2/parser", endpoint.parse)


class Endpoint:
    def __init__(self, instance: Instance) -> None:
        self.instance = instance

    def parse(self, request: Request) -> Answer:
        for name in request.args:
            if name not in _ARGUMENTS:
                raise bad_argument(name)
        if request.output_mode != "json":
            raise ApiError(501, "The sandbox answers the parser in JSON only.")
        spl = request.required("q").strip()
        app = "search" if request.app in ("-", "system") else request.app
        knowledge = self.instance.jobs.sources(request.identity, app, None)[1]
        try:
            if not parse_bool(request.arg("parse_only") or "0"):
                self.instance.jobs.check(spl, request.identity, app)
                spl = macros.expand(spl, knowledge)
            segments = scanner.pipeline(spl)
        except SplError as error:
            raise ApiError(400, str(error), "FATAL") from error
        commands = [{"command": part.name, "rawargs": part.arguments.strip()} for part in segments]
        return json_response({"commands": commands})
