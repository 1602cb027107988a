"""How something was set up before: the calls of earlier days, as the CloudTrail index has them.

A record of a deletion does not say what was deleted, and one of a change not what was there before. Calls that set the
thing up say it, as far back as the index reaches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..splunk.client import Splunkd
from ..splunk.search import search
from .cloudtrail import CloudTrailRecord
from .finding import Finding

DAY = 86_400.0
#: Days before the finding in which is looked.
REACH = 90
#: Records that are read, the newest.
MOST = 200
#: What may stand in the search: names, ARNs and ids. No quote, no backslash, no wildcard, no blank.
_WORD = re.compile(r"[A-Za-z0-9/][A-Za-z0-9_.:/@+=,#-]{1,399}")
#: Words in one search, at most.
MOST_WORDS = 20
_EVENT = re.compile(r"[A-Z][A-Za-z0-9]{2,63}")


@dataclass(frozen=True)
class PastCalls:
    """Which calls: names as CloudTrail has them, and a name or an ARN that the record must hold somewhere.

    ``about`` is None for a setting of the account itself, of which there is one, and which has no name.
    """

    event_names: tuple[str, ...]
    about: str | None
    #: Other names: the record must hold one of them all.
    or_about: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return () if self.about is None else (self.about, *self.or_about)

    def are_in(self, record: CloudTrailRecord) -> bool:
        """Whether a record is one of these calls, and about one of these names."""
        is_about = self.about is None or any(map(record.names_resource, self.words))
        return record.event_name in self.event_names and is_about

    @property
    def can_be_looked_up(self) -> bool:
        return len(self.words) <= MOST_WORDS and all(map(is_word, self.words))


def is_word(text: str) -> bool:
    """Whether a name, an ARN or an id may stand in a search, between quotes."""
    return _WORD.fullmatch(text) is not None


def read(splunkd: Splunkd, finding: Finding, asked: PastCalls, now: float) -> Sequence[CloudTrailRecord]:
    """Calls that succeeded in the finding's account before what it found began, newest first, ``MOST`` at most.

    None of them where what is asked about cannot be looked up as a word. Raises what ``search`` raises.
    """
    until = finding.first_time or now
    own = {event_id.lower() for event_id in finding.event_ids}
    found = between(splunkd, finding.vendor_account, asked, until - REACH * DAY, until + 1)
    return [record for record in found if record.event_id.lower() not in own]


def between(
    splunkd: Splunkd, account: str, asked: PastCalls, earliest: float, latest: float
) -> Sequence[CloudTrailRecord]:
    """Calls that succeeded in an account (12 digits) between two times (epoch seconds); otherwise as ``read``."""
    if not asked.can_be_looked_up:
        return ()
    found: list[CloudTrailRecord] = []
    for result in search(splunkd, spl(asked), earliest, latest):
        try:
            record = CloudTrailRecord.parse(str(result.get("_raw")))
        except ValueError:
            # What cannot be read as a record says nothing of how it was.
            continue
        if record.account == account and record.succeeded and asked.are_in(record) and not record.tells_again:
            found.append(record)
    return found


def spl(asked: PastCalls) -> str:
    """Raises ValueError for a name that is none of an API call, or a text that is no word."""
    if not asked.event_names or not all(map(_EVENT.fullmatch, asked.event_names)) or not asked.can_be_looked_up:
        raise ValueError("not names of calls, or not a word")
    names = " OR ".join(f'"{name}"' for name in asked.event_names)
    words = " OR ".join(f'"{word}"' for word in asked.words)
    about = f" ({words})" if words else ""
    return (
        f"search `cloudtrail_index` ({names}){about} | `cloudtrail_drop_extracted_fields`"
        " | `cloudtrail_normalize` | spath output=past_name path=eventName"
        f" | search past_name IN ({', '.join(asked.event_names)})"
        # Before the newest are chosen: whoever is denied a thousand times hides no call that succeeded.
        " | spath output=past_error path=errorCode | search NOT past_error=*"
        " | spath output=past_id path=eventID"
        f" | dedup past_id | sort {MOST} - _time | table _time _raw"
    )
