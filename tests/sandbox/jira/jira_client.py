"""A client of one face of the Jira stand-in, and documents to send."""

from __future__ import annotations

from typing import Any

import requests

from sandbox.jira import JiraStandIn


class Client:
    """A logged-in session with one face of a stand-in; ``rich(text)`` is a rich text of that face."""

    def __init__(self, jira: JiraStandIn, version: str, session: requests.Session | None = None) -> None:
        self.jira = jira
        self.version = version
        self.session = session or requests.Session()
        credentials = jira.credentials
        if jira.cloud:
            self.session.auth = (credentials.email, credentials.api_token)
        else:
            self.session.headers["Authorization"] = "Bearer " + credentials.personal_access_token

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.jira.url}/rest/api/{self.version}{path}", timeout=10, **options)

    def rich(self, text: str) -> Any:
        return document(text) if self.version == "3" else text

    def fields(self, **more: Any) -> dict[str, Any]:
        """The least that a ticket in SEC needs, and more."""
        return {"project": {"key": "SEC"}, "issuetype": {"name": "Incident"}, "summary": "A ticket", **more}

    def create(self, **more: Any) -> requests.Response:
        return self("POST", "/issue", json={"fields": self.fields(**more)})


def document(*texts: str) -> dict[str, Any]:
    """An ADF document of one paragraph for each text."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in texts]
    return {"type": "doc", "version": 1, "content": paragraphs}
