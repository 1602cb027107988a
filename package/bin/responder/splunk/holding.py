"""That somebody works on one thing: an insert into a collection keeps others away until it is done.

A document ``held:<key>`` with a token of the holder and the moment from which on it counts no longer.
"""

from __future__ import annotations

import secrets
from types import TracebackType

from ..errors import Unavailable
from .client import Document, Splunkd

#: Seconds after which a run that stopped no longer keeps others away.
HELD = 300.0


class Holding:
    """``what`` names it for people, as in ``pipeline 1:us-east-1:x``."""

    def __init__(self, splunkd: Splunkd, collection: str, key: str, what: str) -> None:
        self._splunkd, self._collection, self._what = splunkd, collection, what
        self.key = f"held:{key}"
        self._token = ""

    @property
    def document(self) -> Document:
        """As it has to stand from now on: to be written with whatever is done."""
        return {"_key": self.key, "kind": "held", "token": self._token, "at": self._splunkd.now() + HELD}

    def check(self) -> None:
        """Raises Unavailable where somebody else has taken over since: then nothing more may be done."""
        stands = self._splunkd.fetch(self._collection, self.key)
        if not self._token or stands is None or stands.get("token") != self._token:
            raise Unavailable(f"Somebody else works on {self._what} now.", "Wait until they are done.")

    def __enter__(self) -> Holding:
        self._token = secrets.token_hex(8)
        mine, now = self.document, self._splunkd.now()
        if not self._splunkd.insert(self._collection, mine):
            # What a stopped run has left is removed only as it was found: whoever was quicker keeps theirs.
            self._splunkd.delete_where(self._collection, {"_key": self.key, "at": {"$lt": now}})
            if not self._splunkd.insert(self._collection, mine):
                self._token = ""
                raise Unavailable(
                    f"Somebody else works on {self._what}.",
                    f"Wait until they are done, or {HELD / 60:.0f} minutes where their run was stopped.",
                )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        token, self._token = self._token, ""
        self._splunkd.delete_where(self._collection, {"_key": self.key, "token": token})
