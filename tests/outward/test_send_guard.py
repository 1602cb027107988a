"""The guard of a write: called once everything slow is over, right before the first byte of the request leaves."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from outward_clients import DOCUMENT, HTTP, bot_of, new_ticket, tickets_of
from responder.errors import NotPermitted, Unavailable, UnknownOutcome
from responder.jira.client import Tickets
from responder.settings.model import Http, JiraSite, SlackWorkspace
from responder.settings.secret import Secret
from responder.slack.client import Chat

from sandbox.jira import JiraStandIn
from sandbox.slack import SlackStandIn
from sandbox.splunkd import tls


class Stop(Exception):
    """What a lease check raises."""


@dataclass
class Wire:
    """What a server saw, in order: ``connected``, ``handshake``, then each piece as it was received."""

    url: str
    seen: list[Any] = field(default_factory=list)

    @property
    def request(self) -> bytes:
        return b"".join(piece for piece in self.seen if isinstance(piece, bytes))


@contextmanager
def wire(context: ssl.SSLContext | None = None, answer: bytes = b"") -> Iterator[Wire]:
    """A server that writes down what comes, answers once and closes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = Wire(f"{'https' if context else 'http'}://127.0.0.1:{port}")

        def serve() -> None:
            connection, _ = server.accept()
            found.seen.append("connected")
            with connection:
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
                    found.seen.append("handshake")
                connection.settimeout(5)
                while not complete(found.request):
                    piece = connection.recv(1_000_000)
                    if not piece:
                        return
                    found.seen.append(piece)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield found
        thread.join(5)


def complete(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: ([0-9]+)", head.lower())
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def jira_at(url: str, http: Http = HTTP) -> Callable[[Callable[[], None]], Any]:
    tickets = Tickets(JiraSite("test", "cloud", url, "me@example.com", Secret("t"), "SEC"), http)
    return lambda guard: tickets.create(new_ticket(), before_send=guard)


def bot_at(url: str, http: Http = HTTP) -> Callable[[Callable[[], None]], Any]:
    workspace = SlackWorkspace("test", "bot", Secret("xoxb-1"), default_channel="C0SECALERT", api_url=f"{url}/api")
    return lambda guard: Chat(workspace, http).post("", DOCUMENT, "m", before_send=guard)


def webhook_at(url: str, http: Http = HTTP) -> Callable[[Callable[[], None]], Any]:
    workspace = SlackWorkspace("test", "webhook", webhook_url=Secret(f"{url}/services/T0/B0/x"))
    return lambda guard: Chat(workspace, http).post("", DOCUMENT, "m", before_send=guard)


CLIENTS = [jira_at, bot_at, webhook_at]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("error", [Stop("lost"), OSError("reset"), ValueError("x"), BrokenPipeError(), KeyError(1)])
def test_a_guard_that_raises_stops_the_request_and_its_error_comes_out_unchanged(
    client: Any, error: Exception
) -> None:
    def guard() -> None:
        raise error

    with wire() as server:
        with pytest.raises(type(error)) as caught:
            client(server.url)(guard)
    assert caught.value is error
    assert server.seen == ["connected"], "connected before the guard, and not one byte after it"


@pytest.mark.parametrize("client", CLIENTS)
def test_looking_up_the_host_and_connecting_come_before_the_guard(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    resolve, connect = socket.getaddrinfo, socket.socket.connect

    def slow_resolve(*arguments: Any, **options: Any) -> Any:
        order.append("resolve")
        return resolve(*arguments, **options)

    class Slow(socket.socket):
        def connect(self, address: Any) -> None:
            order.append("connect")
            connect(self, address)

    with wire() as server:
        monkeypatch.setattr(socket, "getaddrinfo", slow_resolve)
        monkeypatch.setattr(socket, "socket", Slow)
        with pytest.raises(UnknownOutcome):
            client(server.url)(lambda: order.append("guard"))
    assert order == ["resolve", "connect", "guard"]


@pytest.mark.parametrize("client", CLIENTS)
def test_the_whole_request_leaves_after_the_guard_on_tls_too(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPLUNK_HOME", str(tmp_path))
    authority = tls.make(tmp_path)
    http = Http(ca_bundles=(str(authority.ca_file),), connect_timeout=5, read_timeout=5)
    with wire(authority.context) as server:
        at_guard: list[bytes] = []
        with pytest.raises(UnknownOutcome):
            client(server.url, http)(lambda: at_guard.append(server.request))
    assert at_guard == [b""]
    assert server.request.startswith(b"POST ") and b"StopLogging" in server.request


@pytest.mark.parametrize("client", CLIENTS)
def test_while_a_handshake_lasts_the_guard_is_not_asked(client: Any) -> None:
    asked: list[str] = []
    with wire() as server:
        impatient = Http(connect_timeout=0.3, read_timeout=0.3)
        with pytest.raises(Unavailable):
            client(server.url.replace("http:", "https:"), impatient)(lambda: asked.append("guard"))
    assert asked == [] and server.seen[0] == "connected"


@pytest.mark.parametrize("client", CLIENTS)
def test_headers_and_body_leave_in_one_piece(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a process stopped between them would send the rest when its time is long over."""
    pieces: list[bytes] = []
    send = socket.socket.sendall

    class Watched(socket.socket):
        def sendall(self, data: Any, *arguments: Any) -> None:
            if data:
                pieces.append(bytes(data))
            send(self, data, *arguments)

    with wire() as server:
        monkeypatch.setattr(socket, "socket", Watched)
        with pytest.raises(UnknownOutcome):
            client(server.url)(lambda: None)
    assert len(pieces) == 1 and complete(pieces[0])


@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_proxy_is_told_to_connect_comes_before_the_guard(client: Any) -> None:
    with wire() as proxy:
        http = Http(proxy_url=Secret(proxy.url), connect_timeout=5, read_timeout=1)
        asked: list[str] = []
        with pytest.raises(Unavailable):
            client("https://service.example", http)(lambda: asked.append("guard"))
    assert b"CONNECT service.example:443" in proxy.request and asked == []


def test_the_guard_is_asked_before_every_attempt_at_a_ticket(cloud: JiraStandIn) -> None:
    """A project without priorities takes two: the first is refused, and so was not done."""
    calls: list[int] = []
    tickets_of(cloud).create(
        new_ticket(project="OPS", priority="High"), before_send=lambda: calls.append(len(cloud.requests))
    )
    assert calls == [0, 1]

    def second_time() -> None:
        if cloud.requests[-1].status == 400:
            raise Stop

    with pytest.raises(Stop):
        tickets_of(cloud).create(new_ticket(project="OPS", priority="High"), before_send=second_time)
    assert len(cloud.issues()) == 1 and [request.status for request in cloud.requests] == [400, 201, 400]


def test_everything_is_rendered_before_the_guard_is_asked(
    cloud: JiraStandIn, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    dumps = json.dumps

    def slow_dumps(*arguments: Any, **options: Any) -> str:
        order.append("serialize")
        return dumps(*arguments, **options)

    with pytest.raises(Stop):
        monkeypatch.setattr(json, "dumps", slow_dumps)

        def guard() -> None:
            order.append("guard")
            raise Stop

        tickets_of(cloud).create(new_ticket(), before_send=guard)
    assert order[-1] == "guard" and "serialize" in order and cloud.requests == []


def test_comments_and_replies_ask_the_guard_as_well(cloud: JiraStandIn, slack: SlackStandIn) -> None:
    def guard() -> None:
        raise Stop

    key = tickets_of(cloud).create(new_ticket()).key
    first = bot_of(slack).post("", DOCUMENT, "m")
    with pytest.raises(Stop):
        tickets_of(cloud).comment(key, DOCUMENT, "m", before_send=guard)
    with pytest.raises(Stop):
        bot_of(slack).post("", DOCUMENT, "m", thread_ts=first.ts, before_send=guard)
    assert len(cloud.requests) == len(slack.requests) == 1


def test_reads_before_and_after_a_stopped_write_go_on(cloud: JiraStandIn) -> None:
    def guard() -> None:
        raise NotPermitted("stopped")

    tickets = tickets_of(cloud)
    key = tickets.create(new_ticket()).key
    for _ in range(2):
        assert tickets.status(key).open
        with pytest.raises(NotPermitted):
            tickets.comment(key, DOCUMENT, "m", before_send=guard)
    assert cloud.issue(key).comments == ()


def test_writes_at_the_same_time_ask_each_their_own_guard(cloud: JiraStandIn) -> None:
    tickets = tickets_of(cloud)
    started = threading.Barrier(4)
    stopped: list[int] = []

    def one(number: int) -> None:
        def guard() -> None:
            started.wait(10)
            if number % 2:
                raise Stop

        try:
            tickets.create(new_ticket(marker=f"m-{number}"), before_send=guard)
        except Stop:
            stopped.append(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stopped) == [1, 3]
    assert {issue.properties["cloudtrail_responder"]["marker"] for issue in cloud.issues()} == {"m-0", "m-2"}
