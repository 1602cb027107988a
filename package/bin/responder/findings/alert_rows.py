"""A result row of any alert as a finding: one of ours, a notable of Enterprise Security, or somebody's own search.

A row that has ``signature_id`` and ``dedup_key`` keeps the contract, and is held to it. Any other one is read as it is:
no word in it is refused, what does not have the form of a field is no value of that field, and all of it is shown. What
is done in AWS does not rest on it: the proof reads the event's own record.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InvalidFinding, one_line
from . import sources, tables, values
from .actors import actor
from .cells import Cells, is_origin, json_object
from .cloudtrail import CloudTrailRecord
from .finding import FIELDS, MAX_THROTTLE, SEVERITIES, Finding
from .ingress import added_rules
from .moments import epoch_of
from .record_search import is_event_id
from .severities import UNKNOWN, severity_of
from .templates import filled_title

UNNAMED = "Alert without a name"
#: The two fields that make a row one of ours.
CONTRACT = ("signature_id", "dedup_key")
#: What one case is about: see ``AlertRun.one_per``.
ROW, RUN = "row", "run"
#: Which of a finding's fields tell one case of an alert from another, where the alert does not say. Of the first group
#: the first that is there: a session has another key each time, and a person has many sessions.
WHO = ("user_arn", "user", "access_key_id")
WHAT = ("object_id", "src_ip")
#: Where a row has none of these: what CIM's other data models are about, a host for instance. The Splunk Add-on for AWS
#: gives it to each call. Where that is not there either: what a table of numbers is grouped by.
ELSE = "dest"
#: Fields of a row that are named in a dedup key.
MAX_DEDUP_FIELDS = 20


@dataclass(frozen=True)
class AlertRun:
    """Which alert found the rows, in which run, and how its owner wants them taken."""

    name: str = ""
    sid: str = ""
    #: A severity for every finding of the alert; empty for the row's own.
    severity: str = ""
    #: The alert's own severity, for rows that have none.
    usual_severity: str = ""
    #: Fields of the row or of the finding.
    dedup_fields: Sequence[str] = ()
    #: What a case is for: empty for each dedup key, ``ROW``, ``RUN``.
    one_per: str = ""


def read(row: Mapping[str, Any], run: AlertRun) -> Finding:
    """Raises InvalidFinding for a contract row that breaks the contract, and for a row without any value."""
    cells = Cells(row)
    if not cells:
        raise InvalidFinding("The row is empty.", "Let the search return fields, as in: | table _time, eventID, user.")
    if _is_investigation(cells):
        raise InvalidFinding(
            "This is an investigation of Enterprise Security, which names no event.",
            "Run the action on one of its findings.",
        )
    name = run.name or _first_text(cells, sources.NOTABLE_NAME if is_notable(cells) else sources.ALERT_NAME)
    keeps_contract = all(row.get(field) not in (None, "", []) for field in CONTRACT)
    finding = Finding.from_row(_contract(row, cells)) if keeps_contract else _of_alert(cells, name)
    if is_notable(cells):
        kept = cells.shown()
        finding = replace(finding, row={k: v for k, v in kept.items() if is_origin(k)} if keeps_contract else kept)
    severity = run.severity or ("" if keeps_contract else _severity(cells) or run.usual_severity)
    if severity in SEVERITIES:
        finding = replace(finding, severity=severity)
    if keeps_contract and not run.dedup_fields and not run.one_per:
        return finding
    return replace(finding, dedup_key=_dedup_key(finding, cells, name, run))


def is_notable(cells: Cells) -> bool:
    """Whether Enterprise Security handed the row over, for a finding of its queue."""
    return any("@@notable@@" in cells.text(name) for name in ("event_id", "rule_id", "finding_id"))


def _is_investigation(cells: Cells) -> bool:
    """One has a plain UUID and no search that found it, and is reviewed as a finding is.

    No investigation of a real Enterprise Security was seen: a row must look like one in all of this.
    """
    named = cells.one("investigation_id") or cells.one("event_id")
    is_plain = is_event_id(named.lower()) and not is_notable(cells) and not cells.one("orig_sid")
    return is_plain and sum(bool(cells.text(name)) for name in sources.REVIEW) >= 2


def _contract(row: Mapping[str, Any], cells: Cells) -> Mapping[str, Any]:
    """A contract row without what is ours to mend: the words of a severity, and what a notable does to values."""
    mended = dict(row)
    severities = cells.values("severity")
    if severities and row.get("severity") not in SEVERITIES:
        mended["severity"] = _worst(severities) or UNKNOWN
    if is_notable(cells):
        detail = json_object(cells.one("detail"))
        if detail is not None:
            mended["detail"] = json.dumps(detail)
        for name in ("first_time", "last_time"):
            mended[name] = epoch_of(cells.one(name)) or ""
    return mended


# -- somebody's own alert ----------------------------------------------------------------------------------------------


def _of_alert(cells: Cells, name: str) -> Finding:
    found = {field: _field(cells, field) for field in sources.SOURCES}
    found.update(tables.about(tables.series(cells)))
    if found["reason"] and found["reason"] == cells.text("errorMessage"):
        # The Splunk Add-on for AWS calls the error message the reason.
        found["reason"] = ""
    named = _resource(cells)
    if not found["object_id"]:
        found.update(named)
    elif found["object_id"] == named.get("object_id"):
        found["object_category"] = found["object_category"] or named.get("object_category", "")
    title = filled_title(cells.text("rule_title"), cells.text) if is_notable(cells) else ""
    ids = [one for field in cells.like(sources.EVENT_IDS) for one in _event_ids(cells, field)]
    events = values.event_ids("event_ids", ids)
    first = _time(cells, sources.FIRST_TIME, min) or _time(cells, sources.FIRST_SEEN, min)
    last = _time(cells, sources.LAST_TIME, max) or _time(cells, sources.LAST_SEEN, max)
    last = max(last, first and first + _of_transaction(cells))
    acted = actor(cells, found["user_arn"], found["user_type"])
    found.update(user=acted.user, user_type=acted.type, user_role=acted.role, user_arn=acted.arn)
    row = cells.shown()
    texts: dict[str, Any] = {field: values.text(field, value) for field, value in found.items()}
    return Finding(
        **texts,
        signature_id=signature_id(name),
        signature=next(filter(None, (values.text("signature", text) for text in (title, name))), UNNAMED),
        severity=_severity(cells) or UNKNOWN,
        # Replaced by whoever knows how the alert wants its rows grouped.
        dedup_key="alert",
        outcome="failure" if _has_failed(cells) else "success",
        event_ids=events,
        event_count=max(_number(cells, sources.COUNT), len(events), 1),
        first_time=min(first, last),
        last_time=last,
        throttle_seconds=min(_number(cells, ("throttle_seconds",)), MAX_THROTTLE),
        detail=_detail(cells),
        row=row,
        batch="" if events else cells.beyond(row),
    )


def signature_id(name: str) -> str:
    """A name of ours for an alert's. Two alerts may have the same: nothing is told apart by it."""
    words = re.sub(r"[^a-z0-9]+", "_", name.casefold().encode("ascii", "ignore").decode()).strip("_")[:80]
    if len(words) < 3:
        words = f"{words}_{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}".strip("_")
    return words if words[0].isalpha() else f"alert_{words}"


def _field(cells: Cells, field: str) -> str:
    form = sources.FORMS.get(field)
    names = sources.SOURCES[field]
    # Which playbook runs is not guessed.
    for name in names if field == "recommended_playbook" else cells.like(names):
        value = cells.one(name) if field in sources.SINGLE else cells.text(name)
        if field == "vendor_account":
            value = sources.ACCOUNT_SHOWN.sub(r"\1\2\3", value)
        if value and (form is None or form.fullmatch(value)):
            return value
    return ""


def _resource(cells: Cells) -> dict[str, str]:
    service = cells.one("eventSource").partition(".")[0]
    for one in sources.RESOURCES:
        # Some services write their parameters as their API has them: with a capital.
        spelled = cells.like((f"requestParameters.{one.parameter}",))
        value = next(filter(None, map(cells.one, spelled)), "")
        if value and (service == one.service or not service and one.parameter != "name"):
            return {"object_id": value, "object_category": one.category}
    named = cells.one("resources{}.ARN")
    return {"object_id": named} if named else {}


def _event_ids(cells: Cells, field: str) -> Iterable[str]:
    return (word for value in cells.values(field) for word in re.split(r"[,\s]+", value) if is_event_id(word.lower()))


def _time(cells: Cells, names: Sequence[str], choose: Any) -> float:
    for name in cells.like(names):
        times = [time for time in map(epoch_of, cells.values(name)) if time]
        if times:
            return float(choose(times))
    return 0.0


def _of_transaction(cells: Cells) -> float:
    """Seconds from the first of the events that ``transaction`` made the row of, whose time it has, to the last."""
    lasted = cells.one("duration")
    is_one = cells.one("eventcount") and re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]+)?", lasted)
    return float(lasted) if is_one else 0.0


def _number(cells: Cells, names: Sequence[str]) -> int:
    """A whole number, also with commas and with zeros behind a point."""
    for name in cells.like(names):
        found = re.fullmatch(r"([0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.0+)?", cells.one(name))
        if found:
            return int(found[1].replace(",", ""))
    return 0


def _severity(cells: Cells) -> str:
    names = (sources.URGENCY, *sources.SEVERITY) if is_notable(cells) else sources.SEVERITY
    said = [name for name in cells.like(names) if not (cells.is_ocsf and _says_nothing(cells, name))]
    found = (_worst(cells.values(name), _is_guardduty(cells, name)) for name in said)
    return next((severity for severity in found if severity), UNKNOWN if any(map(cells.values, said)) else "")


def _is_guardduty(cells: Cells, name: str) -> bool:
    return name == sources.GUARDDUTY_SEVERITY or any("guardduty" in cells.text(one) for one in sources.GUARDDUTY)


def _says_nothing(cells: Cells, name: str) -> bool:
    """Security Lake gives each record of CloudTrail this severity, whatever the call."""
    return name == "severity" and cells.one(name) == "Informational"


def _worst(words: Sequence[str], of_guardduty: bool = False) -> str:
    """The highest of several severities; empty where no word means one."""
    found = {severity_of(word, of_guardduty) for word in words} - {""}
    return max(found, key=SEVERITIES.index, default="")


def _has_failed(cells: Cells) -> bool:
    """A failed sign-in has no error code."""
    if cells.text("errorCode").casefold() not in sources.NO_ERROR:
        return True
    return any("failure" in map(str.casefold, cells.values(name)) for name in sources.FAILED)


def _detail(cells: Cells) -> Mapping[str, Any]:
    """What the row gives, else what its record does; nothing where that is more than is kept."""
    given = json_object(cells.one("detail")) if cells.one("detail") else None
    try:
        return values.detail("detail", given or _recorded_detail(cells))
    except InvalidFinding:
        # Somebody's own field of this name means nothing to us; it costs no ticket.
        return {}


def _recorded_detail(cells: Cells) -> Mapping[str, Any]:
    rules = added_rules(cells.record)
    return {"rules": rules} if rules and CloudTrailRecord(cells.record).succeeded else {}


# -- cases -------------------------------------------------------------------------------------------------------------


def _dedup_key(finding: Finding, cells: Cells, name: str, run: AlertRun) -> str:
    """Names the alert and what tells its cases apart. No value can end its part and begin another: that would let a
    chosen name join the case of somebody else."""
    if run.one_per == RUN:
        parts = [("run", run.sid or "unknown")]
    elif run.one_per == ROW:
        parts = [("event", ",".join(finding.event_ids))] if finding.event_ids else _this_row(cells, run)
    else:
        parts = _chosen(finding, cells, run.dedup_fields) if run.dedup_fields else _identifying(finding, cells)
    written = (f"{_quoted(field)}={_quoted(value)}" for field, value in parts)
    return values.key("dedup_key", " | ".join((f"alert:{_quoted(name)}", *written)))


def told_apart(finding: Finding, content: str) -> Finding:
    """With a case of its own, beside that of other rows that would have the same. ``content``: a digest."""
    return replace(finding, dedup_key=values.key("dedup_key", f"{finding.dedup_key} | row={content}"))


def _this_row(cells: Cells, run: AlertRun) -> list[tuple[str, str]]:
    digest = hashlib.sha256(json.dumps(cells.shown(), sort_keys=True).encode("utf-8", "replace")).hexdigest()[:16]
    return [("run", run.sid), ("row", digest)]


def _chosen(finding: Finding, cells: Cells, fields: Sequence[str]) -> list[tuple[str, str]]:
    found = []
    for field in fields[:MAX_DEDUP_FIELDS]:
        value = cells.text(field) or (_as_text(getattr(finding, field)) if field in FIELDS else "")
        if value:
            found.append((field, value))
    return found


def _identifying(finding: Finding, cells: Cells) -> list[tuple[str, str]]:
    names = [name for name in WHO if getattr(finding, name)][:1]
    # The same name is another resource in another region.
    names += ["vendor_region"] if finding.object_id else []
    found = {name: getattr(finding, name) for name in ("vendor_account", *names, *WHAT)}
    if not any(found[name] for name in (*names, *WHAT)):
        found[ELSE] = cells.text(ELSE)
        if not found[ELSE]:
            found.update(tables.groups(cells, finding.vendor_account))
            found["series"] = ", ".join(one for one in tables.series(cells) if one != finding.vendor_account)
    return [(name, value) for name, value in found.items() if value]


def _as_text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value or "")


def _quoted(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace("|", "\\|").replace("=", "\\=")


def _first_text(cells: Cells, names: Sequence[str]) -> str:
    return next((cells.text(name) for name in names if cells.text(name)), "")
