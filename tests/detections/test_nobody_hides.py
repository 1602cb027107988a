"""An exception excuses whoever it names, and nobody who acts beside them: over all detections.

A finding names one actor, the newest. Were rows of several actors put together before the lists are asked, whoever acts
at the same time as an excused automation would be excused with it.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from detection_samples import DETECTIONS, as_records, run

from workbench.detections.model import Detection
from workbench.detections.shared_macros import expanded

Record = dict[str, Any]
#: Who is on the list: the automation under each name that it has, a session of it, and its key.
EXCUSED, EXCUSED_KEY = "excusedautomation", "AKIAEXCUSEDAUTOMAT10"
LISTED = [{"principal": f"*{EXCUSED}*"}, {"principal": EXCUSED_KEY}]


def samples(detections: Iterable[Detection]) -> list[Any]:
    return [
        pytest.param(detection, sample, id=f"{detection.id}-{number}")
        for detection in detections
        for number, sample in enumerate(detection.samples())
        if sample["case"] in ("fires", "denied") and sample.get("finding", True)
    ]


OF_CLOUDTRAIL = [detection for detection in DETECTIONS if detection.source == "cloudtrail"]
GROUPS = [detection for detection in OF_CLOUDTRAIL if detection.finding.grouped]
SAMPLES = samples(OF_CLOUDTRAIL)


def another(record: Mapping[str, Any], minutes: float, same_principal: bool = False) -> Record:
    """The same call by the excused automation, some minutes later, as another event; account and kind stay the same.

    ``same_principal``: by another session of the same role, or with another key of the same user.
    """
    made: Record = copy.deepcopy(dict(record))
    identity = made.get("userIdentity")
    if not isinstance(identity, dict):
        return made
    key = str(identity.get("accessKeyId") or "")
    if key.startswith("AKIA") or (key and not same_principal):
        identity["accessKeyId"] = EXCUSED_KEY
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    for holder in (identity, issuer):
        if isinstance(holder.get("arn"), str):
            holder["arn"] = _session(holder["arn"]) if same_principal else _principal(holder["arn"])
        if holder.get("userName") and not same_principal:
            holder["userName"] = EXCUSED
    if isinstance(identity.get("principalId"), str) and not same_principal:
        identity["principalId"] = re.sub(r"[^:]+$", EXCUSED, identity["principalId"])
    made["eventTime"] = _later(str(made["eventTime"]), minutes)
    made["eventID"] = f"excused-{made.get('eventID')}"
    return made


def _principal(arn: str) -> str:
    """Of a session the role, else the name."""
    session = re.fullmatch(r"(.*:assumed-role/)[^/]+/([^/]+)", arn)
    return f"{session[1]}{EXCUSED}/{session[2]}" if session else re.sub(r"/[^/]+$", f"/{EXCUSED}", arn)


def _session(arn: str) -> str:
    """Another session; what an instance calls itself, it cannot choose."""
    return re.sub(r"(:assumed-role/[^/]+|:federated-user)/(?!i-)[^/]+$", rf"\1/{EXCUSED}", arn)


def _later(text: str, minutes: float) -> str:
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") + timedelta(minutes=minutes)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def beside(sample: Mapping[str, Any], *others: Record) -> dict[str, Any]:
    """The sample, with other events and the automation on the list."""
    lookups = {**sample.get("lookups", {}), "responder_allowed_principals": LISTED}
    return {**with_events(sample, [*as_records(sample), *others]), "lookups": lookups}


def with_events(sample: Mapping[str, Any], records: list[Record]) -> dict[str, Any]:
    """The sample with these events, which are written out."""
    return {**{name: value for name, value in sample.items() if name not in ("pad", "copies")}, "events": records}


def found(detection: Detection, sample: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row in run(detection, sample)[1]:
        yield str(row["dedup_key"]), str(row["user"])


@pytest.mark.parametrize(("detection", "sample"), SAMPLES)
def test_nobody_hides_behind_an_excused_automation(detection: Detection, sample: Any) -> None:
    """Which acts before it or after it, as another principal or as another session of the same."""
    alone = set(found(detection, sample))
    assert alone and EXCUSED not in str(alone)
    for same_principal, minutes in itertools.product((False, True), (-1, 1)):
        others = [another(record, minutes, same_principal) for record in as_records(sample)]
        assert alone <= set(found(detection, beside(sample, *others))), (same_principal, minutes)


#: What the app's playbooks ask of AWS by themselves: with one of its own keys, these are excused.
OWN_KEY, OWN_READS = "AKIAOWNPRINCIPAL0001", {
    "sts": "GetCallerIdentity",
    "ec2": "DescribeSecurityGroups",
    "iam": "ListAccessKeys",
    "s3": "GetBucketAcl",
}


def with_own_key(record: Mapping[str, Any]) -> Record:
    made: Record = copy.deepcopy(dict(record))
    identity = made.get("userIdentity")
    if isinstance(identity, dict) and str(identity.get("accessKeyId") or "").startswith("AKIA"):
        identity["accessKeyId"] = OWN_KEY
    return made


@pytest.mark.parametrize(("detection", "sample"), samples(GROUPS))
def test_whoever_took_the_apps_own_credentials_is_not_excused_by_the_last_call(
    detection: Detection, sample: Any
) -> None:
    """Its own calls are; whatever else its keys and roles are used for is not, in whatever order."""
    records = [with_own_key(record) for record in as_records(sample)]
    (alone, *_) = run(detection, with_events(sample, records))[1] or [None]
    if alone is None or not all("eventTime" in record for record in records):
        pytest.skip("the sample is about a key that it names")
    principal = OWN_KEY if OWN_KEY in str(records) else alone.get("user_arn") or alone["user"]
    own = [{"own_principal": principal, "account_id": alone["vendor_account"]}]
    listed = {**sample.get("lookups", {}), "responder_own_principals": own}
    before = run(detection, {**with_events(sample, records), "lookups": listed})[1]
    newest = max(records, key=lambda record: str(record["eventTime"]))
    for service, call in OWN_READS.items():
        last = {**copy.deepcopy(newest), "eventName": call, "eventSource": f"{service}.amazonaws.com"}
        last |= {"eventID": "own-last", "requestParameters": None, "eventTime": _later(str(newest["eventTime"]), 0.02)}
        after = run(detection, {**with_events(sample, [*records, last]), "lookups": listed})[1]
        assert {row["dedup_key"] for row in before} <= {row["dedup_key"] for row in after}, call


@pytest.mark.parametrize("detection", GROUPS, ids=lambda detection: detection.id)
def test_exceptions_see_all_calls_of_a_group(detection: Detection) -> None:
    """Carried as ``commands``; a group that names its newest call only is judged by that."""
    assert " AS commands" in expanded(detection.search), detection.id


@pytest.mark.parametrize(("detection", "sample"), SAMPLES)
def test_the_excused_automation_alone_is_excused(detection: Detection, sample: Any) -> None:
    """Or the test above says nothing. Whose name is the target's, or whose account's, is not renamed."""
    of_it = with_events(sample, [another(record, 0) for record in as_records(sample)])
    if EXCUSED not in str(list(found(detection, of_it))):
        pytest.skip("what the detection names is not who calls")
    listed = {"responder_allowed_principals": LISTED}
    assert list(found(detection, {**of_it, "lookups": {**sample.get("lookups", {}), **listed}})) == []
