"""What every alert action offers for rows of any alert, and how its parameters make findings of them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Union

from ..cases.recording import TaskRequest
from ..documents.reports import Wording
from ..errors import ConfigurationError, Rejected, ResponderError
from ..findings import alert_rows, merging
from ..findings.alert_rows import ROW, RUN, AlertRun
from ..findings.finding import SEVERITIES, Finding
from ..findings.severities import severity_of
from .action import Action, Parameter
from .registry import requested

#: What is asked for about a row: something, nothing, or why it cannot be read.
Asked = Union[tuple[Finding, TaskRequest], ResponderError, None]

#: The choice by which splunkd tells the action how severe the alert itself is: it fills in this token of its own.
AS_THE_ALERT = "$alert.severity$"
SEVERITY = Parameter(
    "severity",
    "Severity",
    "A severity that you choose counts for every result. Otherwise the result's own counts or, if it has none, that "
    "of the alert.",
    (
        (AS_THE_ALERT, "As in the result, else as the alert's"),
        *((severity, severity.capitalize()) for severity in reversed(SEVERITIES)),
    ),
)
DEDUP_FIELDS = Parameter(
    "dedup_fields",
    "Dedup fields",
    "Optional. Fields that identify a case, separated by commas, as in user, src_ip. Leave empty for a detection's own "
    "key or, without one, account, user, resource and source address.",
)
ONE_PER = Parameter(
    "one_per",
    "One case per",
    "Dedup key: results with the same values in the dedup fields. Result: each result. Run of the alert: all results, "
    "as a CSV file on the ticket; remediations still use the dedup key.",
    (("", "Dedup key"), ("row", "Result"), ("run", "Run of the alert")),
)
#: Of every action, so that ticket, message and remediation of a result are of one case, unless that is for a run.
GROUPING = (SEVERITY, DEDUP_FIELDS, ONE_PER)
TITLE = Parameter(
    "title",
    "Title",
    "Optional. Write fields of the result in braces, as in {eventName} by {user}. Do not use $result.field$: Splunk "
    "replaces it with the first result's value.",
)
TEXT = Parameter(
    "text",
    "Text",
    "Optional. What people read first. Write fields of the result or of the finding in braces, as in the title.",
    multiline=True,
)
WORDING = (TITLE, TEXT)


def asked_of(
    chosen: Action, parameters: Mapping[str, str], name: str, sid: str, rows: Sequence[tuple[int, Any]]
) -> list[tuple[int, Asked]]:
    """What an action is asked for about rows of one run of an alert, by their numbers, in order.

    All rows of a case that is for the whole run are one finding, where the action tells people: each of them is asked
    the same. Rows that cannot be read cost no other.
    """
    try:
        run = alert_run(parameters, name, sid)
    except ConfigurationError as error:
        return [(number, error) for number, _ in rows]
    if run.one_per == RUN and not chosen.merges:
        # What is done once, or undone by a person, is known by its case: the next run that finds it is not another one.
        return _by_dedup_key(chosen, parameters, run, rows)
    read = [(number, _finding(row, run)) for number, row in rows]
    if run.one_per == ROW:
        read = _told_apart(read)
    findings = [found for _, found in read if isinstance(found, Finding)]
    if run.one_per == RUN and findings:
        # The case of them all is the first's: with one run there is one dedup key.
        one = merging.of_run(findings, name or findings[-1].signature)
        asked = _asked(chosen, one, parameters)
        return [(number, asked if isinstance(found, Finding) else found) for number, found in read]
    return [(n, _asked(chosen, found, parameters) if isinstance(found, Finding) else found) for n, found in read]


def _told_apart(read: Sequence[tuple[int, Finding | ResponderError]]) -> list[tuple[int, Finding | ResponderError]]:
    """Results that are different ones about the same events, as a search makes several rows of one."""
    kinds: dict[str, set[str]] = {}
    for _, found in read:
        if isinstance(found, Finding):
            kinds.setdefault(found.dedup_key, set()).add(_content(found))
    return [
        (number, alert_rows.told_apart(found, _content(found)))
        if isinstance(found, Finding) and len(kinds[found.dedup_key]) > 1
        else (number, found)
        for number, found in read
    ]


def _content(finding: Finding) -> str:
    said = json.dumps(finding.to_dict(), sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def _by_dedup_key(
    chosen: Action, parameters: Mapping[str, str], run: AlertRun, rows: Sequence[tuple[int, Any]]
) -> list[tuple[int, Asked]]:
    """Each by itself, of a run with one case: that hears of all of them."""
    found: list[tuple[int, Asked]] = []
    for number, row in rows:
        of_run, own = _finding(row, run), _finding(row, replace(run, one_per=""))
        asked = _asked(chosen, own, parameters) if isinstance(own, Finding) else own
        if isinstance(asked, tuple) and isinstance(of_run, Finding):
            asked = (asked[0], replace(asked[1], reports_to=of_run.case_id))
        found.append((number, asked))
    return found


def alert_run(parameters: Mapping[str, str], name: str, sid: str) -> AlertRun:
    """Raises ConfigurationError for a parameter that is none of the choices."""
    severity, one_per = parameters.get("severity", ""), parameters.get("one_per", "")
    if one_per not in dict(ONE_PER.options):
        raise ConfigurationError(
            f"One case per '{one_per[:20]}' is not possible.",
            "Choose dedup key (empty), row or run in the alert action.",
        )
    fields = [field.strip() for field in re.split(r"[,\n]", parameters.get("dedup_fields", ""))]
    word = severity.casefold()
    return AlertRun(
        name=name,
        sid=sid,
        severity=word if word in SEVERITIES else "",
        # The alert's own: a number, unless this splunkd does not know the token, or somebody chose another word.
        usual_severity=severity_of(severity),
        dedup_fields=tuple(field for field in fields if field),
        one_per=one_per,
    )


def wording_of(parameters: Mapping[str, str]) -> dict[str, str]:
    """The part of a request that says what people read: nothing where the alert does not."""
    return {p.name: parameters[p.name] for p in WORDING if parameters.get(p.name)}


def wording_in(request: Mapping[str, Any]) -> Wording:
    return Wording(**{p.name: str(request.get(p.name) or "") for p in WORDING})


def _finding(row: Any, run: AlertRun) -> Finding | ResponderError:
    try:
        if not isinstance(row, dict):
            raise Rejected("The row is not an object.")
        return alert_rows.read(row, run)
    except ResponderError as error:
        return error


def _asked(chosen: Action, finding: Finding, parameters: Mapping[str, str]) -> Asked:
    try:
        wanted = requested(chosen, finding, parameters)
    except ResponderError as error:
        return error
    return (finding, wanted) if wanted is not None else None
