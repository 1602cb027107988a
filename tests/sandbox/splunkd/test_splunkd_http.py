"""The wire: keep-alive, errors in both formats, unknown endpoints, TLS, faults, restarts."""

from __future__ import annotations

import http.client
import socket
import ssl
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests
from splunkd_clients import Rest, connect
from splunklib import client

from sandbox.faults import Faults
from sandbox.splunkd import Splunkd


def test_one_connection_serves_many_requests_each_in_one_packet(splunkd: Splunkd) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", splunkd.port, timeout=30)
    local = None
    for _ in range(3):
        connection.request("GET", "/services/server/info?output_mode=json")
        answer = connection.getresponse()
        assert answer.getheader("Connection") == "Keep-Alive" and answer.read()
        local = local or connection.sock.getsockname()
        assert connection.sock.getsockname() == local
    connection.close()
    with socket.create_connection(("127.0.0.1", splunkd.port)) as raw:
        raw.sendall(b"GET /services/server/info HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        first = raw.recv(65536)
    assert b"Connection: Close" in first and b"</feed>" in first


def test_an_unknown_endpoint_is_loud(splunkd: Splunkd, rest: Rest) -> None:
    answer = requests.get(f"{splunkd.uri}/services/no/such/thing", timeout=30)
    assert answer.status_code == 404
    assert ElementTree.fromstring(answer.content).findtext("./messages/msg") == "Not Found"
    assert rest("PUT", "/services/server/info").status_code == 405
    assert splunkd.unknown_requests == ["GET /services/no/such/thing", "PUT /services/server/info"]
    log = (splunkd.home / "var/log/splunk/splunkd.log").read_text()
    assert "WARNING UNKNOWN ENDPOINT (404): the sandbox knows no GET /services/no/such/thing" in log


def test_control_characters_do_not_break_the_atom_feed(splunkd: Splunkd, rest: Rest, service: client.Service) -> None:
    rest("POST", "/servicesNS/nobody/search/configs/conf-odd", data={"name": '<&">', "k": "a\x01<b>&\u2028"})
    (stanza,) = service.confs["odd"]
    assert (stanza.name, stanza["k"]) == ('<&">', "a<b>&\u2028")


def test_a_standalone_is_no_cluster_member(rest: Rest) -> None:
    assert rest("GET", "/services/shcluster/member/members").status_code == 503


def test_messages_through_the_sdk(service: client.Service) -> None:
    service.messages.create("note", value="hello")
    assert service.messages["note"].value == "hello"
    service.messages.delete("note")
    assert len(service.messages) == 0


def test_tls_with_its_own_authority(tmp_path: Path) -> None:
    with Splunkd(tmp_path, tls=True) as splunkd:
        assert splunkd.tls is not None
        trusting = ssl.create_default_context(cafile=str(splunkd.tls.ca_file))
        service = client.connect(
            host="127.0.0.1", port=splunkd.port, username="admin", password=splunkd.admin[1], context=trusting
        )
        with service.indexes["main"].attached_socket(sourcetype="s") as stream:
            stream.send(b"2026-01-01T00:00:00Z streamed\n")
        assert service.info["version"]
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{splunkd.uri}/services/server/info", timeout=30)


def test_everything_outlives_a_restart(tmp_path: Path) -> None:
    with Splunkd(tmp_path) as first:
        key, port = first.session_key("admin"), first.port
        service = connect(first)
        service.storage_passwords.create("secret", "u", "r")
        service.kvstore.create("c")
        service.kvstore["c"].data.insert({"_key": "k", "n": 1})
        first.add_event("an event")
        sid = service.jobs.create("search index=main", exec_mode="blocking").sid
    with Splunkd(tmp_path, port=port) as second:
        again = client.connect(
            host="127.0.0.1", port=second.port, scheme="http", token=key, owner="nobody", app="search"
        )
        assert again.storage_passwords.list()[0].clear_password == "secret"
        assert again.kvstore["c"].data.query_by_id("k")["n"] == 1
        assert second.search("index=main | table _raw").rows == [{"_raw": "an event"}]
        assert again.job(sid)["resultCount"] == "1"
        assert second.guid == first.guid


def test_passwords_are_kept_as_hashes(splunkd: Splunkd) -> None:
    splunkd.stop()
    assert b"alice-password" not in (splunkd.home / "var/lib/splunk/splunkd.sqlite").read_bytes()


class TestFaults:
    KEY = "/servicesNS/nobody/search/storage/collections/data/c"

    @pytest.fixture
    def faults(self, splunkd: Splunkd, service: client.Service) -> Faults:
        service.kvstore.create("c")
        splunkd.faults = Faults()
        return splunkd.faults

    def test_a_status_comes_instead_of_the_effect(self, faults: Faults, rest: Rest) -> None:
        for status in (503, 599):
            faults.add("status", method="POST", path="collections/data", status=status, body="busy")
            answer = rest("POST", self.KEY, json={"_key": "a"})
            assert (answer.status_code, answer.text) == (status, "busy")
        assert rest("POST", self.KEY, json={"_key": "a"}).status_code == 201

    def test_a_reset_before_and_after_the_effect(self, faults: Faults, rest: Rest) -> None:
        for kind, left in (("reset", 201), ("reset_after", 409)):
            faults.add(kind, method="POST", path="collections/data")
            with pytest.raises(requests.exceptions.ConnectionError):
                rest("POST", self.KEY, json={"_key": kind})
            assert rest("POST", self.KEY, json={"_key": kind}).status_code == left

    def test_another_answer_can_come_in_the_place_of_the_true_one(self, faults: Faults, rest: Rest) -> None:
        faults.add("status_after", method="POST", status=500, body="oops")
        answer = rest("POST", self.KEY, json={"_key": "a"})
        assert (answer.status_code, answer.text) == (500, "oops")
        assert rest("POST", self.KEY, json={"_key": "a"}).status_code == 409

    def test_rules_can_be_set_over_http(self, faults: Faults, splunkd: Splunkd, rest: Rest) -> None:
        rule = {"kind": "rate_limit", "path": "server/info", "retry_after": 3}
        assert requests.post(f"{splunkd.uri}/_sandbox/faults", json=rule, timeout=30).status_code == 201
        answer = rest("GET", "/services/server/info")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
