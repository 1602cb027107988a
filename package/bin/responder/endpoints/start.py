"""``start``: how far *Getting started* has come. Post ``{}``.

What a step needs to ask services outside or to search for, the page asks by other endpoints, when it is looked at.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..cases.store import CASES
from ..engine import case_queue
from ..errors import ConfigurationError
from ..findings import renamed, shipped
from ..settings import lists
from ..settings.model import AwsEntry
from ..settings.reader import Configuration
from ..slack import scopes
from ..splunk import saved_searches
from ..splunk.client import Splunkd
from ..splunk.users import capabilities
from ..starting import choice, trials
from ..starting.ledger import ENTRY, LEFT, SEARCH, Change, Ledger
from .base import Endpoint, Request

CAPABILITY = "cloudtrail_responder_admin"
#: Cases since arming that are looked at for the first one of an armed detection.
CASES_LOOKED_AT = 50


@dataclass(frozen=True)
class StartAccount:
    entry: str
    #: IDs that it names; none of an organization.
    accounts: Sequence[str]
    mode_ceiling: str
    #: Why it cannot be used; empty where it can.
    problem: str


@dataclass(frozen=True)
class StartTrial:
    name: str
    url: str
    by: str
    at: float


@dataclass(frozen=True)
class StartSite:
    name: str
    url: str
    project: str
    issue_type: str
    #: *Other fields* of the site, a line each.
    fields: str
    trial: StartTrial | None


@dataclass(frozen=True)
class StartWorkspace:
    name: str
    channel: str
    #: Whether it posts by a webhook, which has one channel.
    is_webhook: bool
    trial: StartTrial | None


@dataclass(frozen=True)
class StartDetection:
    detection: str
    title: str
    severity: str
    runs_an_hour: float


@dataclass(frozen=True)
class StartPack:
    pack: str
    title: str
    about: str
    detections: Sequence[StartDetection]


@dataclass(frozen=True)
class StartResponse:
    severity: str
    ticket: bool
    slack: bool
    #: A mode; empty for no remediation.
    remediation: str


@dataclass(frozen=True)
class StartChoice:
    """Names are empty where the defaults of the setup page count. ``revision`` is 0 where nothing was chosen yet."""

    revision: int
    pack: str
    site: str
    project: str
    issue_type: str
    workspace: str
    channel: str
    responses: Sequence[StartResponse]


@dataclass(frozen=True)
class StartChange:
    """Something that was changed here and has not been taken back."""

    kind: str
    #: Of the saved search; or list and entry, for people.
    name: str
    #: ``doing``, ``done``, ``undoing``, or ``left``: somebody has changed it since.
    state: str
    note: str
    by: str
    at: float


@dataclass(frozen=True)
class StartCase:
    case: str
    signature: str
    severity: str
    ticket: str
    opened_at: float


@dataclass(frozen=True)
class Start:
    accounts: Sequence[StartAccount]
    sites: Sequence[StartSite]
    workspaces: Sequence[StartWorkspace]
    packs: Sequence[StartPack]
    choice: StartChoice
    changes: Sequence[StartChange]
    #: The first case of a detection that was armed here; None until there is one.
    first_case: StartCase | None
    #: The most that playbooks may do: an alert can only lower it.
    mode_ceiling: str
    slack_manifest: str
    is_cloud: bool
    #: Whether whoever asks may change anything here.
    may_change: bool
    #: Whether Splunk would let them change the saved searches, too.
    may_arm: bool


def answer(request: Request) -> Mapping[str, Any]:
    splunkd = request.splunkd
    config = Configuration(splunkd)
    chosen, revision = choice.load(splunkd)
    changes = [change for change in Ledger(splunkd, "").changes() if change.counts or change.state == LEFT]
    safety = config.safety
    known = shipped.detections()
    shown = Start(
        accounts=[_account(entry) for entry in config.aws_entries()],
        sites=[_site(splunkd, config, name) for name in config.jira_site_names],
        workspaces=[
            StartWorkspace(
                one.name, one.default_channel, one.auth_type != "bot", _trial(trials.last(splunkd, "slack", one.name))
            )
            for one in config.slack_workspaces()
        ],
        packs=[
            StartPack(pack.id, pack.title, pack.about, [_detection(known[one]) for one in pack.detections])
            for pack in shipped.packs()
        ],
        choice=_choice(chosen, revision),
        changes=[StartChange(one.kind, _name(one), one.state, one.note, one.by, one.at) for one in changes],
        first_case=_first_case(splunkd, changes),
        mode_ceiling=safety.mode_ceiling or safety.default_mode,
        slack_manifest=json.dumps(scopes.manifest(), indent=2),
        is_cloud=splunkd.is_cloud_instance(),
        may_change=CAPABILITY in capabilities(splunkd, request.caller.user),
        may_arm=saved_searches.may_write(request.own, (one.search_name for one in known.values())),
    )
    return dataclasses.asdict(shown)


def _name(change: Change) -> str:
    """The saved search, or the list and the entry as people know them."""
    lookup, _, value = change.name.partition("/")
    known = lists.LISTS.get(lookup) if change.kind == ENTRY else None
    return f"{known.title}: {value}" if known else change.name


def _account(entry: AwsEntry) -> StartAccount:
    return StartAccount(
        entry.name, entry.named_accounts, entry.template.mode_ceiling, entry.problem.message if entry.problem else ""
    )


def _site(splunkd: Splunkd, config: Configuration, name: str) -> StartSite:
    trial = _trial(trials.last(splunkd, "jira", name))
    try:
        site = config.jira_site(name)
    except ConfigurationError:
        # The step says why, once it is looked at.
        return StartSite(name, "", "", "", "", trial)
    fields = "\n".join(f"{name} = {value}" for name, value in site.fields.others)
    return StartSite(name, site.url, site.default_project, site.default_issue_type, fields, trial)


def _trial(one: trials.Trial | None) -> StartTrial | None:
    return None if one is None else StartTrial(one.name, one.url, one.by, one.at)


def _detection(one: shipped.ShippedDetection) -> StartDetection:
    return StartDetection(one.id, one.title, one.severity, one.runs_an_hour)


def _choice(one: choice.Choice, revision: int) -> StartChoice:
    responses = [
        StartResponse(severity, given.ticket, given.slack, given.remediation)
        for severity, given in one.responses.items()
    ]
    return StartChoice(
        revision, one.pack, one.site, one.project, one.issue_type, one.workspace, one.channel, responses
    )


def _first_case(splunkd: Splunkd, changes: Sequence[Change]) -> StartCase | None:
    armed = {change.name: change.at for change in changes if change.kind == SEARCH and change.counts}
    if not armed:
        return None
    since = {"opened_at": {"$gte": min(armed.values())}}
    for case in splunkd.find(CASES, since, sort="opened_at:1", limit=CASES_LOOKED_AT):
        if renamed.current(str(case.get("search_name"))) in armed:
            (row,) = case_queue.read(splunkd, case_queue.Wanted(find=str(case["_key"])), 0, 1).cases
            ticket = row.ticket.key if row.ticket else ""
            return StartCase(row.case, row.signature, row.severity, ticket, row.opened_at)
    return None


ENDPOINT = Endpoint("start", "cloudtrail_responder_view", answer, Start)
