"""Where a sweep looks, and how far it is: a document for each place, so that the next round goes on there.

    responder_sweep/place:<sweep>:<account>:<region>:<playbook>
    responder_sweep/regions:<sweep>:<account>                     regions that the account has switched on
    responder_sweep/accounts:<sweep>:<entry>                      accounts that an entry for an organization stands for

What was begun and has not come to its end comes first, then the place that was tried longest ago. So none is left out,
however often a round ends early.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Callable

from ...errors import ResponderError
from ...remediation.playbook import Playbook
from ...settings.model import AwsAccount
from ...splunk.client import Splunkd

SWEEP = "responder_sweep"
#: Seconds for which the list of an account's regions counts, and after which AWS has forgotten a place in a list.
REGIONS_KEPT, CURSOR_KEPT = 3_600.0, 3_600.0
#: Seconds for which the list of an organization's accounts counts. It is made by several calls for each account, where
#: AWS takes few; whether an account is still in scope is asked again before anything is changed there.
ACCOUNTS_KEPT = 900.0


@dataclass(frozen=True)
class Place:
    """A region of an account (or the account), and what is looked for there. Times in epoch seconds."""

    account: AwsAccount
    region: str
    playbook: Playbook
    #: When it was looked at last, whether to its end or not.
    tried_at: float = 0.0
    #: When the look began that has not come to its end, and where it goes on.
    began_at: float = 0.0
    cursor: str = ""
    #: Whether that look could read everything so far.
    is_whole: bool = True
    #: Why the last look failed, one line.
    error: str = ""

    @property
    def name(self) -> str:
        return f"{self.account.account_id}:{self.region}:{self.playbook.id}"

    def began(self, now: float) -> Place:
        """As a look begins: where the last one has stopped, or from the beginning."""
        if self.cursor and now - self.tried_at < CURSOR_KEPT:
            return replace(self, error="")
        return replace(self, cursor="", began_at=now, is_whole=True, error="")


@dataclass(frozen=True)
class _Listing:
    """What AWS has listed."""

    #: When it was asked, epoch seconds.
    at: float
    items: Sequence[str]
    #: By which settings.
    settings: str = ""


class Places:
    """The places of one sweep."""

    def __init__(self, splunkd: Splunkd, sweep: str, now: Callable[[], float]) -> None:
        self._splunkd = splunkd
        self._sweep = sweep
        self._now = now

    def listed(self, wanted: Iterable[Place]) -> list[Place]:
        """With what is known of them, in the order in which they are looked at."""
        query = {"sweep": self._sweep, "kind": "place"}
        known = {str(document["_key"]): document for document in self._splunkd.find(SWEEP, query)}
        found = [_with(place, known.get(self._key(place), {})) for place in wanted]
        return sorted(found, key=lambda place: (not place.cursor, place.tried_at))

    def save(self, place: Place) -> None:
        document = {
            "_key": self._key(place),
            "kind": "place",
            "sweep": self._sweep,
            "place": place.name,
            "at": place.tried_at,
            "began_at": place.began_at,
            "cursor": place.cursor,
            "is_whole": int(place.is_whole),
            "error": place.error,
        }
        self._splunkd.save_many(SWEEP, [document])

    def regions(self, account: AwsAccount, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
        """The regions of an entry: those in its scope, else those that the account has switched on (by ``ask``).

        Raises a ResponderError where neither is known.
        """
        if account.regions:
            return account.regions
        known, asked_at = self._listing("regions", account.account_id), self._now()
        if known is not None and asked_at - known.at < REGIONS_KEPT:
            return known.items
        try:
            found = _Listing(asked_at, sorted(ask()))
        except ResponderError:
            if known is None:
                raise
            # What it was an hour ago is better than nothing.
            return known.items
        self._save_listing("regions", account.account_id, found)
        return found.items

    def accounts(self, entry: str, settings: str, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
        """The accounts that an entry for an organization stands for, as ``ask`` has said a while ago at most.

        ``settings`` tells one way from another in which the entry was saved: what a person corrects counts at once.
        Raises a ResponderError where they are not known.
        """
        known, asked_at = self._listing("accounts", entry), self._now()
        if known is not None and known.settings == settings and asked_at - known.at < ACCOUNTS_KEPT:
            return known.items
        found = _Listing(asked_at, ask(), settings)
        self._save_listing("accounts", entry, found)
        return found.items

    def _listing(self, kind: str, of: str) -> _Listing | None:
        document = self._splunkd.fetch(SWEEP, f"{kind}:{self._sweep}:{of}")
        if document is None:
            return None
        items = str(document.get("cursor") or "").split()
        return _Listing(float(document.get("at") or 0), items, str(document.get("digest") or ""))

    def _save_listing(self, kind: str, of: str, found: _Listing) -> None:
        document = {
            "_key": f"{kind}:{self._sweep}:{of}",
            "kind": kind,
            "sweep": self._sweep,
            "at": found.at,
            "cursor": " ".join(found.items),
            "digest": found.settings,
        }
        self._splunkd.save_many(SWEEP, [document])

    def _key(self, place: Place) -> str:
        return f"place:{self._sweep}:{place.name}"


def _with(place: Place, known: dict[str, Any]) -> Place:
    return replace(
        place,
        tried_at=float(known.get("at") or 0),
        began_at=float(known.get("began_at") or 0),
        cursor=str(known.get("cursor") or ""),
        is_whole=bool(known.get("is_whole", 1)),
    )
