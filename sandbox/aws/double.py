"""What a strict double of an AWS call is: a function on what the doubles know of an account and region."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import ServiceException


class Refused(ServiceException):  # type: ignore[misc]
    """What AWS refuses: the error's code, as documented for the operation, and a message."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code, message or code)


@dataclass
class World:
    """What the doubles know of one account and region; services that live in no region have region ``""``."""

    account: str
    region: str
    #: Anything a double keeps, under its own name.
    kept: dict[str, Any] = field(default_factory=dict)

    def keep(self, name: str, first: Callable[[], Any] = dict) -> Any:
        """What is kept under a name, made by ``first`` where nothing is."""
        return self.kept.setdefault(name, first())


Answer = Callable[[Mapping[str, Any], World], Mapping[str, Any]]


class Worlds:
    """Of all accounts and regions."""

    def __init__(self) -> None:
        self._worlds: dict[tuple[str, str], World] = {}
        #: Held while a double works: each call sees whole ones.
        self.lock = threading.RLock()

    def of(self, account: str, region: str) -> World:
        return self._worlds.setdefault((account, region), World(account, region))

    def forget(self) -> None:
        with self.lock:
            self._worlds.clear()
