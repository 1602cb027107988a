"""Rows as other people's searches leave them: columns of ``stats``, names for people, fields without their event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from responder.findings.alert_rows import AlertRun, read

from tests.cloudtrail_records import EVENT, stopped_trail

RUN = AlertRun("An alert")
RECORD = stopped_trail(at=1_772_600_767.0)
ARN = "arn:aws:iam::111122223333:user/mara"
#: What a search makes of a record, by the field of the finding.
SAID = {
    "user": "mara", "user_arn": ARN, "access_key_id": "AKIAIOSFODNN7EXAMPLE", "vendor_account": "111122223333",
    "vendor_region": "eu-west-1", "src_ip": "198.51.100.7", "command": "StopLogging", "event_ids": (EVENT,),
}  # fmt: skip


def said(row: dict[str, Any]) -> dict[str, Any]:
    finding = read(row, RUN)
    return {name: getattr(finding, name) for name in SAID}


@pytest.mark.parametrize("function", ["values", "list", "latest", "earliest", "first", "last", "mode"])
def test_what_stats_makes_of_a_field_and_nobody_has_named_is_that_field(function: str):
    names = {
        "userIdentity.arn": ARN, "userIdentity.accessKeyId": SAID["access_key_id"], "eventID": EVENT,
        "recipientAccountId": "111122223333", "awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.7",
        "eventName": "StopLogging",
    }  # fmt: skip
    row = {f"{function}({name})": value for name, value in names.items()}
    assert said(row) == SAID
    # Shown as the search calls them, and once.
    assert read(row, RUN).row == row
    # The column that has the name itself goes before.
    assert read({**row, "eventName": "DeleteTrail"}, RUN).command == "DeleteTrail"


@pytest.mark.parametrize(
    "written", ["All_Changes.{}", "values(All_Changes.{})", "Authentication.{}", "All_Changes.Account_Management.{}"]
)
def test_fields_of_a_data_model_are_read_by_their_own_names(written: str):
    """``| tstats count FROM datamodel=Change BY All_Changes.user``: without, all actors would share a case."""
    names = {
        "user": "mara", "src": "198.51.100.7", "vendor_account": "111122223333", "vendor_region": "eu-west-1",
        "command": "StopLogging", "object_id": "org-trail",
    }  # fmt: skip
    row = {written.format(name): value for name, value in names.items()}
    found = read(row, RUN)
    assert (found.user, found.src_ip, found.vendor_account, found.command, found.object_id, found.row) == (
        *("mara", "198.51.100.7", "111122223333", "StopLogging", "org-trail", row),
    )
    assert found.case_id != read({**row, written.format("user"): "bob"}, RUN).case_id


def test_of_several_values_of_a_column_none_is_chosen():
    found = read({"values(userIdentity.arn)": [ARN, ARN + "2"], "dc(eventName)": "7", "count(eventID)": "2"}, RUN)
    assert (found.user_arn, found.command, found.event_ids) == ("", "", ())


@pytest.mark.parametrize(
    "names",
    [
        ("User ARN", "Access Key ID", "Account ID", "AWS Region", "Source IP Address", "Event Name", "Event ID"),
        ("user_arn", "Access Key", "AWS Account", "Region", "Source IP", "event_name", "event_id"),
        ("userArn", "accessKey", "AccountId", "aws_region", "src IP", "EVENTNAME", "EventID"),
        ("Principal", "access-key-id", "account", "region", "Client IP", "API", "eventid"),
        ("user", "AccessKeyId", "Account", "REGION", "ip", "eventName", "EventId"),
    ],
)
def test_columns_with_names_for_people_are_read(names: tuple[str, ...]):
    """``| rename userIdentity.arn AS "User ARN"``."""
    of = ("user_arn", "access_key_id", "vendor_account", "vendor_region", "src_ip", "command", "event_ids")
    row = {name: EVENT if field == "event_ids" else SAID[field] for name, field in zip(names, of)}
    assert said(row) == SAID
    assert read(row, RUN).row == row


def test_a_column_with_a_name_for_people_never_names_the_playbook_or_makes_the_row_one_of_ours():
    found = read({"Recommended Playbook": "isolate_instance", "Signature ID": "x", "Dedup Key": "y", "user": "a"}, RUN)
    assert found.recommended_playbook == "" and found.dedup_key == "alert:An alert | user=a"


@pytest.mark.parametrize("parameter", ["detectorId", "DetectorId", "detectorid"])
def test_a_parameter_names_the_resource_in_whatever_case_it_is_written(parameter: str):
    record = {**RECORD, "eventSource": "guardduty.amazonaws.com", "requestParameters": {parameter: "12abc"}}
    for row in ({"_raw": json.dumps(record)}, _flat("", record)):
        found = read(row, RUN)
        assert (found.object_id, found.object_category) == ("12abc", "AWS::GuardDuty::Detector")


def test_the_exact_name_goes_before_one_like_it():
    assert read({"User": "somebody", "user": "mara"}, RUN).user == "mara"
    assert read({"Event Name": "Other", "eventName": "StopLogging"}, RUN).command == "StopLogging"


def test_an_arn_in_the_column_of_the_user_says_who_it_is():
    found = read({"user": "arn:aws:sts::111122223333:assumed-role/ops/ann", "count": "3"}, RUN)
    assert (found.user, found.user_type, found.user_role) == ("ops", "AssumedRole", "ops")


def _flat(prefix: str, record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found.update(_flat(f"{prefix}{name}.", value))
        elif value is not None:
            found[f"{prefix}{name}"] = str(value)
    return found


@pytest.mark.parametrize("prefix", ["detail.", "Records{}."])
def test_fields_of_a_wrapped_record_are_read_without_its_text(prefix: str):
    row = _flat(prefix, RECORD)
    assert said(row) == SAID and read(row, RUN).object_id == "org-trail"
    assert read(row, RUN).row == row


def test_fields_of_several_wrapped_records_are_nobodys():
    row = {**_flat("Records{}.", RECORD), "Records{}.eventID": [EVENT, EVENT.replace("1", "2")]}
    assert read(row, RUN).user == "" and read(row, RUN).command == ""


@pytest.mark.parametrize("whole", [("userIdentity",), ("userIdentity", "requestParameters")])
def test_an_object_that_a_search_has_taken_out_as_text_is_read(whole: tuple[str, ...]):
    """``| spath userIdentity | table ...``."""
    row = {name: json.dumps(value) if name in whole else value for name, value in RECORD.items() if value is not None}
    assert said({**_flat("", {k: v for k, v in row.items() if k not in whole}), **{k: row[k] for k in whole}}) == SAID


def test_a_text_that_is_no_object_costs_nothing():
    for text in ("{", "[1]", '"x"', '{"arn": {"a": 1}}', "{" * 200):
        assert read({"userIdentity": text, "user": "mara"}, RUN).user == "mara"


@pytest.mark.parametrize("empty", ["", "-", "null", "N/A", "n/a", "(null)", "<null>", "NULL", " "])
def test_what_stands_for_an_empty_value_is_none(empty: str):
    row = {"user": "mara", "errorCode": empty, "sourceIPAddress": empty, "object_id": empty, "severity": empty}
    found = read(row, AlertRun("a", usual_severity="high"))
    assert (found.outcome, found.src_ip, found.object_id, found.severity) == ("success", "", "", "high")


@pytest.mark.parametrize("hidden", ["HIDDEN_DUE_TO_SECURITY_REASONS", "***OMITTED***"])
def test_what_cloudtrail_hides_is_shown_and_names_nobody_and_nothing(hidden: str):
    """All unknown names of failed sign-ins would share a case, and their ticket would be about a user of that name."""
    row = {"eventSource": "identitystore.amazonaws.com", "userIdentity.userName": hidden, "user": hidden,
           "requestParameters.userName": hidden, "object_id": hidden, "sourceIPAddress": "198.51.100.7"}  # fmt: skip
    found = read(row, RUN)
    assert (found.user, found.object_id, found.src_ip) == ("", "", "198.51.100.7")
    assert found.row["userIdentity.userName"] == hidden and case(row) == "src_ip=198.51.100.7"
    # Beside others, those count.
    assert read({"user": [hidden, "mara"]}, RUN).user == "mara"


@pytest.mark.parametrize("given", ["1111-2222-3333", "111122223333"])
def test_an_account_is_read_as_the_console_shows_it(given: str):
    assert read({"AWS Account": given, "user": "mara"}, RUN).vendor_account == "111122223333"


@pytest.mark.parametrize(("code", "outcome"), [("0", "success"), ("None", "success"), ("AccessDenied", "failure")])
def test_an_error_code_that_fillnull_has_made_is_no_error(code: str, outcome: str):
    """``| fillnull errorCode`` writes 0."""
    assert read({"user": "mara", "errorCode": code}, RUN).outcome == outcome


@pytest.mark.parametrize(("names", "first", "last"), [
    (("first_seen", "last_seen"), 1772600000.0, 1772600767.0),
    (("First Seen", "Last Seen"), 1772600000.0, 1772600767.0),
    (("earliest", "latest"), 1772600000.0, 1772600767.0),
    (("start_time", "end_time"), 1772600000.0, 1772600767.0),
])  # fmt: skip
def test_times_under_the_names_that_people_give_them_count(names: tuple[str, str], first: float, last: float):
    found = read({"user": "mara", names[0]: "1772600000", names[1]: "1772600767"}, RUN)
    assert (found.first_time, found.last_time) == (first, last)


def test_beside_an_events_own_time_other_times_are_of_something_else():
    """As of an address in a lookup of threat intelligence."""
    found = read({"user": "mara", "_time": "1772600767", "first_seen": "1262304000", "latest": "1893456000"}, RUN)
    assert (found.first_time, found.last_time) == (1772600767.0, 1772600767.0)
    assert found.row["first_seen"] == "1262304000"


@pytest.mark.parametrize(("count", "number"), [("1,234", 1234), ("12", 12), ("12.0", 12), ("1,2", 1), ("-3", 1)])
def test_a_count_is_read_as_it_is_shown(count: str, number: int):
    assert read({"user": "mara", "count": count}, RUN).event_count == number


@pytest.mark.parametrize(("given", "ours"), [
    ("2", "low"), ("4", "medium"), ("5", "medium"), ("5.0", "medium"), ("8", "high"), ("9.5", "critical"),
])  # fmt: skip
@pytest.mark.parametrize("finding", [
    {"detail.severity": "", "detail.service.serviceName": "guardduty"},
    {"severity": "", "service.serviceName": "guardduty"},
    {"severity": "", "source": "aws.guardduty"},
    {"detail.severity": ""},
], ids=["EventBridge", "alone", "by its source", "by its field"])  # fmt: skip
def test_the_numbers_of_guardduty_are_its_own(finding: dict[str, str], given: str, ours: str):
    """Splunk's own scale ends at 6; on GuardDuty's 5 is medium."""
    row = {name: value or given for name, value in finding.items()}
    assert read({**row, "accountId": "111122223333"}, RUN).severity == ours


def test_names_and_values_of_any_script_are_read_and_shown():
    row = {"Benutzer": "Ünïcødé ☃", "用户": "測試", "Country": "Curaçao", "user": "mara\u202e"}
    found = read(row, RUN)
    assert found.src_country == "Curaçao" and found.row["用户"] == "測試" and "\u202e" not in found.user


def case(row: dict[str, Any]) -> str:
    return read(row, RUN).dedup_key.removeprefix("alert:An alert").removeprefix(" | ")


@pytest.mark.parametrize(
    ("row", "about"),
    [
        # stats count BY eventName Country
        ({"eventName": "StopLogging", "Country": "France", "count": "3"}, "eventName=StopLogging | Country=France"),
        # stats count dc(eventName) values(errorCode) BY recipientAccountId eventSource
        (
            {"recipientAccountId": "111122223333", "eventSource": "iam.amazonaws.com", "count": "4",
             "dc(eventName)": "2", "values(errorCode)": ["AccessDenied", "Client.UnauthorizedOperation"]},
            "vendor_account=111122223333 | eventSource=iam.amazonaws.com",
        ),
        # stats values(errorCode) AS codes count BY eventName; codes are other ones each time
        ({"eventName": "StopLogging", "codes": ["a", "b"], "count": "2"}, "eventName=StopLogging"),
        # chart count OVER eventName BY userIdentity.userName
        ({"eventName": "StopLogging", "mara": "3", "bob": "0", "OTHER": "1"}, "eventName=StopLogging"),
        # bin _time span=1h | stats count BY _time host
        ({"_time": "1772600400", "host": "web-1", "count": "12"}, "host=web-1"),
        # top eventName
        ({"eventName": "StopLogging", "count": "12", "percent": "80.000000"}, "eventName=StopLogging"),
        # stats count dc(user) AS users: there is nothing to tell apart
        ({"count": "12", "users": "3"}, ""),
        # What tells cases apart goes before.
        ({"eventName": "StopLogging", "user": "mara", "count": "3"}, "user=mara"),
        ({"eventName": "StopLogging", "dest": "web-1", "count": "3"}, "dest=web-1"),
        # No table of numbers: texts are other ones each time.
        ({"_time": "1772600400", "host": "web-1", "message": "disk is full"}, ""),
        ({"_raw": "disk is full", "host": "web-1", "bytes": "12"}, ""),
    ],
)  # fmt: skip
def test_a_row_of_numbers_is_about_what_it_was_grouped_by(row: dict[str, Any], about: str):
    assert case(row) == about
    later = {name: "99" for name, value in row.items() if str(value).isdigit() and len(value) < 10}
    assert case({**row, **later}) == about, "the numbers of the next run make no other case"


@pytest.mark.parametrize(
    ("row", "about"),
    [
        # timechart count BY userIdentity.userName
        ({"_time": "1772600400", "_span": "3600", "mara": "3", "bob": "0", "OTHER": "0"}, "series=mara"),
        ({"_time": "1772604000", "_span": "3600", "mara": "0", "bob": "2", "OTHER": "4"}, "series=bob"),
        ({"_time": "1772604000", "_span": "3600", "mara": "1", "bob": "2"}, "series=bob, mara"),
        # timechart count avg(bytes) BY host
        ({"_time": "1772600400", "count: web-1": "3", "avg(bytes): web-1": "1.5"}, "series=web-1"),
        # timechart count avg(duration)
        ({"_time": "1772600400", "_span": "3600", "count": "3", "avg(duration)": "1.25"}, ""),
        # timechart count BY userIdentity.arn: the name of the column says who.
        ({"_time": "1772600400", ARN: "3", ARN + "2": "0"}, f"user_arn={ARN}"),
        ({"_time": "1772600400", "AKIAIOSFODNN7EXAMPLE": "3"}, "access_key_id=AKIAIOSFODNN7EXAMPLE"),
        ({"_time": "1772600400", "198.51.100.7": "3", "2001:db8::7": "0"}, "src_ip=198.51.100.7"),
        ({"_time": "1772600400", "111122223333": "3"}, "vendor_account=111122223333"),
    ],
)
def test_a_row_of_a_timechart_is_about_the_series_that_have_counted(row: dict[str, Any], about: str):
    assert case(row) == about
    assert case({**row, "_time": "1772690400"}) == about


def test_a_series_names_the_actor_whose_key_or_name_it_is():
    found = read({"_time": "1772600400", ARN: "3"}, RUN)
    assert (found.user, found.user_arn) == ("mara", ARN)
    found = read({"_time": "1772600400", ARN: "3", ARN + "2": "1"}, RUN)
    assert (found.user, found.user_arn) == ("", "")


def test_a_transaction_is_about_all_of_its_events():
    """``transaction userIdentity.arn maxspan=1h``: one row, at the time of the first, with the texts of all."""
    other = EVENT.replace("1", "2")
    row = {
        "_time": "1772600400.5", "duration": "90.25", "eventcount": "3", "closed_txn": "1", "linecount": "3",
        "userIdentity.arn": ARN, "eventName": ["DeleteTrail", "StopLogging"], "eventID": [EVENT, other],
        "recipientAccountId": "111122223333", "_raw": f"{json.dumps(RECORD)}\n{json.dumps(RECORD)}",
    }  # fmt: skip
    found = read(row, RUN)
    assert (found.user, found.command, found.event_ids, found.event_count) == ("mara", "", (EVENT, other), 3)
    assert (found.first_time, found.last_time) == (1_772_600_400.5, 1_772_600_490.75)
    # A duration that is somebody's own field says nothing of when.
    assert read({"_time": "1772600400", "user": "mara", "duration": "90"}, RUN).last_time == 1_772_600_400
    assert read({"user": "mara", "duration": "90", "eventcount": "3"}, RUN).last_time == 0
