"""What an actor did: the calls of a key, of the principal behind it, and of whatever these have made or opened.

Whoever steals a key assumes roles with it and makes further keys, users and roles; what is done with those is done by
the same actor. So the search goes on with each of them that an earlier answer shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..splunk.client import Splunkd
from ..splunk.search import search
from .cloudtrail import CloudTrailRecord, operation_of
from .finding import Finding

DAY = 86_400.0
#: Seconds before the finding with which the window begins.
BEFORE = DAY
#: Names that are followed, how many of them are in one search, its newest records, and rounds of following.
MOST_NAMES, IN_A_SEARCH, MOST, ROUNDS = 240, 60, 2_000, 5
#: As words of a search: an access key, also of a session (IAM User Guide, "Unique identifiers"), an ARN of a principal.
_KEY = re.compile(r"A[KS]IA[A-Z0-9]{12,124}", re.ASCII)
_ARN = re.compile(
    r"arn:[a-z-]{3,12}:(?:iam|sts)::[0-9]{12}:(?:user|role|assumed-role|federated-user)/[\w+=,.@/-]{1,500}", re.ASCII
)
_OPERATION = re.compile(r"[A-Z][A-Za-z0-9]{2,63}", re.ASCII)
#: Calls that give out credentials of a session; CloudTrail has them as such that only read.
OPENING = ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "GetSessionToken", "GetFederationToken")
#: Calls that make what goes on acting when all sessions are over.
_LASTING = ("CreateAccessKey", "CreateUser", "CreateRole")
#: All that lead on, and where their records have what goes on acting.
_LEADING = (*OPENING, *_LASTING)
_GIVEN = (("credentials", "accessKeyId"), ("accessKey", "accessKeyId"), ("user", "arn"), ("role", "arn"))


class Truncated(list[CloudTrailRecord]):
    """Records, of which there are more than were read."""


@dataclass(frozen=True)
class ActorCalls:
    """Which calls: operations, as CloudTrail names them, without an API's date (``CreateFunction20150331``)."""

    operations: tuple[str, ...]

    def are_in(self, record: CloudTrailRecord) -> bool:
        """Whether a record is one of these calls, or has opened a session."""
        return operation_of(record.event_name) in (*self.operations, *OPENING)


def read(splunkd: Splunkd, finding: Finding, asked: ActorCalls, now: float) -> Sequence[CloudTrailRecord]:
    """Such calls that succeeded, by the finding's actor, in its account, newest first; ``Truncated`` if not all.

    From a day before what was found until now. Raises what ``search`` raises.
    """
    return follow(splunkd, finding, asked, now).records


@dataclass(frozen=True)
class Followed:
    #: As ``read`` gives them.
    records: Sequence[CloudTrailRecord]
    #: The keys and ARNs that the actor acts with, as far as they were followed.
    names: frozenset[str]

    @property
    def is_whole(self) -> bool:
        return not isinstance(self.records, Truncated)


def follow(splunkd: Splunkd, finding: Finding, asked: ActorCalls, now: float) -> Followed:
    """As ``read``, with the names that were followed on the way; none where the finding names nobody."""
    began = (finding.first_time or now) - BEFORE
    names = dict.fromkeys(filter(is_name, (finding.access_key_id, finding.user_arn)))
    found: dict[str, CloudTrailRecord] = {}
    followed: set[str] = set()
    is_whole = True
    for _ in range(ROUNDS):
        # Sessions last: whoever opens a thousand of them hides no key, user or role that he has made.
        waiting = sorted((name for name in names if name not in followed), key=_is_session)
        fresh = waiting[: MOST_NAMES - len(followed)]
        followed |= set(fresh)
        for start in range(0, len(fresh), IN_A_SEARCH):
            results = search(splunkd, spl(fresh[start : start + IN_A_SEARCH], asked), began, now + DAY)
            is_whole = is_whole and len(results) < MOST
            for record in _records(results):
                if record.event_id not in found and _is_by(record, followed, finding):
                    found[record.event_id] = record
                    names.update(dict.fromkeys(_given(record)))
    records = sorted((one for one in found.values() if asked.are_in(one)), key=_time, reverse=True)
    is_whole = is_whole and followed == set(names)
    return Followed(records if is_whole else Truncated(records), frozenset(followed))


def spl(names: Sequence[str], asked: ActorCalls) -> str:
    """The search for such calls by any of these keys and ARNs. Raises ValueError for anything else.

    Those that lead on are read, too. Before the newest are chosen: whoever is denied a thousand times, or lists
    things a thousand times, hides no call that counts. Then come first those that make keys, users and roles, and last
    those that open sessions, which cost nothing and change nothing.
    """
    operations = tuple(dict.fromkeys((*asked.operations, *_LEADING)))
    if not names or not all(map(is_name, names)) or not all(map(_OPERATION.fullmatch, operations)):
        raise ValueError("not keys and ARNs of principals, or not names of calls")
    quoted = " OR ".join(f'"{name}"' for name in names)
    return (
        f"search `cloudtrail_index` ({quoted}) | `cloudtrail_drop_extracted_fields` | `cloudtrail_normalize`"
        " | spath output=made_name path=eventName"
        f' | where match(made_name, "^({"|".join(operations)})(20[0-9]+(v[0-9])?)?$")'
        " | spath output=made_error path=errorCode | search NOT made_error=*"
        " | spath output=made_id path=eventID"
        f' | dedup made_id | eval made_turn=case(match(made_name, "^({"|".join(_LASTING)})$"), 0,'
        f' match(made_name, "^({"|".join(OPENING)})$"), 2, true(), 1)'
        f" | sort {MOST} made_turn, -_time | table _time _raw"
    )


def _records(results: Sequence[Mapping[str, Any]]) -> Iterator[CloudTrailRecord]:
    for result in results:
        try:
            yield CloudTrailRecord.parse(str(result.get("_raw")))
        except ValueError:
            # What cannot be read as a record says nothing of what was done.
            continue


def is_name(text: str) -> bool:
    """Whether a text is a key or an ARN of a principal, and may stand in a search between quotes."""
    return bool(_KEY.fullmatch(text) or _ARN.fullmatch(text))


def _is_session(name: str) -> bool:
    return name.startswith("ASIA") or ":sts::" in name


def _is_by(record: CloudTrailRecord, names: set[str], finding: Finding) -> bool:
    """Made by one of them, and not only mentioned."""
    at_home = record.account == finding.vendor_account and record.caller_account == finding.vendor_account
    is_call = record.succeeded and not record.tells_again
    return at_home and is_call and not record.caller_ids.isdisjoint(names)


def _given(record: CloudTrailRecord) -> Iterator[str]:
    """What a call gave out or made that goes on acting: a key of a session or user, a user, a role."""
    answer = record.fields.get("responseElements")
    if operation_of(record.event_name) not in _LEADING or not isinstance(answer, Mapping):
        return
    for part, name in _GIVEN:
        given = answer.get(part)
        text = given.get(name) if isinstance(given, Mapping) else None
        if isinstance(text, str) and is_name(text):
            yield text


def _time(record: CloudTrailRecord) -> str:
    time = record.fields.get("eventTime")
    return time if isinstance(time, str) else ""
