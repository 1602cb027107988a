"""The second proof of an undo: CloudTrail's records of the calls by which the app itself has taken something back."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
from core_findings import ACCOUNT, finding
from dispatch_targets import Out


@pytest.fixture
def out(out: Out) -> Out:
    out.core.save("settings", "safety", default_mode="enforce", require_proof="0")
    out.core.user("sam", "admin")
    return out


def deactivated(out: Out) -> tuple[str, str]:
    """A key that the app has deactivated: the remediation's task, and the key's user."""
    iam, user = out.aws.client("iam"), f"u-{uuid.uuid4().hex[:12]}"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    about = {"user": user, "user_type": "IAMUser", "access_key_id": key, "vendor_region": "us-east-1"}
    found = finding(1, **about, user_arn=f"arn:aws:iam::{ACCOUNT}:user/{user}")
    assert out.core.ask(found, "remediate", playbook="deactivate_access_key").state == "done"
    (run,) = [task["_key"] for task in out.core.tasks() if task["kind"] == "remediation.run"]
    return run, user


def undo(out: Out, run: str) -> str:
    status, answer = out.core.post("undo", {"task": run}, user="sam")
    assert status == 200, answer
    (key,) = [task["_key"] for task in out.core.tasks() if task["kind"] == "remediation.undo"]
    return str(key)


def proof_of(out: Out, task: str) -> dict[str, Any]:
    """The look-up that is about a task."""
    proofs = [one for one in out.core.tasks() if one["kind"] == "remediation.containment"]
    (found,) = [one for one in proofs if json.loads(one["request"])["of"] == task]
    return dict(found)


def outcome(task: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(task["outcome"] or "{}"))


def undone_by(out: Out) -> dict[str, Any]:
    (body,) = [json.loads(one["body"]) for one in out.core.documents("responder_evidence") if one["kind"] == "undone"]
    return dict(body)


def deliver(out: Out, request_id: str, account: str = ACCOUNT, **more: str) -> None:
    record = {
        "eventVersion": "1.11",
        "eventID": str(uuid.uuid4()),
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "eventSource": "iam.amazonaws.com",
        "eventName": "UpdateAccessKey",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "requestID": request_id,
        "recipientAccountId": account,
        "eventType": "AwsApiCall",
        "userIdentity": {"type": "IAMUser", "accountId": account, "arn": f"arn:aws:iam::{account}:user/responder"},
        **more,
    }
    out.core.splunkd.add_event(json.dumps(record), index="main", sourcetype="aws:cloudtrail", source="trail")


def work(out: Out, minutes: float) -> None:
    out.core.later += minutes * 60
    out.core.work()


def test_the_record_of_its_own_call_proves_an_undo(out: Out) -> None:
    run, _ = deactivated(out)
    key, made = undo(out, run), undone_by(out)
    assert made["account"] == ACCOUNT and made["request_id"]
    deliver(out, made["request_id"], account="444455556666")
    work(out, 2)
    assert "UpdateAccessKey has not arrived yet" in proof_of(out, key)["message"], "another account's is not ours"
    deliver(out, made["request_id"])
    work(out, 6)
    proved = outcome(proof_of(out, key))
    assert (proved["status"], proved["mode"]) == ("undo_proved", "undo"), proved
    assert "taken back" in proof_of(out, run)["message"], "the change itself needs no proof any more"
    assert "remediation_undo_proved" in out.core.steps()


def test_no_record_in_time_is_said(out: Out) -> None:
    run, _ = deactivated(out)
    key = undo(out, run)
    for _ in range(3):
        work(out, 20)
    said = outcome(proof_of(out, key))
    assert said["status"] == "undo_unproved" and undone_by(out)["request_id"] in said["message"]


def test_what_somebody_else_has_taken_back_leaves_nothing_to_look_up(out: Out) -> None:
    run, user = deactivated(out)
    iam = out.aws.client("iam")
    (key,) = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    iam.update_access_key(UserName=user, AccessKeyId=key["AccessKeyId"], Status="Active")
    undo(out, run)
    assert undone_by(out)["account"] == ""
    proofs = [task for task in out.core.tasks() if task["kind"] == "remediation.containment"]
    assert [json.loads(one["request"])["of"] for one in proofs] == [run]
