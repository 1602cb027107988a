"""Clients of a splunkd: splunk-sdk, and plain HTTP for what it cannot say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from splunklib import client

from sandbox.splunkd import Splunkd

#: (name, {relative path: content}, tarball=False, folder=None) -> the app's folder or tarball.
MakeApp = Callable[..., Path]


def connect(splunkd: Splunkd, user: str = "", password: str = "", app: str = "search") -> client.Service:
    """splunk-sdk, logged in; as the administrator by default."""
    user, password = (user, password) if user else splunkd.admin
    return client.connect(
        host="127.0.0.1", port=splunkd.port, scheme="http", username=user, password=password, owner="nobody", app=app
    )


class Rest:
    """Plain HTTP, always ``output_mode=json``."""

    def __init__(self, splunkd: Splunkd, user: str) -> None:
        self.base = splunkd.uri
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Splunk {splunkd.session_key(user)}"

    def __call__(self, method: str, path: str, data: Any = None, json: Any = None, **params: Any) -> requests.Response:
        return self.session.request(
            method, self.base + path, params={"output_mode": "json", **params}, data=data, json=json, timeout=30
        )


def text_of(response: requests.Response) -> str:
    """The error's text."""
    return str(response.json()["messages"][0]["text"])
