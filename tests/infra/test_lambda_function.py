"""The sample Lambda function as it is packaged: unpacked into an empty folder, and run by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn

ROOT = Path(__file__).resolve().parents[2]
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:responder"
#: What Lambda does: it imports the handler from the folder of the code, and gives it an event and a context.
INVOKE = """
import json, sys
from handler import handler
class Context:
    invoked_function_arn = sys.argv[1]
    def get_remaining_time_in_millis(self):
        return int(sys.argv[2])
print("answer " + json.dumps(handler(json.load(sys.stdin), Context())))
"""


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("lambda")
    subprocess.run([sys.executable, "-m", "infra", "lambda", "--out", str(out)], cwd=ROOT, check=True)
    return out


@pytest.fixture(scope="module")
def code(packaged: Path) -> Path:
    with zipfile.ZipFile(packaged / "function.zip") as archive:
        archive.extractall(packaged / "code")
    return packaged / "code"


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsStandIn]:
    with AwsStandIn() as started:
        yield started


class Function:
    def __init__(self, code: Path, aws: AwsStandIn) -> None:
        self._code, self._aws = code, aws

    def invoke(self, event: Any, time_left: int = 60_000, **variables: str) -> subprocess.CompletedProcess[str]:
        libraries = next(path for path in sys.path if path.endswith("site-packages"))
        environment = {
            "PYTHONPATH": f"{self._code}:{libraries}",
            "AWS_ACCESS_KEY_ID": "AKIAFUNCTION00000000",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "RESPONDER_ENDPOINT_URL": self._aws.url,
            "PLAYBOOKS": "revoke_open_ingress,deactivate_access_key",
            **variables,
        }
        command = [sys.executable, "-c", INVOKE, ARN, str(time_left)]
        given = json.dumps(event)
        return subprocess.run(command, input=given, cwd=self._code, env=environment, capture_output=True, text=True)

    def answers(self, event: Any, **variables: Any) -> list[dict[str, Any]]:
        done = self.invoke(event, **variables)
        assert done.returncode == 0, done.stderr
        (answer,) = [line for line in done.stdout.splitlines() if line.startswith("answer ")]
        return list(json.loads(answer.removeprefix("answer "))["answers"])

    def group(self) -> str:
        """A group that lets the world in."""
        ec2 = self._aws.client("ec2")
        group = ec2.create_security_group(GroupName=f"g-{uuid.uuid4().hex[:8]}", Description="x")["GroupId"]
        world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[world])
        return str(group)

    def is_open(self, group: str) -> bool:
        found = self._aws.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return bool(found[0]["IpPermissions"])

    def key(self) -> tuple[str, str]:
        """A user and an access key."""
        iam, user = self._aws.client("iam"), f"u-{uuid.uuid4().hex[:8]}"
        iam.create_user(UserName=user)
        return user, str(iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"])

    def status(self, user: str) -> str:
        (key,) = self._aws.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
        return str(key["Status"])

    def happened(self, name: str, service: str, parameters: Any, identity: Any) -> str:
        """CloudTrail's event history has a record; gives its id."""
        event_id = str(uuid.uuid4())
        self._aws.has_happened(
            {
                "eventVersion": "1.10", "eventID": event_id, "eventName": name,
                "eventSource": f"{service}.amazonaws.com",
                "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "awsRegion": REGION, "readOnly": False,
                "recipientAccountId": ACCOUNT, "requestParameters": parameters, "responseElements": None,
                "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT, **identity},
            }
        )  # fmt: skip
        return event_id


@pytest.fixture
def function(code: Path, aws: AwsStandIn) -> Function:
    return Function(code, aws)


def event(event_id: str, playbook: str, **fields: Any) -> dict[str, Any]:
    """As ``Dispatch to AWS`` sends it."""
    finding = {
        "signature_id": "some_detection", "signature": "Some detection", "severity": "high", "dedup_key": event_id,
        "vendor_account": ACCOUNT, "vendor_region": REGION, "event_ids": [event_id], "recommended_playbook": playbook,
        "last_time": time.time(), **fields,
    }  # fmt: skip
    return {"specversion": "1.0", "id": f"m-{uuid.uuid4().hex}", "data": {"finding": finding}}


def opened(function: Function) -> tuple[str, dict[str, Any]]:
    """A group that was opened, and the event of it."""
    group = function.group()
    rule = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    parameters = {"groupId": group, "ipPermissions": {"items": [rule]}}
    by = {"userName": "deploy", "arn": f"arn:aws:iam::{ACCOUNT}:user/deploy"}
    event_id = function.happened("AuthorizeSecurityGroupIngress", "ec2", parameters, by)
    return group, event(event_id, "revoke_open_ingress", object_category="AWS::EC2::SecurityGroup", object_id=group)


def test_an_open_group_is_closed_once_and_the_evidence_is_in_the_log_before_the_call(function: Function) -> None:
    group, found = opened(function)
    # Through SNS and SQS, as a subscriber's queue has it.
    message = {"Type": "Notification", "Message": json.dumps(found)}
    done = function.invoke({"Records": [{"body": json.dumps(message)}]}, MODE="enforce")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    kinds = [one["document"]["kind"] for one in lines if one.get("collection") == "responder_evidence"]
    assert kinds.index("intended") < kinds.index("done") < kinds.index("left") and not function.is_open(group)
    (again,) = function.answers({"Records": [{"Sns": {"Message": json.dumps(found)}}]}, MODE="enforce")
    assert again["status"] == "already"


def test_a_key_that_is_used_from_a_country_that_is_not_expected_is_deactivated(function: Function) -> None:
    user, key = function.key()
    by = {"userName": user, "accessKeyId": key, "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}"}
    event_id = function.happened("ListBuckets", "s3", {}, by)
    fields = {"access_key_id": key, "user": user, "user_arn": by["arn"], "src_country": "Atlantis"}
    found = event(event_id, "deactivate_access_key", **fields)
    (expected,) = function.answers({"detail-type": "x", "detail": found}, MODE="enforce", EXPECTED_COUNTRIES="Atlantis")
    assert expected["status"] == "skipped" and function.status(user) == "Active"
    (simulated,) = function.answers(found)
    assert simulated["status"] == "simulated" and function.status(user) == "Active"
    (refused,) = function.answers(found, MODE="enforce", PROTECTED_PRINCIPALS=user)
    assert refused["status"] == "refused" and function.status(user) == "Active"
    (done,) = function.answers(found, MODE="enforce", EXPECTED_COUNTRIES="Germany")
    assert done["status"] == "done" and function.status(user) == "Inactive"


def test_what_event_history_does_not_prove_is_not_done_and_fails_so_that_it_is_tried_again(function: Function) -> None:
    group, found = opened(function)
    other, _ = opened(function)
    unknown = json.loads(json.dumps(found))
    unknown["data"]["finding"]["event_ids"] = [str(uuid.uuid4())]
    failed = function.invoke(unknown, MODE="enforce")
    assert failed.returncode != 0 and "event history does not have event" in failed.stderr
    found["data"]["finding"]["object_id"] = other
    (contradicted,) = function.answers(found, MODE="enforce")
    assert contradicted["status"] == "refused" and "contradicted" in contradicted["message"]
    assert function.is_open(group) and function.is_open(other)


def test_what_no_variable_allows_and_what_is_no_finding_does_nothing(function: Function) -> None:
    group, found = opened(function)
    (skipped,) = function.answers(found, MODE="enforce", PLAYBOOKS="deactivate_access_key")
    assert skipped["status"] == "skipped"
    (late,) = [function.invoke(found, time_left=100, MODE="enforce")]
    assert late.returncode != 0 and "time is nearly over" in late.stderr
    for bad in ({}, {"data": {"finding": "x"}}, {"Records": [{"body": "{}"}]}):
        assert function.invoke(bad, MODE="enforce").returncode != 0
    assert "MODE is 'yes'" in function.invoke(found, MODE="yes").stderr
    assert function.is_open(group)
    bodies = ("no JSON", "[1]", '{"data": {"finding": "x"}}', '{"detail-type": "x", "detail": 1}', json.dumps(found))
    done = function.invoke({"Records": [{"body": body} for body in bodies]}, MODE="enforce")
    assert done.returncode != 0 and "4 of 5 findings: The event is no finding" in done.stderr
    assert not function.is_open(group), "what is none keeps no other from being answered"


def test_its_policy_is_what_its_playbooks_declare_and_its_template_has_it(packaged: Path) -> None:
    policy = json.loads((packaged / "policy.json").read_text())
    actions = {action for one in policy["Statement"] for action in one["Action"]}
    assert {"iam:UpdateAccessKey", "ec2:RevokeSecurityGroupIngress", "cloudtrail:LookupEvents"} <= actions
    assert not any("*" in action for action in actions) and "iam:AttachUserPolicy" not in actions
    template = json.loads((packaged / "template.json").read_text())
    role = template["Resources"]["Role"]["Properties"]
    assert role["Policies"][0]["PolicyDocument"] == policy
    assert template["Parameters"]["Mode"]["Default"] == "simulate"
