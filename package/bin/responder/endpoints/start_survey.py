"""``start_survey``: what CloudTrail has shown in the last 30 days, and what of it may belong on the lists.

Post ``{}`` for what is known, ``{"go_on": true}`` to look at more days (with the rights of whoever asks), and
``{"go_on": true, "again": true}`` to begin anew. It changes no list.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..aws.accounts import Accounts
from ..errors import ResponderError
from ..settings import lists
from ..settings.reader import Configuration
from ..starting import survey
from ..starting.proposals import ProposedList, proposed
from .base import Endpoint, Request
from .start import CAPABILITY

#: Seconds after which no further day is begun.
LONGEST = 12.0


@dataclass(frozen=True)
class SurveyedAccount:
    account: str
    days: int
    events: int
    newest: float
    #: The entry of the AWS accounts tab that stands for it; empty for none.
    entry: str


@dataclass(frozen=True)
class StartSurvey:
    #: 0 where nobody has looked yet.
    began_at: float
    days_done: int
    days: int
    #: Days with events; days of which only the newest events were looked at; events in all.
    with_events: int
    cut: int
    events: int
    accounts: Sequence[SurveyedAccount]
    #: Why it is not known which entries stand for which accounts; empty where it is.
    accounts_problem: str
    #: Accounts with an entry, of which nothing was seen.
    silent: Sequence[str]
    lists: Sequence[ProposedList]


def answer(request: Request) -> Mapping[str, Any]:
    if request.body.get("go_on") is True:
        until = time.monotonic() + LONGEST
        again = request.body.get("again") is True
        known = survey.go_on(request.own, request.splunkd, again, lambda: time.monotonic() > until)
    else:
        known = survey.stored(request.splunkd) or survey.Survey(0.0)
    owners, problem = _owners(request)
    seen = known.seen[survey.ACCOUNT]
    accounts = [
        SurveyedAccount(account, one.day_count, one.events, one.newest, owners.get(account, ""))
        for account, one in sorted(seen.items(), key=lambda pair: (-pair[1].events, pair[0]))
    ]
    shown = StartSurvey(
        began_at=known.began_at,
        days_done=known.days_done,
        days=survey.DAYS,
        with_events=known.day_count,
        cut=known.cut,
        events=known.events,
        accounts=accounts,
        accounts_problem=problem,
        silent=sorted(set(owners) - set(seen))[: survey.MOST],
        lists=proposed(known, listed(request)),
    )
    return dataclasses.asdict(shown)


def _owners(request: Request) -> tuple[dict[str, str], str]:
    """The entry of each account, and what kept from knowing all."""
    config = Configuration(request.splunkd)
    try:
        accounts = Accounts(config, lambda entry: request.services.organization(entry, config.http))
        found, failed = accounts.every()
    except ResponderError as error:
        return {}, error.message
    owners = {account.account_id: account.name for account in found}
    return owners, "; ".join(f"{name}: {why.message}" for name, why in failed[:3])


def listed(request: Request) -> dict[str, list[str]]:
    """The values of each list for which there are proposals."""
    found = {}
    for one in proposed(survey.Survey(0.0), {}):
        column = lists.of(one.lookup).columns[0].name
        entries = request.splunkd.find(one.lookup, {"_key": {"$gt": ""}}, fields=column)
        found[one.lookup] = [str(entry.get(column) or "") for entry in entries]
    return found


ENDPOINT = Endpoint("start_survey", CAPABILITY, answer, StartSurvey)
