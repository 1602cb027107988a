"""Restarting, the messages that ask for it, and what there is below /services."""

from __future__ import annotations

import pytest
from eventually import eventually
from splunkd_clients import MakeApp, Rest, text_of
from splunklib import client

from sandbox.splunkd import Splunkd

MESSAGES = "/services/messages"


def names(rest: Rest, path: str) -> list[str]:
    return [entry["name"] for entry in rest("GET", path).json()["entry"]]


def test_the_sdk_restarts_and_waits_until_it_is_over(service: client.Service, splunkd: Splunkd) -> None:
    ended: list[str] = []
    splunkd.on_restart.append(lambda: ended.append("processes"))
    service.kvstore.create("kept")
    service.kvstore["kept"].data.insert({"_key": "a"})
    service.messages.create("other", value="stays")
    service.restart(timeout=30)
    assert ended == ["processes"] and not service.restart_required
    assert service.kvstore["kept"].data.query_by_id("a")["_key"] == "a"
    assert [message.name for message in service.messages] == ["other"]


def test_a_restart_begins_a_new_time_of_running(rest: Rest, splunkd: Splunkd) -> None:
    splunkd.started = 1.0
    assert rest("POST", "/services/server/control/restart").status_code == 200
    eventually(lambda: rest("GET", "/services/server/info").json()["entry"][0]["content"]["startup_time"] > 1)


def test_only_who_may_restart_does(alice: Rest, splunkd: Splunkd) -> None:
    splunkd.on_restart.append(lambda: pytest.fail("it restarted"))
    for what in ("restart", "restart_webui"):
        answer = alice("POST", f"/services/server/control/{what}")
        assert answer.status_code == 403 and "restart_splunkd" in text_of(answer)


def test_the_controls_are_listed(rest: Rest) -> None:
    (entry,) = rest("GET", "/services/server/control").json()["entry"]
    assert entry["links"]["restart"] == "/services/server/control/restart"
    assert rest("POST", "/services/server/control/restart_webui").status_code == 200
    assert rest("POST", "/services/server/control/halt").status_code == 404
    assert rest("GET", "/services/server/control/restart").status_code == 405


def test_messages(rest: Rest) -> None:
    assert rest("POST", MESSAGES, data={"name": "restart_required", "value": "now"}).status_code == 201
    (entry,) = rest("GET", f"{MESSAGES}/restart_required").json()["entry"]
    assert entry["content"]["message"] == "now" and entry["content"]["severity"] == "info"
    assert rest("POST", MESSAGES, data={"name": "bad", "severity": "loud"}).status_code == 400
    assert rest("DELETE", f"{MESSAGES}/restart_required").status_code == 200
    assert names(rest, MESSAGES) == [] and rest("DELETE", f"{MESSAGES}/restart_required").status_code == 404


@pytest.mark.parametrize(("setting", "asked"), [("1", ["restart_required"]), ("0", [])])
def test_an_app_can_ask_for_a_restart_whenever_its_state_changes(
    rest: Rest, make_app: MakeApp, setting: str, asked: list[str]
) -> None:
    app = make_app("wants", {"default/app.conf": f"[install]\nstate_change_requires_restart = {setting}\n"}, True)
    rest("POST", "/services/apps/local", data={"name": str(app), "filename": "true"})
    assert names(rest, MESSAGES) == asked
    rest("DELETE", f"{MESSAGES}/restart_required")
    rest("POST", "/services/apps/local/wants/disable")
    assert names(rest, MESSAGES) == asked


@pytest.mark.parametrize("path", ["/services", "/services/", "/servicesNS/nobody/search"])
def test_the_root_lists_what_is_below_it(rest: Rest, splunkd: Splunkd, path: str) -> None:
    found = names(rest, path)
    assert {"apps", "configs", "data", "messages", "saved", "search", "server", "storage"} <= set(found)
    assert found == sorted(found) and splunkd.unknown_requests == []


def test_a_group_of_endpoints_lists_them_and_links_to_them(rest: Rest) -> None:
    entries = rest("GET", "/services/server").json()["entry"]
    links = {entry["name"]: entry["links"]["alternate"] for entry in entries}
    assert links["info"] == "/services/server/info"
    assert rest("GET", links["info"]).status_code == 200


def test_the_root_is_atom_for_the_sdk(service: client.Service) -> None:
    feed = client._load_atom(service.get("/services/"))["feed"]
    assert feed["title"] == "services" and "apps" in [entry["title"] for entry in feed["entry"]]


def test_what_is_below_nothing_stays_unknown(rest: Rest, splunkd: Splunkd) -> None:
    assert rest("GET", "/services/nothing").status_code == 404
    assert rest("POST", "/services/server").status_code == 404
    assert splunkd.unknown_requests == ["GET /services/nothing", "POST /services/server"]
