"""After a remediation, on the built app: CloudTrail's own records say whether it holds, and people are told so."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from sandbox.aws.recorder import Recorder
from tests.e2e.test_people_decide import ask_for, comments, earlier, safety, search, work

AUDIT = 'search index=main sourcetype="cloudtrail_responder:audit" | table _raw'


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def deliver(site: Any, records: list[dict[str, Any]], **when: float) -> None:
    site.world.splunkd.add_events(records, index="main", sourcetype="aws:cloudtrail", source="trail", **when)


def messages(site: Any) -> str:
    return json.dumps([vars(message) for message in site.world.slack.messages()], default=str)


def audited(site: Any, step: str) -> list[dict[str, Any]]:
    events = (json.loads(str(row["_raw"])) for row in site.world.splunkd.search(AUDIT).rows)
    return [event for event in events if event["step"] == step]


def stolen_key(site: Any) -> dict[str, Any]:
    """A key that somebody has stolen, and an alert that has it deactivated; gives its CloudTrail identity."""
    key, now = site.estate.deploy_key, str(int(time.time()))
    active = {"UserName": key.user, "AccessKeyId": key.access_key_id, "Status": "Active"}
    site.world.aws.client("iam").update_access_key(**active)
    arn = f"arn:aws:iam::123456789012:user/{key.user}"
    identity = {"type": "IAMUser", "arn": arn, "accountId": "123456789012", "accessKeyId": key.access_key_id}
    event = {**use(identity, "GetCallerIdentity", time.time()), "eventID": "aaaaaaaa-0000-4000-8000-000000000001"}
    deliver(site, [event])
    row = {
        "signature_id": "api_use_from_foreign_country",
        "signature": "API use from a foreign country",
        "severity": "high",
        "vendor_account": "123456789012",
        "vendor_region": "us-east-1",
        "user_arn": arn,
        "access_key_id": key.access_key_id,
        "event_ids": [event["eventID"]],
        "first_time": now,
        "last_time": now,
        "dedup_key": f"api_use|{key.access_key_id}",
    }
    for action, more in (("create_ticket", {}), ("notify_slack", {}), ("remediate", {"mode": "enforce"})):
        playbook = {"playbook": "deactivate_access_key"} if more else {}
        assert site.world.fire(action, [row], {**more, **playbook}).exit_code == 0
    return identity


def use(identity: dict[str, Any], name: str, at: float) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventID": f"bbbbbbbb-0000-4000-8000-{int(at):012d}",
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.66",
        "recipientAccountId": "123456789012",
        "eventType": "AwsApiCall",
        "userIdentity": identity,
    }


def so_long_ago(site: Any, recorder: Recorder, seconds: float) -> None:
    """As if the change had been made so many seconds ago."""
    earlier(site, "responder_evidence", site.world.documents("responder_evidence"), seconds, "at")
    for record in recorder.everything:
        record["eventTime"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))


def test_the_record_of_its_own_call_proves_a_change(site: Any, recorder: Recorder) -> None:
    row = ask_for(site, "enforce")
    (waiting,) = site.tasks("remediation.containment")
    assert (waiting["state"], waiting["waiting_for"]) == ("waiting", "time")
    work(site)
    (waiting,) = site.tasks("remediation.containment")
    assert waiting["state"] == "waiting" and "RevokeSecurityGroupIngress has not arrived yet" in waiting["message"]
    (call,) = [record for record in recorder.everything if record["eventName"] == "RevokeSecurityGroupIngress"]
    deliver(site, [call])
    work(site)
    assert f"event {call['eventID']}" in comments(site) and "Proved by CloudTrail" in comments(site)
    assert "Proved by CloudTrail" in messages(site)
    (event,) = audited(site, "remediation_proved")
    assert event["status"] == "success" and event["object"] == row["object_id"]
    stages = [event[f"{stage}_after"] for stage in ("found", "changed", "verified")]
    assert stages == sorted(stages) and event["event_time"] == float(row["first_time"])
    assert {"indexed_after", "notified_after", "proved_after"} <= set(event) and "approved_after" not in event


@pytest.mark.extended
def test_an_approved_change_says_when_it_was_approved(site: Any, recorder: Recorder) -> None:
    ask_for(site, "approve")
    (waiting,) = search(site, "| respondwaiting", site.world.splunkd.admin[0]).json()["results"]
    approve = f"| respondapprove case={waiting['case']} plan={waiting['plan']}"
    assert search(site, approve, site.world.splunkd.admin[0]).json()["results"][0]["state"] == "done"
    deliver(site, recorder.everything)
    work(site)
    (event,) = audited(site, "remediation_proved")
    assert event["found_after"] <= event["approved_after"] <= event["changed_after"]


def test_a_key_is_watched_until_it_is_clear_that_it_is_silent(site: Any, recorder: Recorder) -> None:
    identity = stolen_key(site)
    so_long_ago(site, recorder, 1_000)
    at_first = use(identity, "RunInstances", time.time() - 990)
    deliver(site, [*recorder.everything, at_first], indextime=time.time() - 850)
    work(site)
    (waiting,) = site.tasks("remediation.containment")
    assert waiting["state"] == "waiting" and "still succeeds" in waiting["message"]
    assert "Proved" not in comments(site), "as late as the record of our own call, others may come, too"
    site.world.splunkd.index.clean("main")
    deliver(site, [*recorder.everything, at_first], indextime=time.time() - 990)
    work(site)
    assert "RunInstances (ec2.amazonaws.com) from 203.0.113.66" in comments(site)
    assert "while AWS was still applying it" in comments(site)
    assert "Proved by CloudTrail" in comments(site) and "Proved by CloudTrail" in messages(site)


def test_whoever_still_succeeds_is_named_loudly(site: Any, recorder: Recorder) -> None:
    safety(site, escalation_channel="#general")
    identity = stolen_key(site)
    so_long_ago(site, recorder, 600)
    deliver(site, [*recorder.everything, use(identity, "RunInstances", time.time() - 300)])
    work(site)
    assert "NOT CONTAINED" in comments(site) and "RunInstances (ec2.amazonaws.com) from 203.0.113.66" in comments(site)
    shown = [json.dumps(vars(message), default=str) for message in site.world.slack.messages()]
    assert sum("still calls succeed that it should have stopped" in message for message in shown) == 1
    (event,) = audited(site, "remediation_still_active")
    assert event["status"] == "failure"


@pytest.mark.extended
def test_what_somebody_took_back_in_aws_is_said_with_who_and_when(site: Any, recorder: Recorder) -> None:
    """As loudly as what does not hold: an attacker may have been the one."""
    safety(site, escalation_channel="#general")
    identity, key = stolen_key(site), site.estate.deploy_key
    so_long_ago(site, recorder, 600)
    active = {"UserName": key.user, "AccessKeyId": key.access_key_id, "Status": "Active"}
    site.world.aws.client("iam").update_access_key(**active)
    given_back_at = time.time() - 400
    given_back = {
        **use({**identity, "arn": "arn:aws:iam::123456789012:user/alice"}, "UpdateAccessKey", given_back_at),
        "eventSource": "iam.amazonaws.com",
        "requestParameters": {name[0].lower() + name[1:]: value for name, value in active.items()},
    }
    deliver(site, [*recorder.everything, given_back, use(identity, "RunInstances", time.time() - 300)])
    work(site)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(given_back_at))
    told = f"was taken back in AWS by arn:aws:iam::123456789012:user/alice at {at} (UpdateAccessKey, event"
    assert told in comments(site) and f"{key.access_key_id} of user {key.user} is Active." in comments(site)
    assert "GIVEN BACK in AWS" in comments(site) and "NOT CONTAINED" not in comments(site)
    shown = [json.dumps(vars(message), default=str) for message in site.world.slack.messages()]
    assert sum("took back a remediation in AWS" in message for message in shown) == 1
    (event,) = audited(site, "remediation_given_back")
    assert event["status"] == "failure"


@pytest.mark.extended
def test_no_record_in_time_is_said_with_what_to_check(site: Any, recorder: Recorder) -> None:
    ask_for(site, "enforce")
    so_long_ago(site, recorder, 1_801)
    work(site)
    assert "Not proved by CloudTrail" in comments(site) and "within 30 minutes" in comments(site)
    assert "the macro cloudtrail_index names its index" in messages(site)
    (event,) = audited(site, "remediation_unproved")
    assert event["status"] == "failure" and "proved_after" not in event


@pytest.mark.extended
def test_what_was_taken_back_meanwhile_needs_no_proof_and_its_undo_has_one(site: Any, recorder: Recorder) -> None:
    ask_for(site, "enforce")
    (run,) = site.tasks("remediation.run")
    admin = site.world.splunkd.admin[0]
    assert search(site, f"| respondundo task={run['_key']}", admin).json()["results"][0]["state"] == "done"
    deliver(site, recorder.everything)
    work(site)
    assert {task["state"] for task in site.tasks("remediation.containment")} == {"done"}
    assert "Undo proved by CloudTrail" in comments(site) and "Undo proved by CloudTrail" in messages(site)
    assert audited(site, "remediation_proved") == []
