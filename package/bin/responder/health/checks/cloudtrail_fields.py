"""Do the records have the fields that detections need? Pipelines drop and mask fields on the way to Splunk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..line import Check, Line, amber, green, name, red, some
from ..needed import SHARED, needed
from ..sample import Seen
from ..surroundings import Surroundings

#: CloudTrail writes these into every record of a call, also where there is nothing to say (null). What only some
#: records have (additionalEventData, serviceEventDetails, errorCode ...) tells nothing when it is not there.
#: Source: CloudTrail User Guide, "CloudTrail record contents for management, data, and network activity events".
ALWAYS = frozenset((*SHARED, "requestParameters", "responseElements"))
#: Without these a detection finds nothing, without the others it says less.
VITAL = frozenset(("eventSource", "eventName", "userIdentity", "requestParameters", "eventTime"))
_KEY = re.compile(r"(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124}")
#: userIdentity of callers that have a principal and a key of their own.
_PEOPLE = ("IAMUser", "AssumedRole", "Root", "FederatedUser")
PIPELINE = "Let the ingest pipeline, Lambda or template that trims events keep it."


def look(about: Surroundings) -> Iterable[Line]:
    records = [seen for seen in about.sample.records if _is_call(seen)]
    if not records:
        return [amber("There is no plain CloudTrail record of a call to look at.", "See the lines above.")]
    macros = {name: stanza.get("definition", "") for name, stanza in about.stanzas("macros").items()}
    found = [*_absent(records, needed(about.detections, macros)), *_identity(records), *_errors(records)]
    return found or [green(f"Records looked at: {len(records)}; all have the fields that the detections need.")]


def _is_call(seen: Seen) -> bool:
    """Of other types, records lack some of it by nature: a failed sign-in has a message and no code, and names nobody.

    Source: CloudTrail User Guide, "AWS Management Console sign-in events" and "Network activity events".
    """
    event = seen.event or {}
    # Sign-ins of old had no type.
    return event.get("eventType") in (None, "AwsApiCall") and event.get("eventSource") != "signin.amazonaws.com"


def _absent(records: Sequence[Seen], wanted: Mapping[str, Sequence[str]]) -> Iterable[Line]:
    for field in sorted(ALWAYS & set(wanted)):
        lacking = [seen for seen in records if field not in (seen.event or {})]
        if not lacking:
            continue
        places = some(sorted({f"index={name(seen.index)} sourcetype={name(seen.sourcetype)}" for seen in lacking}))
        titles = wanted[field]
        said = f"{field} is missing in {len(lacking)} of {len(records)} records ({places}); {_who(titles)}."
        yield (red if field in VITAL else amber)(said, PIPELINE)


def _who(titles: Sequence[str]) -> str:
    return f"{len(titles)} detections need it" if len(titles) > 3 else f"needed by: {some(titles)}"


def _identity(records: Sequence[Seen]) -> Iterable[Line]:
    """What lies below userIdentity: who acts, and by which key."""
    identities = [(seen.event or {}).get("userIdentity") for seen in records]
    callers = [identity for identity in identities if isinstance(identity, dict)]
    untyped = [one for one in callers if "type" not in one and "invokedBy" not in one]
    if untyped:
        yield amber(
            f"userIdentity.type is missing in {len(untyped)} of {len(records)} records: who acts is read from the ARN.",
            PIPELINE,
        )
    people = [one for one in callers if one.get("type") in _PEOPLE]
    nameless = [one for one in people if not one.get("arn")]
    if nameless:
        yield amber(
            f"userIdentity.arn is missing in {len(nameless)} of {len(people)} records of users and roles: findings do "
            "not say who acted, and lists of principals do not match.",
            PIPELINE,
        )
    masked = [one for one in people if one.get("accessKeyId") and not _KEY.fullmatch(str(one["accessKeyId"]))]
    if masked:
        yield amber(
            f"userIdentity.accessKeyId is masked in {len(masked)} of {len(people)} records of users and roles: "
            "no access key can be deactivated, and keys are not told apart.",
            "Let the masking rule of the pipeline leave accessKeyId alone: it is an identifier, not a secret.",
        )


def _errors(records: Sequence[Seen]) -> Iterable[Line]:
    failed = [seen.event for seen in records if seen.event and "errorMessage" in seen.event]
    nameless = [event for event in failed if "errorCode" not in event]
    if nameless:
        yield red(
            f"errorCode is missing in {len(nameless)} of {len(failed)} records of failed calls: a denied call counts "
            "as a success.",
            PIPELINE,
        )


CHECK = Check("CloudTrail fields", 13, look)
