"""Which fields of an event each detection reads, taken from its search, and the page that lists them (fields.md).

For people who trim or mask events on their way to Splunk. What is read stands in the searches as ``spath`` and in the
conditions of the base search; this follows both through the shared macros.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .compile import search_of
from .model import Detection
from .shared_macros import expanded

FILE = "fields.md"
_CONDITION = re.compile(r"(?<![\w.])([A-Za-z][\w.]*)(?:!?=| IN \()")
#: Splunk's own, and no field of the event.
_NOT_OF_THE_EVENT = {"index", "sourcetype", "source", "host"}

#: What every detection of CloudTrail needs, beside what it reads itself: what for, and what happens without.
SHARED = {
    "eventSource, eventName": ("find the event, `command`", "nothing is found"),
    "eventID": ("`event_ids`, counting an event once, [proof](../proof.md)", "findings cannot be proved; a copy of an "
                "event counts again if its text differs"),
    "addendum.originalEventID": ("counting a call once that CloudTrail told of once more", "such a call counts twice"),
    "recipientAccountId": ("`vendor_account`", "the caller's account stands for it: wrong across accounts"),
    "awsRegion": ("`vendor_region`", "cases of all regions become one, and playbooks cannot act"),
    "userIdentity.type": ("`user_type`, dropping calls by AWS itself", "taken from the ARN; searches for root, keys or "
                          "sessions by type find nothing"),
    "userIdentity.userName": ("`user`", "the name in the ARN"),
    "userIdentity.arn": ("`user_arn`, `user_role`, exceptions, [proof](../proof.md), telling people from workloads",
                         "sessions cannot be told apart, lists match by name only, and detections of manual changes "
                         "miss people in role sessions"),
    "userIdentity.principalId": ("`user` where there is no name", "`unknown`"),
    "userIdentity.accountId": ("the caller's account", "that of the ARN"),
    "userIdentity.accessKeyId": ("`access_key_id`, telling long-term keys from sessions, `deactivate_access_key`",
                                 "keys are not recognized, and the playbook cannot act. The same if it is masked"),
    "userIdentity.invokedBy": ("dropping what AWS does as root, `user` of last resort", "Auto Scaling counts as root"),
    "userIdentity.onBehalfOf.userId": ("`user` of an Identity Center user", "`unknown`"),
    "userIdentity.sessionContext.sessionIssuer.userName": ("role of a session, dropping service-linked roles",
                                                           "taken from the ARN"),
    "userIdentity.sessionContext.sessionIssuer.arn": ("proving that a session is Identity Center's",
                                                      "a person's name on a list excuses nobody"),
    "sourceIPAddress": ("`src_ip`, `src_country`", "detections of networks and countries find nothing"),
    "userAgent": ("`user_agent`", "empty; detections of tools find less"),
    "eventType": ("dropping service events", "events of AWS itself may give findings"),
    "errorCode": ("`outcome`", "**a denied call counts as a success**"),
    "errorMessage": ("resource of a denied call that hides its parameters", "`unknown`"),
}  # fmt: skip


@dataclass(frozen=True)
class Needs:
    #: Fields in the conditions of the base search.
    searched: tuple[str, ...]
    #: Fields read from the event's text, as paths of ``spath``.
    read: tuple[str, ...]


def needs(detection: Detection) -> Needs:
    base, _, rest = expanded(search_of(detection)).partition("|")
    searched = [name for name in _CONDITION.findall(base) if name not in _NOT_OF_THE_EVENT]
    return Needs(tuple(dict.fromkeys(searched)), _paths(rest))


def shared_fields() -> set[str]:
    return {name for names in SHARED for name in names.split(", ")}


def _paths(spl: str) -> tuple[str, ...]:
    """The paths into the event that lead to what is used: not an object that is only taken apart, nor what is in one
    that is used whole.
    """
    # A field may be read from one place and, where that is absent, from another.
    of: dict[str, list[str]] = {}
    for found in re.finditer(r"\bspath (?:input=(\S+) )?output=(\w+) path=(\S+)", spl):
        source, name, path = found.groups()
        if source is None or source in of:
            of.setdefault(name, []).extend([path] if source is None else [f"{above}.{path}" for above in of[source]])
    inputs = re.findall(r"\bspath input=(\w+)", spl)
    paths = {path for name, its in of.items() if name not in inputs or _read_otherwise(name, spl) for path in its}
    return tuple(sorted(path for path in paths if not any(_within(path, other) for other in paths)))


def _within(path: str, other: str) -> bool:
    return path.startswith((f"{other}.", f"{other}{{"))


def _read_otherwise(name: str, spl: str) -> bool:
    return bool(re.search(rf"(?<!input=)(?<!output=)\b{name}\b", spl))


def page(detections: Sequence[Detection], note: str) -> str:
    lines = [note, "", "# Fields that the detections need", ""]
    lines += [_INTRODUCTION, "", "## All detections of CloudTrail", "", "| field | for | without it |", "|---|---|---|"]
    lines += [f"| {_code(names.split(', '))} | {use} | {without} |" for names, (use, without) in SHARED.items()]
    for source, heading in (("cloudtrail", "Each detection of CloudTrail, besides"), ("resolver", "DNS queries")):
        lines += ["", f"## {heading}", "", "| detection | finds events by | reads |", "|---|---|---|"]
        chosen = sorted((one for one in detections if one.source == source), key=lambda one: one.id)
        lines += [_line(one) for one in chosen]
    lines += ["", "## Flow logs", "", "The whole line, in the default format (version 2)."]
    return "\n".join(lines) + "\n"


def _line(detection: Detection) -> str:
    needed = needs(detection)
    common = shared_fields() if detection.source == "cloudtrail" else set()
    own = [path for path in needed.read if path not in common]
    return f"| [{detection.id}]({detection.id}.md) | {_code(needed.searched)} | {_code(own)} |"


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_INTRODUCTION = """\
If you trim or mask events on their way to Splunk (Ingest Processor, Edge Processor, ingest actions, a Lambda function),
keep what stands here. Everything is read from the event's text at search time, by the names that CloudTrail gives it.
No field of another app is needed, and none is used. The name of an object (`requestParameters`) stands for everything
below it; `x{}` is a list.

A search reads more names than one event has: services write the same thing differently, and most detections know
several ways. A field that you remove is read as missing, so the search finds less or says less. It does not fail."""
