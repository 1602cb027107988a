"""The setup page's endpoints, as the browser sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Optional

import requests

from sandbox.splunkd import Splunkd

APP = "cloudtrail_responder"


@dataclass
class SetupPage:
    splunkd: Splunkd

    def request(self, method: str, path: str, **form: str) -> requests.Response:
        url = f"{self.splunkd.uri}/servicesNS/nobody/{APP}/{path}?output_mode=json"
        return requests.request(method, url, auth=self.splunkd.admin, data=form or None, timeout=60)

    def create(self, tab: str, name: str, **form: str) -> Optional[str]:
        """Save a new entry. None when it was saved, else what the page tells."""
        return self._told(self.request("POST", f"{APP}_{tab}", name=name, **form))

    def edit(self, tab: str, name: str, **form: str) -> Optional[str]:
        return self._told(self.request("POST", f"{APP}_{tab}/{name}", **form))

    def entry(self, tab: str, name: str) -> dict[str, Any]:
        """What the page shows of an entry; empty when there is none."""
        answer = self.request("GET", f"{APP}_{tab}/{name}")
        return dict(answer.json()["entry"][0]["content"]) if answer.ok else {}

    def developer(self, **settings: str) -> None:
        """Point the app at stand-ins, as only the [developer] stanza can."""
        answer = self.request("POST", f"configs/conf-{APP}_settings", name="developer", **settings)
        assert answer.ok, answer.text

    @staticmethod
    def told(answer: requests.Response) -> tuple[int, str]:
        """Status and text of a refusal. splunkd wraps a handler's error in one of its own; the page unwraps it."""
        text = str(answer.json()["messages"][0]["text"])
        wrapped = re.search(r'REST Error \[(\d+)\]: [A-Za-z ]+ -- (.*)"\. See splunkd\.log', text)
        assert wrapped, text
        return int(wrapped.group(1)), wrapped.group(2)

    def _told(self, answer: requests.Response) -> Optional[str]:
        if answer.ok:
            return None
        status, text = self.told(answer)
        assert status == 400, text
        return text
