"""Events in: receivers, HEC, timestamps, line breaking, indexes."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest
import requests
from splunkd_clients import MakeApp, Rest, text_of
from splunklib import client

from sandbox.splunkd import Splunkd


def rows(splunkd: Splunkd, spl: str) -> list[dict[str, Any]]:
    return splunkd.search(spl).rows


def test_cloudtrail_takes_its_time_from_event_time(splunkd: Splunkd) -> None:
    splunkd.add_event(
        {
            "eventVersion": "1.08",
            "eventTime": "2026-01-01T00:00:00Z",
            "eventName": "StopLogging",
            "requestParameters": {"startTime": "2020-01-01T00:00:00Z"},
        },
        sourcetype="aws:cloudtrail",
    )
    assert rows(splunkd, "index=main | table _time eventName") == [{"_time": "1767225600", "eventName": "StopLogging"}]


def test_an_apps_own_props_decide_on_time_and_lines(splunkd: Splunkd, rest: Rest, make_app: MakeApp) -> None:
    splunkd.install_app(
        make_app(
            "audit",
            {
                "default/props.conf": (
                    '[own:audit]\nTIME_PREFIX = "time":\\s*\nTIME_FORMAT = %s.%3N\nSHOULD_LINEMERGE = false\n'
                )
            },
        )
    )
    body = '{"id": "a", "time": 1700000000.250}\n{"id": "b", "time": 1700000001.500}\n'
    rest("POST", "/services/receivers/simple?sourcetype=own:audit&index=main&host=h&source=s", data=body)
    assert rows(splunkd, "index=main sourcetype=own:audit | table _time id host source") == [
        {"_time": "1700000001.5", "id": "b", "host": "h", "source": "s"},
        {"_time": "1700000000.25", "id": "a", "host": "h", "source": "s"},
    ]


def test_an_unsupported_props_key_is_logged_not_swallowed(splunkd: Splunkd, make_app: MakeApp) -> None:
    splunkd.install_app(make_app("odd", {"default/props.conf": "[odd]\nSEDCMD-x = s/a/b/\n"}))
    splunkd.add_event("x", sourcetype="odd")
    assert "SEDCMD-x is not supported" in (splunkd.home / "var/log/splunk/splunkd.log").read_text()


def test_an_event_without_a_time_gets_the_current_one(splunkd: Splunkd) -> None:
    before = time.time()
    splunkd.add_event("nothing to see")
    assert before - 1 <= float(rows(splunkd, "index=main | table _time")[0]["_time"]) <= time.time() + 1


def test_an_unknown_index_takes_nothing(splunkd: Splunkd, rest: Rest) -> None:
    with pytest.raises(LookupError, match="nowhere"):
        splunkd.add_event("x", index="nowhere")
    answer = rest("POST", "/services/receivers/simple?index=nowhere", data="x")
    assert answer.status_code == 400 and "nowhere" in text_of(answer)


def test_an_index_is_made_and_used_through_the_sdk(splunkd: Splunkd, service: client.Service) -> None:
    service.indexes.create("security").submit("an event", sourcetype="note")
    assert service.indexes["security"]["totalEventCount"] == "1"
    assert rows(splunkd, "index=security | table _raw") == [{"_raw": "an event"}]
    service.indexes.delete("security")
    assert rows(splunkd, "index=security") == []


def test_a_stream_is_indexed_when_the_client_closes(splunkd: Splunkd) -> None:
    head = (
        f"POST /services/receivers/stream?index=main&sourcetype=s HTTP/1.1\r\nHost: h\r\n"
        f"Authorization: Splunk {splunkd.session_key('admin')}\r\nX-Splunk-Input-Mode: Streaming\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", splunkd.port)) as raw:
        raw.sendall(head.encode() + b"2026-01-01T00:00:00Z one\r\n2026-01-01T00:00:01Z two\r\n")
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(100).startswith(b"HTTP/1.1 204")
    assert [row["_raw"][-3:] for row in rows(splunkd, "index=main | table _raw")] == ["two", "one"]


class TestCollector:
    @pytest.fixture
    def token(self, rest: Rest) -> str:
        made = rest("POST", "/services/data/inputs/http", data={"name": "t", "sourcetype": "hec"})
        return str(made.json()["entry"][0]["content"]["token"])

    def send(self, splunkd: Splunkd, token: str, body: object, path: str = "event") -> tuple[int, dict[str, Any]]:
        data = body if isinstance(body, str) else json.dumps(body)
        answer = requests.post(
            f"{splunkd.uri}/services/collector/{path}",
            data=data,
            timeout=30,
            headers={"Authorization": f"Splunk {token}"} if token else {},
        )
        return answer.status_code, answer.json()

    def test_events_and_raw(self, splunkd: Splunkd, token: str) -> None:
        batch = json.dumps({"event": {"a": "1"}, "time": 1700000000.5}) + json.dumps({"event": "text", "time": 2})
        assert self.send(splunkd, token, batch) == (200, {"text": "Success", "code": 0})
        assert self.send(splunkd, token, "2026-01-01T00:00:00Z raw", "raw?sourcetype=other")[0] == 200
        assert rows(splunkd, "index=main | table _time _raw sourcetype") == [
            {"_time": "1767225600", "_raw": "2026-01-01T00:00:00Z raw", "sourcetype": "other"},
            {"_time": "1700000000.5", "_raw": '{"a": "1"}', "sourcetype": "hec"},
            {"_time": "2", "_raw": "text", "sourcetype": "hec"},
        ]

    def test_indexed_fields_are_found_and_are_no_part_of_the_text(self, splunkd: Splunkd, token: str) -> None:
        assert self.send(splunkd, token, {"event": "text", "fields": {"region": "eu-west-1"}})[0] == 200
        assert rows(splunkd, 'index=main region="eu-west-1" | table _raw region') == [
            {"_raw": "text", "region": "eu-west-1"}
        ]
        assert rows(splunkd, 'index=main region="us-east-1" | table _raw') == []
        assert self.send(splunkd, token, {"event": "text", "fields": {"nested": {"a": 1}}})[1]["code"] == 15

    def test_a_token_that_acknowledges_wants_a_channel_and_says_once_what_is_indexed(
        self, splunkd: Splunkd, rest: Rest, token: str
    ) -> None:
        made = rest("POST", "/services/data/inputs/http", data={"name": "acks", "useACK": "1"})
        acknowledging = str(made.json()["entry"][0]["content"]["token"])
        channel = "channel=11111111-2222-4333-8444-555555555555"
        codes = [
            self.send(splunkd, acknowledging, {"event": "a"})[1]["code"],
            self.send(splunkd, acknowledging, {"event": "a"}, "event?channel=none")[1]["code"],
            self.send(splunkd, token, {"acks": [0]}, f"ack?{channel}")[1]["code"],
            self.send(splunkd, acknowledging, {"acks": "all"}, f"ack?{channel}")[1]["code"],
        ]
        assert codes == [10, 11, 14, 6] and rows(splunkd, "index=main") == []
        for number in range(2):
            answer = self.send(splunkd, acknowledging, {"event": "a"}, f"event?{channel}")
            assert answer == (200, {"text": "Success", "code": 0, "ackId": number})
        asked = {"acks": [0, 1, 7]}
        assert self.send(splunkd, acknowledging, asked, f"ack?{channel}")[1] == {
            "acks": {"0": True, "1": True, "7": False}
        }
        assert self.send(splunkd, acknowledging, asked, f"ack?{channel}")[1] == {
            "acks": {"0": False, "1": False, "7": False}
        }

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ("", 400, 5),
            ("{broken", 400, 6),
            ({"evnt": 1}, 400, 12),
            ({"event": ""}, 400, 13),
            ({"event": "x", "index": "nowhere"}, 400, 7),
        ],
    )
    def test_error_codes(self, splunkd: Splunkd, token: str, body: object, status: int, code: int) -> None:
        answer = self.send(splunkd, token, body)
        assert (answer[0], answer[1]["code"]) == (status, code)
        assert rows(splunkd, "index=main") == []

    def test_tokens(self, splunkd: Splunkd, token: str) -> None:
        assert self.send(splunkd, "", {"event": 1})[1]["code"] == 2
        assert self.send(splunkd, "wrong", {"event": 1})[1]["code"] == 4
        splunkd.confs.set("inputs", "search", "http://t", {"disabled": "1"})
        assert self.send(splunkd, token, {"event": 1})[1]["code"] == 1


def test_an_index_that_was_cleaned_shows_only_what_came_after(splunkd):
    splunkd.add_event("before", index="main", time=1_000.0)
    assert [row["_raw"] for row in splunkd.search("search index=main").rows] == ["before"]
    splunkd.index.clean("main")
    splunkd.add_event("after", index="main", time=1_000.0)
    assert [row["_raw"] for row in splunkd.search("search index=main").rows] == ["after"]


def test_an_index_refuses_settings_that_it_does_not_know_in_splunkds_words(rest: Rest) -> None:
    """UCC's add-ons have names of indexes checked so, and take this very answer for "such a splunkd cannot"."""
    refused = rest("POST", "/services/data/indexes/_validateName", data={"index_name": "main"})
    assert (refused.status_code, text_of(refused)) == (400, 'Argument "index_name" is not supported by this handler.')
    assert rest("POST", "/services/data/indexes/absent").status_code == 404
