"""What a detection finds in another shape, beside what it finds in plain records; and the page about OCSF."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from spl import Event, MemoryEvents
from workbench.detections.model import Detection
from workbench.replay import ShippedSearches
from workbench.replay.samples import as_records, event_of

from . import EVERYTHING, OCSF, SHAPES

#: After every sample.
NOW = 1_750_000_000.0
NO_FINDING = "no finding"
FILE = "ocsf.md"
Sample = Mapping[str, Any]


def differences(detection: Detection, sample: Sample, shapes: Iterable[str] = tuple(SHAPES)) -> dict[str, list[str]]:
    """By shape, what is not as it is in plain records: the fields of findings, or that there is none (or one more)."""
    records = as_records(sample)
    of_cloudtrail = [one for one in records if isinstance(one, dict) and "eventName" in one]
    others = [event_of(one) for one in records if not (isinstance(one, dict) and "eventName" in one)]
    located = {address: {"Country": country} for address, country in sample.get("locations", {}).items()}
    searches = ShippedSearches([detection], lookups=sample.get("lookups", {}), locate=located.get, settings=EVERYTHING)

    def found(events: Iterable[Event]) -> list[dict[str, Any]]:
        rows = searches.rows(detection.id, MemoryEvents([*events, *others]), NOW)[1]
        return [{name: _comparable(name, value) for name, value in row.items() if value != ""} for row in rows]

    plain = found(map(event_of, of_cloudtrail))
    made = {shape: _differing(plain, found(SHAPES[shape](of_cloudtrail))) for shape in shapes}
    return {shape: what for shape, what in made.items() if what}


def _comparable(name: str, value: Any) -> Any:
    """In ``detail`` neither the order of keys nor whether a number is written as text says anything else."""
    if name != "detail":
        return value
    try:
        return _as_texts(json.loads(value))
    except ValueError:
        return value


def _as_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_texts(member) for key, member in value.items()}
    if isinstance(value, list):
        # What one event tells several times comes in the order of the texts.
        return sorted((_as_texts(member) for member in value), key=lambda member: json.dumps(member, sort_keys=True))
    return value if isinstance(value, str) else json.dumps(value)


def _differing(plain: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> list[str]:
    if len(plain) != len(found):
        return [NO_FINDING if len(found) < len(plain) else "one finding more"]
    pairs = zip(plain, found)
    return sorted({name for one, other in pairs for name in {*one, *other} if one.get(name) != other.get(name)})


def lost(detections: Iterable[Detection]) -> dict[str, dict[str, list[str]]]:
    """By detection and version of OCSF, over all of its samples."""
    made: dict[str, dict[str, list[str]]] = {}
    for detection in detections:
        for sample in detection.samples():
            for version, what in differences(detection, sample, OCSF).items():
                known = made.setdefault(detection.id, {}).setdefault(version, [])
                known += [one for one in what if one not in known]
    return made


def page(detections: Sequence[Detection]) -> str:
    chosen = [detection for detection in detections if detection.source == "cloudtrail"]
    found = lost(chosen)
    places = "\n".join(["| of the record | in OCSF | what it means |", "|---|---|---|", *map(_row, _PLACES)])
    lines = [_INTRODUCTION.format(all=len(chosen), same=len(chosen) - len(found), places=places), ""]
    lines += ["| detection | version | lost in some of its samples |", "|---|---|---|"]
    for name, versions in sorted(found.items()):
        link = f"[{name}](detections/{name}.md)"
        lines += [f"| {link} | {version.partition(' ')[2]} | {', '.join(what)} |" for version, what in versions.items()]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


#: Of the record, in OCSF, what it means.
_PLACES = (
    (
        "`requestParameters`, `responseElements`",
        "whole in 1.1.0 and 1.5.0 (`api.request.data`); single values in 1.0.0-rc.2",
        "in 1.0.0-rc.2 numbers and Booleans are texts, lists are believed to be texts of JSON, and names more "
        "than three levels deep are not read",
    ),
    (
        "the user or role that an account change is about",
        "in 1.0.0-rc.2 only in `user.name`",
        "read as the request's `userName` or `roleName`",
    ),
    (
        "`userIdentity.invokedBy` in `actor.app_name`",
        "since 1.2 in place of `actor.invoked_by`",
        "believed only where the call came from that service (`src_endpoint.domain`), so that no caller names one",
    ),
    (
        "`null` and missing",
        "the same",
        "`requestParameters` and `responseElements` are read as null where there are none",
    ),
    (
        "empty texts",
        "read as missing",
        "nothing: actions read both alike",
    ),
    (
        "`userIdentity.principalId` of an Identity Center user",
        "`onBehalfOf.userId` has its place",
        "`user` is that id",
    ),
    (
        "`additionalEventData.UserName`",
        "`actor.user.name`",
        "read from there for events of sign-in",
    ),
    (
        "`identityProvider`, `webIdFederationData.federatedProvider`",
        "both in `actor.idp.name`",
        "read as `identityProvider`, which the detections take for the other",
    ),
    (
        "`sessionIssuer` beside name and ARN, `inScopeOf`",
        "unmapped",
        "not read, no detection needs it",
    ),
    (
        "`eventTime` in 1.0.0-rc.2",
        "`time`, in milliseconds",
        "written with the search user's time zone",
    ),
    (
        "Insights, network activity events",
        "not in Security Lake",
        "nothing reads them",
    ),
)

_INTRODUCTION = """\
<!-- Generated by `python -m workbench shapes --docs docs` from the samples of the detections. -->

# What OCSF loses

Security Lake turns CloudTrail's records into OCSF. The app turns them back (macro `cloudtrail_read_ocsf`), so that the
same detections run. A mapping has no place for everything, though. Of {all} detections {same} find the same, in every
sample and every version, with the same fields; the table at the end lists the others. It is made by running every
sample.

All of them rest on the published mappings of OCSF and on samples of 1.0.0-rc.2, 1.1.0 and 1.5.0, not on AWS's own code.
Of 1.2 to 1.4 nobody has published either. Of the names that count here, the schema has changed one from 1.1 to 1.5
(`actor.app_name` in place of `actor.invoked_by`), so their samples have what 1.1.0 and 1.5.0 differ in, and that name.
What this leaves open, and what is lost anywhere:

{places}

[Proof](proof.md) reads such records, too. Where the index also holds the plain record of an event, that one counts.

## Detections that lose something"""
