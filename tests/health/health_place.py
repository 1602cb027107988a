"""A Splunk to be looked at, and ways to make it sick."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from responder.health import run
from responder.health.line import Check
from responder.health.run import Said
from responder.health.surroundings import Surroundings
from responder.splunk.client import Splunkd as Client

from sandbox.splunkd import Splunkd
from tests.cloudtrail_records import stopped_trail

APP = "cloudtrail_responder"


def record(**more: Any) -> dict[str, Any]:
    """A complete record of a call that happened now; ``more`` replaces fields, and ``...`` takes one away."""
    return stopped_trail(**{"readOnly": False, **more})


@dataclass
class Place:
    splunkd: Splunkd

    def ask(self, *names: str, longest: float = 60.0) -> list[Said]:
        """What these checks say."""
        checks = [check for check in run.checks() if check.name in names]
        assert len(checks) == len(names), [check.name for check in run.checks()]
        return self.run(checks, longest)

    def run(self, checks: list[Check] | None = None, longest: float = 60.0) -> list[Said]:
        return run.run(Surroundings.of(self.splunkd.uri, self.splunkd.system_token), checks, longest)

    def client(self) -> Client:
        return Client(self.splunkd.uri, self.splunkd.system_token, pauses=())

    def rest(self, method: str, path: str, user: str = "", **options: Any) -> requests.Response:
        """One request as a user (the administrator by default)."""
        target = path if path.startswith("/") else f"/servicesNS/nobody/{APP}/{path}"
        headers = {"Authorization": f"Splunk {self.splunkd.session_key(user or self.splunkd.admin[0])}"}
        query = {"output_mode": "json", **options.pop("params", {})}
        answer = requests.request(
            method, self.splunkd.uri + target, params=query, headers=headers, timeout=60, **options
        )
        answer.raise_for_status()
        return answer

    def index(self, event: Mapping[str, Any] | str, **where: Any) -> None:
        where = {"index": "main", "sourcetype": "aws:cloudtrail", "source": "test", **where}
        self.splunkd.add_event(event if isinstance(event, str) else json.dumps(event), **where)

    def macro(self, name: str, definition: str) -> None:
        self.rest("POST", f"configs/conf-macros/{name}", data={"definition": definition})

    def edit(self, search: str, **values: str) -> None:
        """A saved search of the app, by its title."""
        path = f"saved/searches/{quote(f'CloudTrail Responder - {search}', safe='')}"
        self.rest("POST", path, data=values)

    def save(self, file: str, stanza: str, **values: str) -> None:
        """A stanza of the setup page: those of ``settings`` are there, those of tables are made."""
        path = f"configs/conf-{APP}_{file}"
        if file == "settings":
            self.rest("POST", f"{path}/{stanza}", data=values)
        else:
            self.rest("POST", path, data={"name": stanza, **values})

    def write(self, collection: str, **document: Any) -> None:
        self.rest("POST", f"storage/collections/data/{collection}", json=document)


def levels(said: list[Said]) -> list[str]:
    return [line.level for line in said]


def text(said: list[Said]) -> str:
    return "\n".join(f"{line.level} {line.check}: {line.what} {line.to_do}" for line in said)
