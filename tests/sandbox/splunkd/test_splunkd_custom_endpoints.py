"""Endpoints that an app brings in restmap.conf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from splunkd_clients import MakeApp, Rest, text_of

from sandbox.splunkd import Splunkd
from sandbox.splunkd.handlers import Entry

RESTMAP = """
[admin:guest]
match = /
members = guest_account, guest_settings
capability.delete = edit_user
[admin_external:guest_account]
handlertype = python
handlerfile = h.py
handleractions = edit, list, remove, create
[admin_external:guest_settings]
handlerfile = s.py
handleractions = list
[script:guest_run]
match = /guest/run
script = run.py
scripttype = persist
handler = run.Run
requireAuthentication = true
passSystemAuth = true
passPayload = true
output_modes = json
capability.post = guest_run
"""


class Host:
    """Notes what it is asked to run."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def admin(
        self,
        app: str,
        endpoint: str,
        action: str,
        name: str | None,
        args: dict[str, list[str]],
        session_key: str,
        user: str,
    ) -> tuple[int, Sequence[Entry] | str]:
        self.requests.append(
            {"app": app, "endpoint": endpoint, "action": action, "name": name, "args": args, "user": user}
        )
        if args.get("url") == ["bad"]:
            return 400, "Bad Request -- url is bad"
        return 200, [Entry(name or "first", {"url": "u", "secret": None})]

    def persistent(
        self,
        app: str,
        stanza: Mapping[str, str],
        request: Mapping[str, Any],
    ) -> tuple[int, Mapping[str, str], bytes]:
        self.requests.append({"app": app, "stanza": stanza["name"], **request})
        return 202, {"Content-Type": "application/json", "X-Own": "1"}, b'{"done": true}'

    def script(
        self, app: str, stanza: Mapping[str, str], request: Mapping[str, Any]
    ) -> tuple[int, Mapping[str, str], bytes]:
        raise AssertionError("no stanza here asks for it")


@pytest.fixture
def host(splunkd: Splunkd, make_app: MakeApp) -> Host:
    splunkd.install_app(
        make_app(
            "guest",
            {
                "default/restmap.conf": RESTMAP,
                "default/authorize.conf": (
                    "[capability::guest_run]\n[role_runner]\nimportRoles = user\nguest_run = enabled\n"
                ),
            },
        )
    )
    host = Host()
    splunkd.handlers = host
    return host


BASE = "/servicesNS/nobody/guest"


@pytest.mark.parametrize(
    ("method", "path", "data", "action", "name", "args"),
    [
        ("GET", "", None, "list", None, {}),
        ("GET", "/one", None, "list", "one", {}),
        ("POST", "", {"name": "new", "url": "x"}, "create", "new", {"url": ["x"]}),
        ("POST", "/one", {"url": "x"}, "edit", "one", {"url": ["x"]}),
        ("DELETE", "/one", None, "remove", "one", {}),
    ],
)
def test_requests_become_actions(
    host: Host, rest: Rest, method: str, path: str, data: Any, action: str, name: Any, args: dict[str, Any]
) -> None:
    answer = rest(method, f"{BASE}/guest_account{path}", data=data, count=0)
    assert answer.ok and host.requests == [
        {"app": "guest", "endpoint": "guest_account", "action": action, "name": name, "args": args, "user": "admin"}
    ]
    assert answer.json()["entry"][0]["content"]["url"] == "u"
    assert answer.json()["entry"][0]["id"].endswith(f"/servicesNS/nobody/guest/guest_account/{name or 'first'}")


def test_the_handlers_error_reaches_the_caller(host: Host, rest: Rest) -> None:
    answer = rest("POST", f"{BASE}/guest_account/one", data={"url": "bad"})
    assert (answer.status_code, text_of(answer)) == (400, "Bad Request -- url is bad")


def test_actions_that_are_not_declared_and_rights_that_are_missing(host: Host, rest: Rest, alice: Rest) -> None:
    assert rest("POST", f"{BASE}/guest_settings/one", data={"x": "1"}).status_code == 405
    assert alice("DELETE", f"{BASE}/guest_account/one").status_code == 403
    assert host.requests == []


def test_a_persistent_handler_is_told_everything(host: Host, splunkd: Splunkd) -> None:
    splunkd.access.add_user("rita", "ritas-password", ["runner"])
    answer = Rest(splunkd, "rita")("POST", f"{BASE}/guest/run/deeper?x=1", json={"tasks": ["a"]})
    assert (answer.status_code, answer.json(), answer.headers["X-Own"]) == (202, {"done": True}, "1")
    request = host.requests[0]
    assert request["stanza"] == "script:guest_run" and request["method"] == "POST"
    assert request["payload"] == '{"tasks": ["a"]}' and ["x", "1"] in request["query"]
    assert request["session"]["user"] == "rita" and request["ns"] == {"user": "nobody", "app": "guest"}
    assert (request["path_info"], request["rest_path"]) == ("deeper", "/guest/run/deeper")
    assert request["server"]["rest_uri"] == splunkd.uri
    system = splunkd.access.identify(request["system_authtoken"])
    assert system is not None and system.is_system


def test_a_capability_guards_a_persistent_handler(host: Host, alice: Rest) -> None:
    answer = alice("POST", f"{BASE}/guest/run", json={})
    assert answer.status_code == 403 and "guest_run" in text_of(answer)
    assert host.requests == []


def test_without_a_host_the_answer_is_503(host: Host, splunkd: Splunkd, rest: Rest) -> None:
    splunkd.handlers = None
    assert rest("GET", f"{BASE}/guest_account").status_code == 503
