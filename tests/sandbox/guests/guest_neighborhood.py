"""A Splunk with TLS, a Jira and a Slack beside it, and a stranger's browser that installs and configures apps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from sandbox.jira import JiraStandIn
from sandbox.runner.runner import Runner
from sandbox.slack import SlackStandIn
from sandbox.splunkd import Splunkd


@dataclass
class Neighborhood:
    """All that an app may talk to, over TLS by one CA; and splunkd's REST API as an administrator's browser sees it."""

    splunkd: Splunkd
    runner: Runner
    jira: JiraStandIn
    slack: SlackStandIn
    _key: str = field(default="", repr=False)

    @property
    def ca_file(self) -> str:
        assert self.splunkd.tls is not None
        return str(self.splunkd.tls.ca_file)

    def rest(self, method: str, path: str, **form: str) -> requests.Response:
        """A request as a setup page sends it: form-encoded, answered in JSON, with a session from a login."""
        if not self._key:
            user, password = self.splunkd.admin
            login = self._send("POST", "/services/auth/login", {}, username=user, password=password)
            self._key = login.json()["sessionKey"]
        return self._send(method, path, {"Authorization": f"Splunk {self._key}"}, **form)

    def _send(self, method: str, path: str, headers: dict[str, str], **form: str) -> requests.Response:
        options: dict[str, Any] = {"params": {"output_mode": "json"}, "verify": self.ca_file, "timeout": 120}
        return requests.request(method, self.splunkd.uri + path, headers=headers, data=form or None, **options)

    def install(self, package: Path) -> None:
        """Install app from file."""
        self.rest("POST", "/services/apps/local", name=str(package), filename="true").raise_for_status()

    def events(self, spl: str) -> list[dict[str, Any]]:
        return [dict(row) for row in self.splunkd.search(spl).rows]
