"""Rows of any alert: somebody's own search, with the add-on's fields or without, a notable, one of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from responder.cases.task import event_names
from responder.errors import InvalidFinding, one_line
from responder.findings.alert_rows import AlertRun, read, signature_id
from responder.findings.finding import Finding
from responder.findings.moments import epoch_of
from responder.findings.severities import severity_of

from tests.cloudtrail_records import EVENT, stopped_trail

RECORD = stopped_trail(at=1_772_600_767.0, recipientAccountId="444455556666", eventType=...)
#: What the Splunk Add-on for AWS lays over it (oracle of its 7.10.0; ``user`` is the target of IAM calls).
ADD_ON = {
    "user": "victim",
    "user_name": "victim",
    "user_arn": "arn:aws:iam::111122223333:user/mara",
    "vendor_account": "111122223333",
    "aws_account_id": "111122223333",
    "user_type": "",
    "errorCode": "success",
    "msg": "success",
    "region": "eu-west-1",
    "src": "198.51.100.7",
    "command": "StopLogging",
    "dest": "cloudtrail.amazonaws.com",
}
RUN = AlertRun("Trail stopped!", "scheduler__pat__search__1")
CONTRACT = {
    "signature_id": "trail_logging_stopped",
    "dedup_key": "trail_logging_stopped:444455556666:eu-west-1:org-trail",
    "severity": "critical",
    "vendor_account": "444455556666",
    "event_ids": EVENT,
    "detail": '{"path": "a\\\\b", "name": "say \\"hi\\""}',
}


def raw(record: Any = None, **more: Any) -> dict[str, Any]:
    return {"_raw": json.dumps(RECORD if record is None else record), "_time": "1772600767", **more}


def extracted() -> dict[str, str]:
    """The cells of the record as Splunk extracts them, without ``_raw``."""
    identity = {f"userIdentity.{name}": value for name, value in RECORD["userIdentity"].items()}
    flat = {name: value for name, value in RECORD.items() if isinstance(value, str)}
    return {**flat, **identity, "requestParameters.name": "org-trail", "responseElements": "null"}


@pytest.mark.parametrize(
    "row",
    [
        raw(),
        {"_raw": json.dumps(RECORD, separators=(", ", ": "))},
        {"_raw": json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": RECORD})},
        {"orig_raw": json.dumps(RECORD).replace("\\", "\\\\").replace('"', '\\"')},
        extracted(),
        {**raw(), **extracted()},
        {**raw(), **extracted(), **ADD_ON},
        {**extracted(), **ADD_ON},
    ],
    ids=["raw", "spaced", "EventBridge", "stash", "extracted", "both", "both and add-on", "extracted and add-on"],
)
def test_cloudtrails_own_names_are_read_wherever_they_stand(row):
    finding = read(row, RUN)
    assert (finding.signature, finding.signature_id) == ("Trail stopped!", "trail_stopped")
    assert (finding.user, finding.user_type, finding.user_arn) == (
        "mara",
        "IAMUser",
        "arn:aws:iam::111122223333:user/mara",
    )
    assert finding.access_key_id == "AKIAIOSFODNN7EXAMPLE"
    # The account in which it happened, not the caller's.
    assert (finding.vendor_account, finding.vendor_region) == ("444455556666", "eu-west-1")
    assert (finding.object_id, finding.object_category) == ("org-trail", "AWS::CloudTrail::Trail")
    assert (finding.src_ip, finding.command, finding.outcome) == ("198.51.100.7", "StopLogging", "success")
    assert finding.event_ids == (EVENT,) and finding.event_count == 1
    assert finding.first_time == finding.last_time == 1772600767.0
    assert finding.severity == "medium"


def test_cim_names_are_read_where_there_are_no_others():
    row = {
        "user": "mara",
        "src": "198.51.100.7",
        "aws_account_id": "111122223333",
        "region": "eu-west-1",
        "count": "12",
        "firstTime": "1772600000",
        "lastTime": "1772600767",
        "http_user_agent": "curl/8",
        "command": "ListUsers",
    }
    finding = read(row, RUN)
    assert (finding.user, finding.src_ip, finding.vendor_account) == ("mara", "198.51.100.7", "111122223333")
    assert (finding.vendor_region, finding.user_agent, finding.command) == ("eu-west-1", "curl/8", "ListUsers")
    assert (finding.event_count, finding.first_time, finding.last_time) == (12, 1772600000.0, 1772600767.0)
    assert finding.event_ids == ()


def test_what_its_author_calls_the_access_key_is_the_access_key():
    """After CreateAccessKey it is another one than the caller's; the add-on does not write that name."""
    finding = read({**raw(), "access_key_id": "AKIAI44QH8DHBEXAMPLE"}, RUN)
    assert finding.access_key_id == "AKIAI44QH8DHBEXAMPLE"


def test_of_several_keys_or_accounts_none_is_chosen():
    row = {
        "access_key_id": ["AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"],
        "recipientAccountId": ["111122223333", "444455556666"],
        "userIdentity.arn": ["arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/b"],
        "user": ["a", "b"],
        "values(eventID)": [EVENT, EVENT.replace("1", "2")],
    }
    finding = read(row, RUN)
    assert (finding.access_key_id, finding.vendor_account, finding.user_arn) == ("", "", "")
    assert finding.user == "a, b" and len(finding.event_ids) == 2
    assert "AKIAI44QH8DHBEXAMPLE" in finding.row["access_key_id"]


@pytest.mark.parametrize(
    ("identity", "user"),
    [
        ({"type": "Root", "arn": "arn:aws:iam::111122223333:root"}, "root"),
        ({"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/ops/i-0abc"}, "ops"),
        (
            {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Administrator_0a/ana.lopez@example.com",
            },
            "ana.lopez@example.com",
        ),
        ({"type": "IdentityCenterUser", "onBehalfOf": {"userId": "u-1"}}, "u-1"),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "ec2.amazonaws.com"),
        ({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/team/bob"}, "bob"),
    ],
)
def test_who_acted_is_the_person_or_the_role(identity, user):
    assert read(raw({**RECORD, "userIdentity": identity}), RUN).user == user


def test_a_failed_call_is_a_failure_and_its_rules_are_no_rules():
    request = {"groupId": "sg-0abc", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
               "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}  # fmt: skip
    record = {**RECORD, "eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress"}
    opened = read(raw({**record, "requestParameters": request}), RUN)
    rule = {"rule_id": "", "cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": 22, "to_port": 22}
    assert opened.detail == {"rules": [rule]} and opened.object_category == "AWS::EC2::SecurityGroup"
    denied = read(raw({**record, "requestParameters": request, "errorCode": "Client.UnauthorizedOperation"}), RUN)
    assert denied.outcome == "failure" and denied.detail == {}


@pytest.mark.parametrize(
    ("given", "ours"),
    [
        ("High", "high"), ("CRITICAL", "critical"), ("3", "medium"), ("1", "informational"), ("5", "critical"),
        ("6", "critical"), ("8.0", "high"), ("4.5", "medium"), ("9.1", "critical"), ("2.1", "low"), ("75", "high"),
        ("100", "critical"), ("15", "informational"), ("fatal", "critical"), ("warn", "medium"),
        ("Info", "informational"), ("rather bad", "medium"), ("-4", "medium"), ("nan", "medium"), ("1_0", "medium"),
        ("", "low"),
    ],
)  # fmt: skip
def test_a_severity_in_any_words_is_one_of_ours(given, ours):
    """The alert's own counts where the row has none."""
    assert read({"user": "mara", "severity": given}, AlertRun("a", usual_severity="low")).severity == ours


def test_the_owner_of_the_alert_has_the_last_word_on_the_severity():
    assert read({"user": "mara", "severity": "low"}, AlertRun("a", severity="critical")).severity == "critical"
    assert read(CONTRACT, AlertRun("a", severity="low")).severity == "low"
    assert read(CONTRACT, AlertRun("a", usual_severity="low")).severity == "critical"
    assert read({**CONTRACT, "severity": "High"}, RUN).severity == "high"


@pytest.mark.parametrize(
    ("text", "epoch"),
    [
        ("1772600767", 1772600767.0),
        ("1772600767.500000000", 1772600767.5),
        ("1772600767123", 1772600767.123),
        ("2026-03-04T05:06:07Z", 1772600767.0),
        ("2026-03-04 05:06:07.5", 1772600767.5),
        ("2026-03-04T07:06:07.000+02:00", 1772600767.0),
        ("2026-03-04T00:06:07-0500", 1772600767.0),
        ("2026-03-04 05:06", 1772600760.0),
        ("03/04/2026 05:06:07", 1772600767.0),
        ("3/4/26 5:06:07.000 AM", 1772600767.0),
        ("3/4/26 12:06:07 AM", 1772582767.0),
        ("+Infinity", 0.0),
        ("yesterday", 0.0),
        ("2026-13-40T05:06:07Z", 0.0),
        ("9999-12-31T23:59:59Z", 0.0),
        ("99999999999.999999999999", 0.0),
        ("", 0.0),
    ],
)
def test_a_time_is_read_as_it_is_shown(text, epoch):
    assert epoch_of(text) == epoch


class TestNotable:
    """Incident Review and the analyst queue hand over a row that Enterprise Security has laid its own fields over."""

    REVIEW = {
        "_time": "1767261605",
        "event_id": "AB12-99@@notable@@0f3c",
        "rule_id": "AB12-99@@notable@@0f3c",
        "source": "CTR - Trail Stopped - Rule",
        "search_name": "CTR - Trail Stopped - Rule",
        "sourcetype": "stash",
        "index": "notable",
        "orig_sid": "scheduler__nobody__cloudtrail_responder__RMD5aa_at_1767261600_71",
        "orig_rid": "2",
        "rule_name": "Trail stopped",
        "rule_title": "Trail stopped by $user$ ($nothing$)",
        "rule_description": "Somebody stopped a trail",
        "status": "1",
        "status_label": "New",
        "owner": "unassigned",
        "urgency": "critical",
        "info_max_time": "+Infinity",
    }

    def test_of_a_detection_of_ours_it_is_the_same_finding(self):
        plain = read({**CONTRACT, "first_time": "1767261600", "last_time": "1767261605"}, RUN)
        escaped = CONTRACT["detail"].replace("\\", "\\\\").replace('"', '\\"')
        row = {**CONTRACT, "first_time": "2026-01-01T10:00:00.000+00:00", "last_time": "2026-01-01 10:00:05",
               **self.REVIEW, "detail": escaped}  # fmt: skip
        finding = read(row, AlertRun())
        assert finding.detail == plain.detail == {"path": "a\\b", "name": 'say "hi"'}
        assert (finding.first_time, finding.last_time) == (1767261600.0, 1767261605.0)
        assert finding.case_id == plain.case_id and finding.outcome == "success" and finding.severity == "critical"
        assert finding.row["orig_sid"].endswith("_71") and finding.row["orig_rid"] == "2"
        assert finding.row["rule_name"] == "Trail stopped" and "status_label" not in finding.row

    def test_whose_fields_are_extracted_twice_it_is_the_same_finding(self):
        row = {**CONTRACT, "event_count": "2", "first_time": "1767261600", **self.REVIEW}
        twice = {name: [value, value] for name, value in row.items()}
        assert read(twice, AlertRun()) == read(row, AlertRun())
        assert read({**CONTRACT, "event_count": ["2", "2"]}, RUN) == read({**CONTRACT, "event_count": "2"}, RUN)
        with pytest.raises(InvalidFinding, match="vendor_account"):
            read({**CONTRACT, "vendor_account": ["444455556666", "111122223333"]}, RUN)

    @pytest.mark.parametrize(
        ("objects", "types", "user"),
        [
            (["mara", "444455556666"], ["user", "other"], "mara"),
            (["mara", "ops"], ["user"], "mara, ops"),
            (["web-1"], ["system"], ""),
            (["mara", "web-1", "db-1"], ["user", "system"], ""),
        ],
    )
    def test_of_the_objects_of_a_risk_those_that_are_users_have_acted(self, objects, types, user):
        assert read({"risk_object": objects, "risk_object_type": types}, RUN).user == user

    def test_of_another_search_it_is_read_like_any_alert(self):
        row = {**self.REVIEW, "user": "ci-bot", "src": ["198.51.100.7", "198.51.100.8"], "severity": "high"}
        finding = read(row, AlertRun())
        assert finding.signature == "Trail stopped by ci-bot ($nothing$)" and finding.severity == "critical"
        assert finding.dedup_key.startswith("alert:CTR - Trail Stopped - Rule | user=ci-bot")
        assert finding.src_ip == "198.51.100.7, 198.51.100.8" and finding.reason == "Somebody stopped a trail"
        assert finding.event_ids == () and finding.row["orig_sid"]

    def test_what_is_escaped_beyond_reading_is_refused_and_not_guessed(self):
        with pytest.raises(InvalidFinding, match="detail"):
            read({**CONTRACT, **self.REVIEW, "detail": '{\\"a": "b'}, AlertRun())


class TestDedupKey:
    def test_without_fields_it_is_the_alert_and_what_identifies(self):
        expected = (
            "alert:Trail stopped! | vendor_account=444455556666 | user_arn=arn:aws:iam::111122223333:user/mara"
            " | vendor_region=eu-west-1 | object_id=org-trail | src_ip=198.51.100.7"
        )
        assert read(raw(), RUN).dedup_key == expected
        assert read({"host": "x"}, RUN).dedup_key == "alert:Trail stopped!"

    def test_with_fields_it_is_those_of_the_row_and_of_the_finding(self):
        run = AlertRun("a", dedup_fields=("requestParameters.name", "user", "absent"))
        assert read(raw(), run).dedup_key == "alert:a | requestParameters.name=org-trail | user=mara"
        assert read(CONTRACT, AlertRun("a", dedup_fields=("vendor_account",))).dedup_key.endswith("=444455556666")

    def test_no_value_joins_the_case_of_another(self):
        run = AlertRun("a", dedup_fields=("user", "src"))
        forged = read({"user": "eve | src=198.51.100.7"}, run)
        assert forged.case_id != read({"user": "eve", "src": "198.51.100.7"}, run).case_id

    def test_one_per_result_tells_every_result_from_the_next_and_the_same_event_from_none(self):
        run, later = AlertRun("a", "sid-1", one_per="row"), AlertRun("a", "sid-2", one_per="row")
        assert read(raw(), run).case_id == read(raw(), later).case_id
        assert read({"user": "x"}, run).case_id != read({"user": "y"}, run).case_id
        assert read({"user": "x"}, run).case_id != read({"user": "x"}, later).case_id

    def test_one_per_run_puts_all_results_of_a_run_into_one_case(self):
        run = AlertRun("a", "sid-1", one_per="run")
        assert read(raw(), run).case_id == read({"user": "y"}, run).case_id == read(CONTRACT, run).case_id
        assert read({"user": "y"}, AlertRun("a", "sid-2", one_per="run")).case_id != read({"user": "y"}, run).case_id

    def test_a_row_of_ours_keeps_its_own(self):
        assert read(CONTRACT, RUN).dedup_key == CONTRACT["dedup_key"] and read(CONTRACT, RUN).row == {}


class TestOtherEvents:
    """Alerts about what is no CloudTrail at all."""

    GUARDDUTY = {
        "accountId": "111122223333",
        "region": "eu-west-1",
        "severity": "8",
        "description": "Credentials were used from outside.",
        "resource.accessKeyDetails.accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "resource.accessKeyDetails.userName": "ops",
        "service.action.awsApiCallAction.api": "GetCallerIdentity",
        "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4": "198.51.100.7",
    }

    @pytest.mark.parametrize("prefix", ["", "detail."])
    def test_a_finding_of_guardduty_says_whose_key_was_used(self, prefix):
        finding = read({f"{prefix}{name}": value for name, value in self.GUARDDUTY.items()}, RUN)
        assert (finding.vendor_account, finding.vendor_region) == ("111122223333", "eu-west-1")
        assert (finding.user, finding.access_key_id) == ("ops", "ASIAIOSFODNN7EXAMPLE")
        assert (finding.command, finding.src_ip, finding.severity) == ("GetCallerIdentity", "198.51.100.7", "high")
        assert finding.reason.startswith("Credentials") and finding.event_ids == ()

    def test_a_finding_of_security_hub_says_what_it_is_about(self):
        group = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0abc"
        row = {"AwsAccountId": "111122223333", "Region": "eu-west-1", "Severity.Label": "HIGH", "Resources{}.Id": group}
        finding = read(row, RUN)
        assert (finding.vendor_account, finding.object_id, finding.severity) == ("111122223333", group, "high")

    def test_the_text_of_an_event_is_shown_and_tells_it_from_the_next(self):
        first, second = (read({"_raw": f"sshd: failed for {name}", "_time": "1772600767"}, RUN) for name in "ab")
        assert first.row == {"_raw": "sshd: failed for a"} and event_names(first) != event_names(second)
        one, other = (read({"_raw": f"failed {name}"}, AlertRun("a", "sid", one_per="row")) for name in "ab")
        assert one.case_id != other.case_id

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({"note": "x" * 2_000 + "1"}, {"note": "x" * 2_000 + "2"}),
            [{f"f{n:03}": str(n // 299 * value) for n in range(300)} for value in (1, 2)],
            ({"x" * 200 + "1": "v"}, {"x" * 200 + "2": "v"}),
        ],
        ids=["long value", "many fields", "long name"],
    )
    def test_rows_that_differ_only_in_what_is_cut_are_two(self, one, other):
        first, second = read(one, RUN), read(other, RUN)
        assert first.row == second.row and event_names(first) != event_names(second)
        assert event_names(first) == event_names(Finding.from_dict(json.loads(json.dumps(read(one, RUN).to_dict()))))

    def test_where_nobody_acts_the_host_tells_cases_apart(self):
        assert read({"dest": "web-1", "signature": "Malware"}, RUN).dedup_key.endswith("| dest=web-1")
        assert "dest" not in read({"dest": "web-1", "user": "mara"}, RUN).dedup_key


@pytest.mark.parametrize("row", [{"user": "mara"}, CONTRACT], ids=["own", "contract"])
def test_of_several_severities_the_highest_counts(row):
    assert read({**row, "severity": ["low", "High", "odd"]}, RUN).severity == "high"
    assert read({**row, "severity": ["odd", "strange"]}, RUN).severity == "medium"


def test_the_severity_that_security_lake_gives_everything_is_not_the_alerts():
    row = {"api.operation": "StopLogging", "severity": "Informational", "severity_id": "1"}
    assert read(row, AlertRun("a", usual_severity="high")).severity == "high"
    assert read({**row, "severity": "critical"}, AlertRun("a", usual_severity="high")).severity == "critical"


@pytest.mark.parametrize("name", ["", "!", "7 things", "日本語のアラート", "A" * 500, "x", "Ärger & Co."])
def test_every_alert_has_an_id_of_our_form(name):
    finding = read({"user": "mara"}, AlertRun(name))
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding
    assert finding.signature and signature_id(name) == finding.signature_id


def test_all_of_the_row_is_kept_and_no_more_than_a_document_can_hold():
    wide = {f"field_{n}": "x" * 50_000 for n in range(5_000)}
    finding = read({**wide, "rule_name": "r", "_internal": "y", "date_hour": "5", "event_id": "a@@notable@@b"}, RUN)
    assert len(json.dumps(finding.to_dict())) < 60_000
    assert finding.row["rule_name"] == "r" and "_internal" not in finding.row and "date_hour" not in finding.row
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding


@pytest.mark.parametrize(("given", "seconds"), [("3600", 3600.0), ("9999999", 86_400.0), ("soon", 0.0), ("-5", 0.0)])
def test_a_throttle_period_is_taken_as_far_as_it_is_one(given, seconds):
    assert read({"user": "mara", "throttle_seconds": given}, RUN).throttle_seconds == seconds


@pytest.mark.parametrize("row", [{}, {"a": ""}, {"a": "null", "b": []}, {"_raw": ""}])
def test_a_row_without_any_value_is_refused(row):
    with pytest.raises(InvalidFinding, match="empty"):
        read(row, RUN)


@pytest.mark.parametrize("name", ["signature_id", "dedup_key"])
def test_half_a_contract_is_somebodys_own_row(name):
    assert read({name: "some_detection", "user": "mara"}, RUN).dedup_key == "alert:Trail stopped! | user=mara"


texts = st.text(st.characters(), max_size=40)
cells = st.one_of(
    texts,
    st.lists(texts, max_size=4),
    st.integers(),
    st.sampled_from(["null", '{"a":' * 60, "{}", json.dumps(RECORD), "AKIAIOSFODNN7EXAMPLE", "1e400", "{user}"]),
)
names = st.one_of(
    texts,
    st.sampled_from(["_raw", "_time", "detail", "severity", "event_id", "eventID", "user", "userIdentity.arn"]),
    st.sampled_from(["api.operation", "api.request.data", "metadata.uid", "unmapped.key{}", "unmapped.value{}"]),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(names, cells, max_size=8), texts, st.sampled_from(["", "row", "run"]))
def test_whatever_a_foreign_row_holds_it_is_a_finding_that_can_be_stored(row, name, one_per):
    try:
        finding = read(row, AlertRun(name, "sid", one_per=one_per))
    except InvalidFinding as error:
        assert str(error) == one_line(str(error)) and len(str(error)) < 400
        return
    stored = json.loads(json.dumps(finding.to_dict(), allow_nan=False))
    assert Finding.from_dict(stored) == finding
    assert severity_of(finding.severity) == finding.severity


def test_an_ad_hoc_run_is_not_named_by_the_file_that_its_events_came_from():
    """Each file would make another case of what one actor did."""
    row = {"eventName": "GetUser", "userIdentity.userName": "mara"}
    files = [read({**row, "source": f"s3://trail/AWSLogs/{n}.json.gz"}, AlertRun(sid="1.2")) for n in range(2)]
    assert {one.signature for one in files} == {"Alert without a name"}
    assert len({one.case_id for one in files}) == 1


def test_times_that_stats_has_named_count():
    found = read({"user": "mara", "min(_time)": "1764400000", "latest(_time)": "1764403600.5"}, AlertRun("An alert"))
    assert (found.first_time, found.last_time) == (1764400000.0, 1764403600.5)
