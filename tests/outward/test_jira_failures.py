"""What goes wrong between us and Jira: nothing is sent twice, and an outcome that is not known is never guessed."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from outward_clients import DOCUMENT, HTTP, new_ticket, patience, site_of, tickets_of
from responder.errors import ConfigurationError, NotPermitted, ResponderError, Unavailable, UnknownOutcome
from responder.jira.client import Tickets
from responder.settings.model import Http
from responder.settings.secret import Secret

from sandbox.jira import JiraStandIn

#: What is no answer to a create or a comment, though its status says that it was carried out.
ODD_BODIES = [
    "{}",
    "null",
    "[]",
    "true",
    '"created"',
    "",
    "<html>hello</html>",
    '{"id": "10000", "key": "SEC-',
    '{"id": "10000"}',
    '{"key": "SEC-1"}',
    '{"id": 10000, "key": null}',
    '{"id": [], "key": {}}',
    '{"id": "../x", "key": "SEC-1/../2"}',
    "[" * 100_000,
    "\ud83d",
]


def write_of(name: str, tickets: Tickets) -> Callable[[], Any]:
    if name == "create":
        return lambda: tickets.create(new_ticket())
    return lambda: tickets.comment("SEC-1", DOCUMENT, "c0ffee.note")


# The effect happened, and the answer is odd


@pytest.mark.parametrize("body", ODD_BODIES)
@pytest.mark.parametrize("write", ["create", "comment"])
def test_a_write_whose_answer_is_odd_is_looked_up(cloud: JiraStandIn, write: str, body: str) -> None:
    tickets = tickets_of(cloud)
    tickets.create(new_ticket(marker="first"))
    cloud.faults.add("status_after", method="POST", status=201, body=body.encode("utf-8", "replace").decode())
    if write == "comment" and body == '{"id": "10000"}':
        assert write_of(write, tickets)() == "10000"
        return
    with pytest.raises(UnknownOutcome):
        write_of(write, tickets)()
    assert len(cloud.requests) == 2
    assert len(cloud.issues()) + len(cloud.issues()[0].comments) == 2


@pytest.mark.parametrize(
    "status", [200, 202, 204, 206, 302, 303, 402, 406, 408, 409, 418, 424, 499, 500, 502, 503, 504, 520, 599]
)
@pytest.mark.parametrize("write", ["create", "comment"])
def test_a_write_that_may_have_been_done_is_looked_up(cloud: JiraStandIn, write: str, status: int) -> None:
    tickets_of(cloud).create(new_ticket(marker="first"))
    cloud.faults.add("status_after", method="POST", status=status, headers={"Retry-After": "3", "Location": "/login"})
    with pytest.raises(UnknownOutcome):
        write_of(write, tickets_of(cloud))()
    assert len(cloud.requests) == 2


@pytest.mark.parametrize(
    "status", [301, 307, 308, 405, 411, 412, 414, 415, 417, 421, 423, 425, 426, 428, 429, 431, 451]
)
@pytest.mark.parametrize("write", ["create", "comment"])
def test_a_write_that_certainly_was_not_done_can_be_repeated(cloud: JiraStandIn, write: str, status: int) -> None:
    cloud.faults.add("status", status=status, headers={"Location": "/elsewhere"})
    with pytest.raises(Unavailable) as caught:
        write_of(write, tickets_of(cloud))()
    assert len(cloud.requests) == 1
    assert_clean(caught.value, cloud)


@pytest.mark.parametrize(
    "status", [300, 302, 304, 402, 405, 406, 408, 409, 410, 418, 421, 423, 425, 499, 500, 503, 520, 599]
)
def test_a_status_that_nobody_knows_is_never_final(cloud: JiraStandIn, status: int) -> None:
    for body in ("", "null", "<html>?</html>", '{"errorMessages": ["?"]}', '{"errors": [1], "errorMessages": {}}'):
        cloud.faults.add("status", status=status, body=body)
        with pytest.raises(Unavailable):
            tickets_of(cloud).status("SEC-1")
        cloud.faults.add("status", status=status, body=body)
        with pytest.raises((Unavailable, UnknownOutcome)):
            tickets_of(cloud).create(new_ticket())


# No answer at all


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "rate_limit"}, Unavailable),
        ({"kind": "reset"}, UnknownOutcome),
        ({"kind": "reset_after"}, UnknownOutcome),
        ({"kind": "timeout", "seconds": 2}, UnknownOutcome),
        ({"kind": "timeout_after", "seconds": 2}, UnknownOutcome),
    ],
)
def test_a_write_without_an_answer_is_sent_once_and_its_outcome_never_guessed(
    cloud: JiraStandIn, fault: dict[str, Any], error: type[ResponderError]
) -> None:
    cloud.faults.add(**fault)
    with pytest.raises(error) as caught:
        tickets_of(cloud, patience(fault)).create(new_ticket())
    assert len(cloud.requests) == 1
    assert_clean(caught.value, cloud)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 200, "body": "<html>log in</html>"},
        {"kind": "status", "status": 302, "headers": {"Location": "https://login.example/"}},
        {"kind": "reset"},
        {"kind": "timeout", "seconds": 2},
        {"kind": "rate_limit", "retry_after": 7},
    ],
)
def test_a_read_that_fails_can_be_repeated(cloud: JiraStandIn, fault: dict[str, Any]) -> None:
    cloud.faults.add(**fault)
    with pytest.raises(Unavailable) as caught:
        tickets_of(cloud, patience(fault)).status("SEC-1")
    assert len(cloud.requests) == 1
    assert_clean(caught.value, cloud)


@pytest.mark.parametrize(
    "body", [*ODD_BODIES, '{"fields": {"status": null}}', '{"key": "SEC-1", "fields": {"status": {"name": "Done"}}}']
)
def test_a_read_whose_answer_is_odd_can_be_repeated(cloud: JiraStandIn, body: str) -> None:
    body = body.encode("utf-8", "replace").decode()
    tickets = tickets_of(cloud)
    reads: dict[str, Callable[[], Any]] = {
        "/issue/SEC-1$": lambda: tickets.status("SEC-1"),
        "/search": lambda: tickets.find("m", "ctr-c0ffee", 0),
        "/comment": lambda: tickets.find_comment("SEC-1", "m", 0),
    }
    for path, read in reads.items():
        cloud.faults.add("status", path=path, status=200, body=body)
        with pytest.raises(Unavailable):
            read()


def test_a_kept_connection_that_jira_has_closed_is_opened_again_for_a_read(cloud: JiraStandIn) -> None:
    tickets = tickets_of(cloud)
    key = tickets.create(new_ticket()).key
    tickets.status(key)
    cloud.faults.add("reset", method="GET")
    assert tickets.status(key).open
    assert [request.method for request in cloud.requests] == ["POST", "GET", "GET", "GET"]


def test_a_write_never_uses_a_kept_connection(cloud: JiraStandIn) -> None:
    tickets = tickets_of(cloud)
    key = tickets.create(new_ticket()).key
    tickets.status(key)
    cloud.stop()
    cloud.start()
    assert tickets.comment(key, DOCUMENT, "m")
    assert [request.method for request in cloud.requests] == ["POST", "GET", "POST"]


def assert_clean(error: ResponderError, jira: JiraStandIn) -> None:
    for secret in (jira.credentials.api_token, jira.credentials.personal_access_token):
        assert secret not in str(error) and secret not in repr(error)
    assert "\n" not in str(error) and error.__cause__ is None


# How long to wait


def test_the_wait_that_jira_asks_for_is_handed_on(cloud: JiraStandIn) -> None:
    cloud.faults.add("rate_limit", retry_after=17)
    with pytest.raises(Unavailable) as caught:
        tickets_of(cloud).create(new_ticket())
    assert caught.value.retry_after == 17
    cloud.faults.add("status", status=503, headers={"Retry-After": formatdate(time.time() + 90, usegmt=True)})
    with pytest.raises(Unavailable) as caught:
        tickets_of(cloud).status("SEC-1")
    assert 80 < (caught.value.retry_after or 0) <= 90
    assert cloud.issues() == []


# What is certainly not sent


def test_a_jira_that_is_not_there_was_not_written_to(cloud: JiraStandIn, closed_port: int) -> None:
    with pytest.raises(Unavailable, match="refused"):
        tickets_of(cloud, url=f"http://127.0.0.1:{closed_port}").create(new_ticket())


@pytest.mark.parametrize("host", ["jira.invalid", "a" * 70 + ".example", "jira..example"])
def test_a_host_that_has_no_address_was_not_written_to(cloud: JiraStandIn, host: str) -> None:
    with pytest.raises((Unavailable, ConfigurationError)):
        tickets_of(cloud, url=f"https://{host}").create(new_ticket())


def test_a_server_that_speaks_no_tls_is_not_believed(cloud: JiraStandIn) -> None:
    with pytest.raises(Unavailable, match="TLS"):
        tickets_of(cloud, url=cloud.url.replace("http:", "https:")).create(new_ticket())
    assert cloud.issues() == []


def test_an_echoed_token_is_blacked_out(jira: JiraStandIn) -> None:
    tickets_of(jira).create(new_ticket())
    credential = jira.requests[0].headers["Authorization"].split()[1]
    token = jira.credentials.api_token if jira.cloud else jira.credentials.personal_access_token
    jira.faults.add("status", status=400, body={"errorMessages": [f"bad token {token} in {credential}"]})
    with pytest.raises(ResponderError) as caught:
        tickets_of(jira).comment("SEC-1", DOCUMENT, "m")
    assert token not in str(caught.value) and credential not in str(caught.value) and "******" in str(caught.value)
    assert token not in repr(tickets_of(jira)) and token not in repr(site_of(jira))


@pytest.mark.parametrize("token", ["line\nbreak", "snow\u2603man"])
def test_a_mangled_token_is_a_setting_to_correct(jira: JiraStandIn, token: str) -> None:
    with pytest.raises((ConfigurationError, NotPermitted)) as caught:
        tickets_of(jira, token=Secret(token)).check()
    assert token not in str(caught.value)


def test_a_ca_bundle_that_is_missing_says_so(cloud: JiraStandIn) -> None:
    tickets = Tickets(site_of(cloud, url="https://127.0.0.1:9"), Http(ca_bundles=("/nonexistent/ca.pem",)))
    with pytest.raises(ConfigurationError, match="CA bundle"):
        tickets.create(new_ticket())


def test_the_proxy_of_the_setup_page_is_used_and_its_password_never_shown(cloud: JiraStandIn, closed_port: int) -> None:
    proxy = Secret(f"http://me:sesame@127.0.0.1:{closed_port}")
    with pytest.raises(Unavailable, match="the proxy cannot be reached") as caught:
        Tickets(site_of(cloud), Http(proxy_url=proxy, connect_timeout=2, read_timeout=1)).create(new_ticket())
    assert "sesame" not in str(caught.value) and cloud.requests == []


def test_a_password_of_the_environment_is_not_sent(
    cloud: JiraStandIn, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password sesame\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    tickets_of(cloud, HTTP).create(new_ticket())
    assert len(cloud.issues()) == 1
