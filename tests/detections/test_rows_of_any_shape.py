"""A row of somebody's own alert says the same in whatever shape its event came, and beside the AWS add-on.

The rows are those of ``index=... | head 1``: the event's text and what Splunk extracts from it, of the first event of
each detection's samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from detection_samples import DETECTIONS
from responder.findings.alert_rows import AlertRun, read

from spl import Event
from tests.identities import ACCOUNT, ANA, PEOPLE, RESERVED, SSO_ROLE, TRIMMED, role
from workbench.replay import as_event
from workbench.replay.addon import with_addon
from workbench.replay.samples import as_records
from workbench.shapes import OCSF, SHAPES, UNPUBLISHED, WHOLE

RUN = AlertRun("Own alert")
FIELDS = (
    "user", "user_type", "user_role", "user_arn", "access_key_id", "vendor_account", "vendor_region", "src_ip",
    "user_agent", "command", "outcome", "object_id", "object_category", "event_ids", "first_time", "last_time",
    "severity", "detail",
)  # fmt: skip
#: Calls whose instances stand in a list of objects only, which the first version of OCSF has as a text.
OF_A_LIST = {"TerminateInstances"}
RECORDS = [as_records(detection.samples()[0])[0] for detection in DETECTIONS if detection.source == "cloudtrail"]


def row_of(event: Event, *, text: bool = True) -> dict[str, Any]:
    cells = dict(event.extracted)
    return {**cells, "_raw": event.raw, "_time": str(event.time)} if text else cells


def said(row: Mapping[str, Any]) -> dict[str, Any]:
    finding = read(row, RUN)
    return {name: getattr(finding, name) for name in FIELDS}


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("text", [True, False], ids=["with its text", "extracted fields only"])
def test_in_every_shape_a_row_says_what_the_plain_record_does(shape: str, text: bool) -> None:
    # Versions of OCSF that nobody publishes differ from the others in where a thing or two stand.
    for record in RECORDS[:: 10 if shape in UNPUBLISHED else 1]:
        (event,) = SHAPES[shape]([record])
        if not text and shape in ("EventBridge", "CloudWatch Logs subscription", "log file"):
            # Their fields have other names, and without the text nobody knows whose they are.
            continue
        expected, found = said(row_of(as_event(record))), said(row_of(event, text=text))
        # Rules are read of the text, and the first version of OCSF has them as texts.
        lost = {"detail"} if shape == "OCSF 1.0.0-rc.2" or not text and shape in WHOLE else set()
        if shape == "OCSF 1.0.0-rc.2" and record["eventName"] in OF_A_LIST:
            lost |= {"object_id", "object_category"}
        assert differing(expected, found) <= lost, (record["eventName"], expected, found)


def test_of_a_file_with_several_records_a_row_is_about_none_of_them() -> None:
    (event,) = SHAPES["log file"](RECORDS[:2])
    finding = read(row_of(event), RUN)
    assert (finding.user, finding.command, finding.event_ids) == ("", "", ())
    assert finding.row["_raw"].startswith('{"Records":')


def test_a_row_says_the_same_beside_the_addon() -> None:
    for record in RECORDS:
        event = as_event(record)
        for text in (True, False):
            plain, laid_over = (said(row_of(one, text=text)) for one in (event, with_addon(event)))
            # It names instances and network ACLs of calls in which we read no resource.
            told_more = set() if plain["object_id"] else {"object_id"}
            assert differing(plain, laid_over) <= told_more, (record["eventName"], plain, laid_over)


IDENTITIES = {**{name: (identity, user) for name, (identity, user) in PEOPLE.items()},
              **{f"{name}, trimmed": (identity, user) for name, (identity, (user, _)) in TRIMMED.items()}}  # fmt: skip


@pytest.mark.parametrize(("identity", "user"), IDENTITIES.values(), ids=list(IDENTITIES))
def test_a_row_names_who_acted_as_the_detections_do(identity: dict[str, Any], user: str) -> None:
    record = {**RECORDS[0], "userIdentity": identity}
    for event in (as_event(record), with_addon(as_event(record))):
        assert read(row_of(event), RUN).user == ("" if user == "unknown" else user)


def test_a_role_that_an_outsider_asks_for_is_not_who_acted() -> None:
    """The add-on calls it the caller's ARN, and the name of the new session the user."""
    victim = f"arn:aws:iam::{ACCOUNT}:role/automation"
    record = {
        **RECORDS[0],
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "userIdentity": {"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAEXAMPLE"},
        "requestParameters": {"roleArn": victim, "roleSessionName": ANA},
        "responseElements": {"assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/automation/{ANA}"}},
    }
    event = with_addon(as_event(record))
    assert event.extracted["user_arn"] == victim
    finding = read(row_of(event), RUN)
    assert (finding.user, finding.user_arn, finding.object_id) == ("444455556666", "", victim)


def test_of_a_table_with_the_addons_fields_the_caller_is_named_by_the_arn() -> None:
    """``stats count by user user_arn`` of a call about somebody else: ``user`` is the victim."""
    finding = read({"user": "victim", "user_arn": f"arn:aws:iam::{ACCOUNT}:user/team/mara", "count": "3"}, RUN)
    assert (finding.user, finding.event_count) == ("mara", 3)


def test_the_role_of_a_session_has_a_field_of_its_own_in_a_row() -> None:
    record = {**RECORDS[0], "userIdentity": role(SSO_ROLE, ANA, RESERVED)}
    finding = read(row_of(as_event(record)), RUN)
    assert (finding.user, finding.user_role) == (ANA, SSO_ROLE)


@pytest.mark.parametrize("shape", ["plain, with blanks", *OCSF])
def test_a_failed_sign_in_is_a_failure(shape: str) -> None:
    """It has no error code."""
    record = {
        **RECORDS[0],
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Failure"},
        "errorMessage": "Failed authentication",
    }
    for one in (record, {key: value for key, value in record.items() if key != "errorCode"}):
        (event,) = SHAPES[shape]([one])
        assert read(row_of(event), RUN).outcome == "failure"


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {name for name in one if one[name] != other[name]}
