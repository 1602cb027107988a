"""``detection``: one of them, with its search, its runbook, and what tunes it. Post ``{"detection": id}``."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..documents import runbooks
from ..errors import NotFound, one_line
from ..findings import shipped
from ..health import spl_reads
from ..settings import lists
from ..splunk import saved_searches
from ..splunk.client import Splunkd
from .base import Endpoint, Request
from .detections import DetectionRow, of_the_app, row
from .lists import shown

#: Entries of a list that are looked at, for those that name this detection.
MOST, _EVERY = 10_000, {"_key": {"$gt": ""}}
#: What the scheduled search adds so that slices which overlap give nothing twice: a trial has one slice.
_SLICED = re.compile(r"\n\|\s*`cloudtrail_new_in_slice\(\d+\)`")
_EXCEPTIONS = "responder_allowed_principals"
#: Macros of all detections that people set (package/default/macros.conf).
_SHARED = {
    "cloudtrail_index": "Where CloudTrail is indexed.",
    "vpcflow_index": "Where VPC flow logs are indexed.",
    "resolver_index": "Where Resolver query logs are indexed.",
    "cloudtrail_allowed_open_ports": "Ports that may be open to the internet.",
}


@dataclass(frozen=True)
class ReadMacro:
    name: str
    definition: str
    #: What setting it does, a sentence.
    effect: str


@dataclass(frozen=True)
class ReadList:
    lookup: str
    title: str
    effect: str
    entries: int


@dataclass(frozen=True)
class DetectionException:
    principal: str
    reason: str
    owner: str
    #: As ``ListEntry``.
    last_day: str
    state: str


@dataclass(frozen=True)
class DetectionDetail:
    row: DetectionRow
    description: str
    #: Of the saved search, as Splunk's settings list it.
    search_name: str
    cron: str
    spl: str
    #: The same for a run by hand: without what keeps runs of a schedule apart.
    trial: str
    runbook: Sequence[str]
    false_positives: Sequence[str]
    blind_spots: Sequence[str]
    references: Sequence[str]
    sample_why: str
    sample: str
    packs: Sequence[str]
    #: Macros of the app that people tune, and lists that they keep, as far as the search reads them.
    macros: Sequence[ReadMacro]
    lists: Sequence[ReadList]
    #: Entries that are about this detection alone.
    exceptions: Sequence[DetectionException]
    may_change: bool


def answer(request: Request) -> Mapping[str, object]:
    one = _known(request.text("detection", 100))
    splunkd = request.splunkd
    saved = of_the_app(splunkd)
    search = saved.get(one.search_name)
    if search is None:
        raise NotFound(f"Splunk has no saved search '{one.search_name}'.", "Install the app again.")
    definitions = {name: stanza.get("definition", "") for name, stanza in splunkd.conf("macros").items()}
    read = set(spl_reads.lookups_of(search.search, definitions))
    more, told = shipped.details(one.id), runbooks.of(one.id)
    found = DetectionDetail(
        row=row(one, saved),
        description=search.description,
        search_name=search.name,
        cron=search.cron,
        spl=search.search,
        trial=trial_of(search.search),
        runbook=told.steps,
        false_positives=told.false_positives,
        blind_spots=more.blind_spots,
        references=more.references,
        sample_why=more.sample_why,
        sample=more.sample,
        packs=[pack.title for pack in shipped.packs() if one.id in pack.detections],
        macros=list(_tunable(one.id, definitions, spl_reads.macros_of(search.search, definitions))),
        lists=[_list(splunkd, kept) for name, kept in lists.LISTS.items() if name in read],
        exceptions=list(_exceptions(splunkd, one.id)),
        may_change=saved_searches.may_write(request.own, saved),
    )
    return dataclasses.asdict(found)


def trial_of(spl: str) -> str:
    """The search for a run by hand, over any time."""
    return f"search {_SLICED.sub('', spl)}"


def _known(name: str) -> shipped.ShippedDetection:
    found = shipped.detections().get(name)
    if found is None:
        raise NotFound(f"There is no detection '{one_line(name)[:60]}'.", "Look at the list of detections.")
    return found


def _tunable(detection: str, definitions: Mapping[str, str], read: Iterable[str]) -> Iterable[ReadMacro]:
    """Its own filter, and those that every search shares."""
    own = "Leaves findings out by any of their fields, as in: search NOT user=deployer."
    effects = {f"{detection}_filter": own, **_SHARED}
    for name in read:
        if name in effects:
            yield ReadMacro(name, definitions[name], effects[name])


def _list(splunkd: Splunkd, kept: lists.PeoplesList) -> ReadList:
    entries = splunkd.find(kept.lookup, _EVERY, fields="_key", limit=MOST)
    return ReadList(kept.lookup, kept.title, kept.effect, len(entries))


def _exceptions(splunkd: Splunkd, detection: str) -> Iterable[DetectionException]:
    kept, now = lists.of(_EXCEPTIONS), splunkd.now()
    for document in splunkd.find(_EXCEPTIONS, _EVERY, limit=MOST):
        named = str(document.get("detection") or "").strip().lower()
        if named and named != "*" and re.fullmatch(re.escape(named).replace(r"\*", ".*"), detection):
            entry = shown(kept, document, now)
            yield DetectionException(
                entry.values["principal"], entry.values["reason"], entry.values["owner"], entry.last_day, entry.state
            )


ENDPOINT = Endpoint("detection", "cloudtrail_responder_view", answer, DetectionDetail)
