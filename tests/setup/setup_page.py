"""The setup page's endpoints, as the browser sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import requests
from responder.settings.reader import Configuration
from responder.splunk.client import Splunkd as Client

from sandbox.jira import JiraStandIn
from sandbox.splunkd import Splunkd

APP = "cloudtrail_responder"
PASSWORD = "a-password-of-a-user"


def cloud(site: JiraStandIn, **more: str) -> dict[str, str]:
    """The form of a Jira Cloud site."""
    form = {"deployment": "cloud", "url": site.url, "email": site.credentials.email}
    return {**form, "api_token": site.credentials.api_token, **more}


@dataclass(frozen=True)
class SetupPage:
    splunkd: Splunkd
    #: Who uses the page; empty for Splunk's administrator.
    user: str = ""

    def as_user(self, name: str, *roles: str) -> SetupPage:
        """The page as somebody else sees it: a user with these roles."""
        assert self.splunkd.access.add_user(name, PASSWORD, roles)
        return replace(self, user=name)

    def request(self, method: str, path: str, **form: str) -> requests.Response:
        """A path below the app's namespace, or an absolute one."""
        target = path if path.startswith("/") else f"/servicesNS/nobody/{APP}/{path}"
        separator = "&" if "?" in target else "?"
        auth = (self.user, PASSWORD) if self.user else self.splunkd.admin
        url = f"{self.splunkd.uri}{target}{separator}output_mode=json"
        return requests.request(method, url, auth=auth, data=form or None, timeout=60)

    def create(self, tab: str, name: str, **form: str) -> str | None:
        """Save a new entry. None when it was saved, else what the page shows."""
        return self._refusal(self.request("POST", f"{APP}_{tab}", name=name, **form))

    def edit(self, tab: str, name: str, **form: str) -> str | None:
        return self._refusal(self.request("POST", f"{APP}_{tab}/{quote(name)}", **form))

    def entry(self, tab: str, name: str) -> dict[str, Any]:
        """What the page shows of an entry; empty when there is none."""
        answer = self.request("GET", f"{APP}_{tab}/{name}")
        return dict(answer.json()["entry"][0]["content"]) if answer.ok else {}

    def developer(self, **settings: str) -> None:
        """Point the app at stand-ins, as only the [developer] stanza can."""
        answer = self.request("POST", f"configs/conf-{APP}_settings", name="developer", **settings)
        assert answer.ok, answer.text

    def settings(self) -> Configuration:
        """The settings as executor and worker read them now, with system rights."""
        return Configuration(Client(self.splunkd.uri, self.splunkd.system_token))

    def log(self) -> list[str]:
        """Lines of the setup page's log file."""
        path = self.splunkd.home / "var" / "log" / "splunk" / "cloudtrail_responder_setup.log"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    @staticmethod
    def refusal(answer: requests.Response) -> tuple[int, str]:
        """Status and text of a refusal. splunkd wraps a handler's error in one of its own; the page unwraps it."""
        text = str(answer.json()["messages"][0]["text"])
        wrapped = re.search(r'REST Error \[(\d+)\]: [A-Za-z ]+ -- (.*)"\. See splunkd\.log', text)
        assert wrapped, text
        return int(wrapped.group(1)), wrapped.group(2)

    def _refusal(self, answer: requests.Response) -> str | None:
        if answer.ok:
            return None
        status, text = self.refusal(answer)
        assert status == 400, text
        return text
