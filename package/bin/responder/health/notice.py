"""What whoever keeps something has to see to: a line of a check, and an audit event by which it is announced."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Notice:
    """Something that whoever keeps the list has to see to."""

    level: str
    #: Of the audit event.
    step: str
    what: str
    to_do: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same entry in the same state."""
        return hashlib.sha256(f"{self.step}|{self.what}".encode("utf-8", "replace")).hexdigest()[:16]
