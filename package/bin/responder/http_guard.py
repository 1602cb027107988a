"""Sends an HTTP request in one piece, and asks a guard at the last moment before it leaves.

``http.client`` resolves, connects and shakes hands in the middle of sending, and writes headers and body one after the
other. Between the check of the turn and the effect nothing may be slow, so here the whole request is held back until
the connection stands; then the guard is called, and then everything goes to the socket in one call.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any, Callable

Guard = Callable[[], None]


class Sending:
    """One request on its way."""

    def __init__(self, before_send: Guard) -> None:
        self._before_send = before_send
        #: Whether a byte of the request may have left this process. While False, it was certainly not carried out.
        self.began = False
        #: Whether a connection of an earlier request was used, which the other side may have closed meanwhile.
        self.reused = False
        #: What the guard raised.
        self.refusal: BaseException | None = None

    def begin(self) -> None:
        try:
            self._before_send()
        except BaseException as error:
            self.refusal = error
            raise _Refused from error
        self.began = True


class _Refused(BaseException):
    """The guard raised. Not an Exception, so that no library on the way takes it for a network failure."""


_current: ContextVar[Sending] = ContextVar("current request")


@contextmanager
def guarded(before_send: Guard) -> Iterator[Sending]:
    """The one request sent inside is preceded by ``before_send``; what that raises comes out of here unchanged."""
    sending = Sending(before_send)
    token = _current.set(sending)
    try:
        # What the guard raised goes on below, where it does not drag the library's own exceptions along.
        with suppress(_Refused):
            yield sending
    finally:
        _current.reset(token)
    if sending.refusal is not None:
        raise sending.refusal


@cache
def guarded_connection(kind: Any) -> Any:
    """The class of connections like ``kind`` (an ``http.client.HTTPConnection`` of any library) that ask the guard."""
    return type(f"Guarded{kind.__name__}", (_Guarded, kind), {})


class _Guarded:
    """Mixed in before a class of connections. Works only inside ``guarded``."""

    asks_guard = True
    sock: Any
    _held: bytearray | None = None
    _fresh = False

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._fresh = True

    def request(self, *arguments: Any, **options: Any) -> None:
        self._held = held = bytearray()
        try:
            super().request(*arguments, **options)  # type: ignore[misc]
        finally:
            self._held = None
        if self.sock is None:
            self.connect()
        sending = _current.get()
        sending.reused, self._fresh = not self._fresh, False
        sending.begin()
        super().send(bytes(held))  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self._held is not None:
            self._held += data
        else:
            # What a proxy is told before the request (CONNECT).
            super().send(data)  # type: ignore[misc]
