"""Proxies between the app and every service: each request is written down and meets what is injected."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sandbox.faults import Fault
from sandbox.loopback import Exchange, Reply
from sandbox.proxy import FaultProxy
from tests.chaos import aws_calls
from tests.chaos.injection import Injection, Injector, Signal
from tests.chaos.processes import Process, Processes
from tests.chaos.timeline import ProxiedRequest, Timeline

_DOCUMENTS = "/storage/collections/data/"
_TASKS, _TURN = "/data/responder_tasks", '"holder"'
_OWN_ENDPOINTS = "/cloudtrail_responder/cloudtrail_responder/"


class Gate:
    """A lock that many share, and that one may hold alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sharing = 0
        self._exclusive = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._exclusive)
            self._sharing += 1
        try:
            yield
        finally:
            with self._changed:
                self._sharing -= 1
                self._changed.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._exclusive)
            self._exclusive = True
            self._changed.wait_for(lambda: not self._sharing)
        try:
            yield
        finally:
            with self._changed:
                self._exclusive = False
                self._changed.notify_all()


class ChaosProxy(FaultProxy):
    """The way to one ``service`` (splunkd, jira, slack, aws). ``injector`` is set for each round.

    Requests for documents of the KV store pass ``gate``, so that the harness can write one while nobody else does.
    """

    def __init__(self, service: str, upstream: str, timeline: Timeline, processes: Processes, gate: Gate) -> None:
        super().__init__(upstream)
        self.service = service
        self.injector: Injector | None = None
        #: Held while it cannot be reached.
        self.away = threading.Lock()
        self._timeline = timeline
        self._processes = processes
        self._gate = gate
        self._client = threading.local()
        self._under_way: dict[int, tuple[ProxiedRequest, Injection, Process | None]] = {}

    def fault_of(self, exchange: Exchange) -> Fault | None:
        process = self._client_of(exchange)
        request = ProxiedRequest(
            self._timeline.now,
            self.service,
            request_class(self.service, exchange),
            process.name if process else "somebody",
            exchange,
            summary=summary(self.service, exchange),
        )
        injection = self.injector.next(request.request_class) if self.injector else Injection()
        request.injection = str(injection)
        self._timeline.add(request)
        if injection.signal and not injection.signal.after:
            self._signal(process, injection.signal)
        if injection.fault is None or injection.fault.effect_first:
            self._under_way[id(exchange)] = (request, injection, process)
        return injection.fault

    def answer(self, exchange: Exchange) -> Reply:
        request, injection, process = self._under_way.pop(id(exchange))
        if _DOCUMENTS in exchange.path:
            with self._gate.shared():
                reply = super().answer(exchange)
        else:
            reply = super().answer(exchange)
        request.effect = reply.status
        if injection.signal and injection.signal.after:
            self._signal(process, injection.signal)
        if injection.delay:
            self._server.stopping.wait(injection.delay)
        return reply

    def _client_of(self, exchange: Exchange) -> Process | None:
        """Looked for once a connection, which has a thread of its own."""
        if not hasattr(self._client, "process"):
            self._client.process = self._processes.client_of(exchange.client[1], self.port)
        found: Process | None = self._client.process
        return found

    def _signal(self, process: Process | None, signal: Signal) -> None:
        if process is not None:
            self._processes.send(process, signal.name, signal.seconds)


def request_class(service: str, exchange: Exchange) -> str:
    """``<service>.read`` or ``<service>.write``; ``splunkd.call`` for the app's own endpoints, ``splunkd.claim``."""
    if service == "splunkd" and _OWN_ENDPOINTS in exchange.path:
        return "splunkd.call"
    if service == "splunkd" and exchange.path.endswith(_TASKS) and exchange.method == "POST" and _TURN in exchange.text:
        return "splunkd.claim"
    if service == "aws":
        is_write = aws_calls.call_of(exchange).is_write
    elif service == "slack":
        is_write = exchange.path.endswith("/chat.postMessage")
    else:
        reads_by_post = exchange.path.endswith(("/search", "/search/jql", "/comment/list"))
        is_write = exchange.method not in ("GET", "HEAD") and not reads_by_post
    return f"{service}.write" if is_write else f"{service}.read"


def summary(service: str, exchange: Exchange) -> str:
    """What a request asks for, in the words that people will read; empty where the request itself shows it."""
    if service == "aws":
        return str(aws_calls.call_of(exchange))
    if service in ("jira", "slack"):
        # Jira's documents and Slack's blocks nest these; a comment's begin is enough to know it.
        return " ".join(re.findall(r'"(?:text|summary)": ?"([^"]+)"', exchange.text))
    return ""


def take_away(proxies: Sequence[ChaosProxy], seconds: float) -> None:
    """Refuse new connections for some seconds, and cut those that are open. Whoever is away already is left alone."""
    gone = [proxy for proxy in proxies if proxy.away.acquire(blocking=False)]
    for proxy in gone:
        proxy.stop()
    time.sleep(seconds)
    for proxy in gone:
        proxy.start()
        proxy.away.release()
