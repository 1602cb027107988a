"""Whether those whom a remediation has contained still succeed: their calls since then, as CloudTrail has them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..splunk.client import Splunkd
from ..splunk.search import search
from .arrivals import epoch_of, moment_of
from .cloudtrail import ENDPOINT_EVENT
from .record_search import DAY

#: Access keys, user ARNs and role ARNs, as they may stand in a search: no quote, no backslash, no wildcard, no blank.
_KEY = re.compile(r"[A-Z0-9]{16,128}")
_ARN = re.compile(r"arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[A-Za-z0-9_+=,.@/-]{1,600}")
#: Calls that are read, the newest.
MOST = 200
#: What needs no permission and cannot be denied (STS API Reference, GetCallerIdentity): it shows nothing.
HARMLESS = ("GetCallerIdentity",)


@dataclass(frozen=True)
class Contained:
    """Who can no longer act once a change is made."""

    #: For people, as in ``access key AKIA...``.
    who: str
    #: Keys whose every call counts.
    access_keys: tuple[str, ...] = ()
    #: Users and roles: calls of their own, and of their sessions.
    principals: tuple[str, ...] = ()
    #: Whether only sessions count that began before the change.
    sessions_before: bool = False
    #: Only calls of these names count (``eventName``); empty: all.
    calls: tuple[str, ...] = ()

    @property
    def can_be_looked_up(self) -> bool:
        names = (*self.access_keys, *self.principals)
        are_words = all(map(_KEY.fullmatch, self.access_keys)) and all(map(_ARN.fullmatch, self.principals))
        return bool(names) and are_words


@dataclass(frozen=True)
class Success:
    """A call that succeeded."""

    #: Epoch seconds.
    at: float
    #: As CloudTrail names call and service: ``RunInstances``, ``ec2.amazonaws.com``.
    name: str
    source: str
    event_id: str
    src_ip: str


def successes(splunkd: Splunkd, whom: Contained, since: float, until: float) -> Sequence[Success]:
    """Calls of those who are contained that succeeded after the change was made, oldest first; the newest ``MOST``.

    ``since``: when it was made; epoch seconds of the call. Raises ValueError where they cannot be looked up, and what
    ``search`` raises.
    """
    # A day more at the end, since some inputs set an event's time by when it arrived.
    found = (_success(result, whom, since) for result in search(splunkd, spl(whom), since - 1, until + DAY))
    return sorted((one for one in found if one and one.at > since), key=lambda one: one.at)


def spl(whom: Contained) -> str:
    """The search for their calls that succeeded. Raises ValueError for what is no name of a key, user or role."""
    if not whom.can_be_looked_up:
        raise ValueError("not names of keys, users or roles")
    words = " OR ".join(f'"{name}"' for name in (*whom.access_keys, *whom.principals))
    return (
        f"search `cloudtrail_index` ({words}) | `cloudtrail_drop_extracted_fields` | `cloudtrail_normalize`"
        " | spath output=by_key path=userIdentity.accessKeyId | spath output=by_arn path=userIdentity.arn"
        " | spath output=by_issuer path=userIdentity.sessionContext.sessionIssuer.arn"
        # Before the newest are chosen: records that only mention them hide none of theirs, nor do those that failed.
        f" | search {' OR '.join(_callers(whom))}"
        " | spath output=by_error path=errorCode | search NOT by_error=*"
        f" | spath output=by_type path=eventType | search NOT by_type={ENDPOINT_EVENT}"
        " | spath output=by_name path=eventName"
        f" | search NOT by_name IN ({', '.join(HARMLESS)})"
        " | spath output=by_answer path=responseElements.ConsoleLogin | search NOT by_answer=Failure"
        " | spath output=by_event path=eventID | dedup by_event"
        " | spath output=by_time path=eventTime | eval by_moment=_time | spath output=by_source path=eventSource"
        " | spath output=by_ip path=sourceIPAddress"
        " | spath output=by_began path=userIdentity.sessionContext.attributes.creationDate"
        f" | sort {MOST} - by_moment"
        " | table by_moment by_time by_name by_source by_event by_ip by_key by_arn by_issuer by_began"
    )


def _callers(whom: Contained) -> Iterator[str]:
    yield from (f'by_key="{key}"' for key in whom.access_keys)
    for principal in whom.principals:
        yield from (f'by_arn="{principal}"', f'by_issuer="{principal}"')


def _success(result: Mapping[str, Any], whom: Contained, since: float) -> Success | None:
    """None for what does not count; Splunk compares without regard to case, AWS does not."""
    said = {name: str(result.get(f"by_{name}") or "") for name in _FIELDS}
    is_theirs = said["key"] in whom.access_keys or {said["arn"], said["issuer"]} & {*whom.principals}
    if not is_theirs or (whom.calls and said["name"] not in whom.calls):
        return None
    try:
        if whom.sessions_before and not (said["began"] and epoch_of(said["began"]) < since):
            return None
        return Success(moment_of(result, "by"), said["name"], said["source"], said["event"], said["ip"])
    except (KeyError, TypeError, ValueError):
        return None


_FIELDS = ("name", "source", "event", "ip", "key", "arn", "issuer", "began")
