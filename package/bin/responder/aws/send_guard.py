"""Asks whether a request may still be sent, at the very last moment: connected, signed, serialized, nothing sent yet.

botocore's event ``before-send`` comes before the connection is made, which may take seconds. So the connections of a
client are replaced by ones that connect first, then ask, then send.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

_active = threading.local()


class SendGuard:
    """What a write asks before each of its requests is sent, and whether one was."""

    def __init__(self, before_send: Callable[[], None]) -> None:
        self._before_send = before_send
        #: What ``before_send`` raised; botocore wraps it in an error of its own.
        self.stopped: Exception | None = None
        #: Whether a request was let go: from then on it may have had its effect.
        self.sent = False

    def let_go(self, connection: Any) -> None:
        if connection.sock is None:
            connection.connect()
        try:
            self._before_send()
        except Exception as error:
            self.stopped = error
            raise
        self.sent = True


@contextlib.contextmanager
def guarding(guard: SendGuard | None) -> Iterator[None]:
    """Requests of this thread ask the guard; none where it is None, as where a role is assumed for a guarded call."""
    outer = getattr(_active, "guard", None)
    _active.guard = guard
    if guard is not None:
        guard.sent = False
    try:
        yield
    finally:
        _active.guard = outer


def install(client: Any) -> None:
    """Make every connection of a botocore client ask the guard of its thread. Call it before the client is used."""
    session = client._endpoint.http_session
    session._pool_classes_by_scheme = session._manager.pool_classes_by_scheme = _pool_classes()


@functools.cache
def _pool_classes() -> dict[str, type]:
    from botocore import awsrequest

    return {
        "http": _guarded(awsrequest.AWSHTTPConnectionPool),
        "https": _guarded(awsrequest.AWSHTTPSConnectionPool),
    }


def _guarded(pool: Any) -> type:
    class Connection(pool.ConnectionCls):  # type: ignore[misc]
        def request(self, *arguments: Any, **named: Any) -> Any:
            guard: SendGuard | None = getattr(_active, "guard", None)
            if guard is not None:
                guard.let_go(self)
            return super().request(*arguments, **named)

    return type(pool.__name__, (pool,), {"ConnectionCls": Connection})
