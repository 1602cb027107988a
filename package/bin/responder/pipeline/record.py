"""The record of a pipeline: what was about to be made, what was made, what was there already.

A resource is ours where both the record and the resource say so: its tag carries the record's ID. What has no tags (a
policy, a subscription) is a part of something that has, or stands in the record alone.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from ..errors import DamagedDocument, Rejected, one_line
from .resource import PIPELINE_TAG, RECORD_TAG, Known

#: Before making; after; found there; before deleting.
CREATING, MADE, ADOPTED, DELETING = "creating", "made", "adopted", "deleting"
STATES = (CREATING, MADE, ADOPTED, DELETING)
VERSION = 1
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass
class Entry:
    """One resource. ``at``: when it got its state, epoch seconds."""

    state: str
    name: str
    at: float
    id: str = ""
    #: Settings that were changed on request, of what is not ours.
    changed: list[str] = field(default_factory=list)


@dataclass
class Record:
    stem: str
    account: str
    region: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    #: As ``Options.of`` takes them.
    options: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    #: Whether the bucket that we made is gone, with all that the key was needed for.
    is_data_deleted: bool = False

    @property
    def key(self) -> str:
        return key_of(self.account, self.region, self.stem)

    @property
    def tags(self) -> dict[str, str]:
        return {PIPELINE_TAG: self.stem, RECORD_TAG: self.id}

    def known(self, key: str) -> Known:
        entry = self.entries.get(key)
        is_interrupted = entry is not None and entry.state == CREATING
        return Known(entry.id if entry else "", is_interrupted, self.tags)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "version": VERSION}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Record:
        """Raises DamagedDocument for what this app did not write."""
        try:
            if document["version"] != VERSION:
                raise ValueError(f"version {document['version']}")
            entries = {str(key): Entry(**value) for key, value in document["entries"].items()}
            texts = {name: str(document[name]) for name in ("stem", "account", "region", "id")}
            is_good = all(entry.state in STATES for entry in entries.values()) and _ID.fullmatch(texts["id"])
            if not is_good:
                raise ValueError("state or id")
            is_deleted = bool(document["is_data_deleted"])
            return cls(**texts, options=dict(document["options"]), entries=entries, is_data_deleted=is_deleted)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DamagedDocument(
                f"The record of the pipeline cannot be read ({type(error).__name__}: {one_line(error)[:100]}).",
                "Restore it from a backup; with another record, what was made counts as another's.",
            ) from error


def key_of(account: str, region: str, stem: str) -> str:
    return f"{account}:{region}:{stem}"


def check_id(text: str) -> str:
    """The ID of a record that was lost, as the tag of a resource has it. Raises Rejected."""
    if not _ID.fullmatch(text):
        raise Rejected(f"'{one_line(text)[:40]}' is no record ID.", f"It is the value of the tag {RECORD_TAG}.")
    return text


class Records(Protocol):
    """Where records are kept. ``key``: as ``Record.key``."""

    def load(self, key: str) -> Record | None:
        """Raises ResponderError."""
        ...

    def save(self, record: Record) -> None:
        """Whole, or not at all. Raises ResponderError."""
        ...

    def remove(self, key: str) -> None: ...

    def held(self, key: str) -> AbstractContextManager[None]:
        """Within it nobody else works on the pipeline. Raises Unavailable where somebody does."""
        ...
