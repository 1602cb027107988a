"""Feeds and entries: what nearly every endpoint answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Acl:
    """Who may read and write an object, and from which app it can be seen."""

    app: str = "system"
    owner: str = "nobody"
    read: Sequence[str] = ("*",)
    write: Sequence[str] = ("admin",)
    sharing: str = "app"
    removable: bool = False
    writable: bool = True

    @property
    def private(self) -> bool:
        """Only its owner (and who may do everything) sees it."""
        return self.sharing == "user"

    def as_dict(self) -> dict[str, Any]:
        return {
            "app": self.app,
            "can_change_perms": self.writable,
            "can_list": True,
            "can_share_app": self.writable,
            "can_share_global": self.writable,
            "can_share_user": self.writable and (self.private or self.removable),
            "can_write": self.writable,
            "modifiable": self.writable,
            "owner": self.owner,
            "perms": None if self.private else {"read": list(self.read), "write": list(self.write)},
            "removable": self.removable,
            "sharing": self.sharing,
        }


@dataclass
class Entry:
    """One object. ``content`` values are strings, bools, numbers, lists or dicts; ``None`` is an empty value."""

    name: str
    content: Mapping[str, Any]
    acl: Acl = field(default_factory=Acl)
    #: Further links beside alternate, list, edit and remove: relation -> last path segment.
    links: Mapping[str, str] = field(default_factory=dict)
    #: Path of the collection this entry belongs to, if it is not the one that was asked.
    collection: Sequence[str] | None = None
    updated: float = 0.0
    #: Shown instead of ``name`` (a job's search), which stays the last part of the address.
    title: str = ""
    #: The object has no namespace: its address is under ``/services``.
    services: bool = False


@dataclass
class Feed:
    """A list of entries; ``collection`` is the path inside the namespace, e.g. ``("configs", "conf-macros")``.

    ``whole`` is set when the entries are one page already, and gives the number of all.
    """

    collection: Sequence[str]
    entries: Sequence[Entry] = ()
    status: int = 200
    single: bool = False
    whole: int | None = None
    messages: Sequence[tuple[str, str]] = ()


def one(collection: Sequence[str], entry: Entry, status: int = 200) -> Feed:
    """The answer that is about one object."""
    return Feed(collection, [entry], status, single=True)
