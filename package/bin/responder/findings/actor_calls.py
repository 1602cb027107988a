"""What an actor did: the calls of a key, of the principal behind it, and of the sessions and keys that these opened.

Whoever steals a key assumes roles with it and makes further keys; what is done with those is done by the same actor. So
the search goes on with each key that an earlier answer shows, a few times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..splunk.client import Splunkd
from ..splunk.search import search
from .cloudtrail import CloudTrailRecord
from .finding import Finding

DAY = 86_400.0
#: Seconds before the finding with which the window begins.
BEFORE = DAY
#: Keys and principals that are followed, rounds of following, and records of a round.
MOST_NAMES, ROUNDS, MOST = 40, 3, 1_000
#: As words of a search: an access key, also of a session (IAM User Guide, "Unique identifiers"), an ARN of a principal.
_KEY = re.compile(r"A[KS]IA[A-Z0-9]{12,124}")
_ARN = re.compile(
    r"arn:[a-z-]{3,12}:(?:iam|sts)::[0-9]{12}:(?:user|assumed-role|federated-user)/[\w+=,.@/-]{1,500}", re.ASCII
)
#: Calls that open sessions; CloudTrail has them as such that only read.
_OPENING = "^(AssumeRole|GetSessionToken|GetFederationToken)"


@dataclass(frozen=True)
class ActorCalls:
    """Which calls: names as CloudTrail has them."""

    event_names: tuple[str, ...]


def read(splunkd: Splunkd, finding: Finding, asked: ActorCalls, now: float) -> Sequence[CloudTrailRecord]:
    """Calls of those names that succeeded, by the finding's actor, in its account, newest first.

    From a day before what was found until now. Raises what ``search`` raises.
    """
    began = (finding.first_time or now) - BEFORE
    names = frozenset(filter(_is_name, (finding.access_key_id, finding.user_arn)))
    seen: dict[str, CloudTrailRecord] = {}
    searched = frozenset[str]()
    for _ in range(ROUNDS):
        fresh = sorted(names - searched)[: MOST_NAMES - len(searched)]
        if not fresh:
            break
        searched |= set(fresh)
        for record in _search(splunkd, spl(fresh), began, now):
            if record.event_id not in seen and _is_by(record, searched, finding):
                seen[record.event_id] = record
                names |= set(_opened(record))
    made = [record for record in seen.values() if record.event_name in asked.event_names]
    return sorted(made, key=_time, reverse=True)


def spl(names: Sequence[str]) -> str:
    """The search for calls by any of these keys and ARNs. Raises ValueError for anything else.

    Every change is read, not only the names that are asked for: those that open sessions and keys lead on.
    """
    if not names or not all(map(_is_name, names)):
        raise ValueError("not keys and ARNs of principals")
    quoted = " OR ".join(f'"{name}"' for name in names)
    return (
        f"search `cloudtrail_index` ({quoted}) | `cloudtrail_drop_extracted_fields` | `cloudtrail_normalize`"
        " | spath output=made_id path=eventID | spath output=made_reads path=readOnly"
        " | spath output=made_name path=eventName"
        f' | where isnull(made_reads) OR made_reads!="true" OR match(made_name, "{_OPENING}")'
        f" | dedup made_id | sort {MOST} - _time | table _time _raw"
    )


def _search(splunkd: Splunkd, query: str, earliest: float, now: float) -> Iterator[CloudTrailRecord]:
    for result in search(splunkd, query, earliest, now + DAY):
        try:
            yield CloudTrailRecord.parse(str(result.get("_raw")))
        except ValueError:
            # What cannot be read as a record says nothing of what was done.
            continue


def _is_name(text: str) -> bool:
    return bool(_KEY.fullmatch(text) or _ARN.fullmatch(text))


def _is_by(record: CloudTrailRecord, names: Iterable[str], finding: Finding) -> bool:
    """Made by one of them, and not only mentioned."""
    at_home = record.account == finding.vendor_account and record.caller_account == finding.vendor_account
    return at_home and record.succeeded and not record.caller_ids.isdisjoint(names)


def _opened(record: CloudTrailRecord) -> Iterator[str]:
    """The key of a session or user that a call gave out."""
    answer = record.fields.get("responseElements")
    for part in ("credentials", "accessKey"):
        given = answer.get(part) if isinstance(answer, Mapping) else None
        key = given.get("accessKeyId") if isinstance(given, Mapping) else None
        if isinstance(key, str) and _KEY.fullmatch(key):
            yield key


def _time(record: CloudTrailRecord) -> str:
    time: Any = record.fields.get("eventTime")
    return time if isinstance(time, str) else ""
