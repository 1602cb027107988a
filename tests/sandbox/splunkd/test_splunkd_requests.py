"""The log of requests: who asked for what, for tests that count."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests
from splunkd_clients import Rest, connect

from sandbox.splunkd import Splunkd
from sandbox.splunkd.requestlog import Logged, RequestLog


def test_a_request_is_logged_with_its_user_and_client(splunkd: Splunkd, rest: Rest) -> None:
    rest.session.headers["User-Agent"] = "tests/1"
    rest("GET", "/services/server/info", count=3)
    rest("DELETE", "/services/no/such")
    requests.get(f"{splunkd.uri}/services/apps/local", headers={"User-Agent": "nobody/1"}, timeout=30)
    assert list(splunkd.requests) == [
        Logged("GET", "/services/server/info", "admin", "tests/1"),
        Logged("DELETE", "/services/no/such", "admin", "tests/1"),
        Logged("GET", "/services/apps/local", "", "nobody/1"),
    ]


def test_requests_are_counted_by_patterns_and_forgotten_on_demand(splunkd: Splunkd) -> None:
    service = connect(splunkd)
    splunkd.requests.clear()
    assert len(splunkd.requests) == 0
    service.kvstore.create("things")
    service.kvstore["things"].data.query()
    log = splunkd.requests
    assert log.count(path="/servicesNS/nobody/search/storage/*") == len(log)
    assert log.count("POST") == 1
    assert log.count(path="*/data/things*", user="admin", user_agent="splunk-sdk-python/*") == 1
    assert log.count(user="alice") == 0


def test_the_log_keeps_the_newest_and_says_how_many_it_dropped() -> None:
    log = RequestLog(kept=10)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: log.add(Logged("GET", f"/{n}", "", "")), range(1000)))
    log.add(Logged("GET", "/last", "", ""))
    assert len(log) == 10 and log.dropped == 991 and list(log)[-1].path == "/last"
