"""An attacker with a stolen key, on the built app: contained by one plan, approved once, and undone part by part."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.aws.actors import Actor
from sandbox.aws.estate import ATTACKER_IP
from sandbox.aws.recorder import Recorder
from sandbox.world import APP
from tests.e2e.test_containment import deliver, so_long_ago, use
from tests.e2e.test_kill import KillAt, attempt, run_until_done
from tests.e2e.test_people_decide import comments, search, work

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}],
    }
)
WORLD = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
#: What the attacker acts with comes before what he made with it.
ORDER = [
    "deactivate_access_key",
    "contain_new_user",
    "end_live_sessions",
    "quarantine_user",
    "quarantine_role",
    "revoke_open_ingress",
    "stop_instance",
    "stop_lambda_function",
]
#: From here on they are what he made: of one second, so in any order.
MADE = ORDER.index("revoke_open_ingress")
QUARANTINE, SESSIONS = "CloudTrailResponder-Quarantine", "CloudTrailResponder-EndSessions"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


@dataclass
class Attack:
    """What somebody does with a stolen key, and with the key of a user that he makes."""

    site: Any
    user: str = field(default_factory=lambda: f"deploy-{time.time_ns()}")
    group: str = ""
    instance: str = ""

    def run(self) -> Attack:
        iam, recorder = self.site.world.aws.client("iam"), Recorder(self.site.world.aws)
        iam.create_user(UserName=self.user)
        stolen = iam.create_access_key(UserName=self.user)["AccessKey"]
        self.key = stolen["AccessKeyId"]
        attacker = Actor(self.user, self.key, stolen["SecretAccessKey"], ATTACKER_IP)
        recorder.watch(attacker).client("sts").get_caller_identity()
        attacker.client("iam").create_user(UserName=self.made)
        given = attacker.client("iam").create_access_key(UserName=self.made)["AccessKey"]
        self.given = given["AccessKeyId"]
        attacker.client("iam").create_role(RoleName=self.made, AssumeRolePolicyDocument=TRUST)
        self._with_the_new_key(recorder.watch(Actor(self.made, self.given, given["SecretAccessKey"], ATTACKER_IP)))
        for record in recorder.everything:
            raw = json.dumps(record)
            self.site.world.splunkd.add_event(raw, index="main", sourcetype="aws:cloudtrail", source="test")
        self.event = recorder.everything[0]["eventID"]
        return self

    def _with_the_new_key(self, attacker: Actor) -> None:
        ec2, packed = attacker.client("ec2"), io.BytesIO()
        self.group = ec2.create_security_group(GroupName=self.made, Description="x")["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[WORLD])
        image = self.site.world.aws.client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        self.instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): pass")
        role = f"arn:aws:iam::{ACCOUNT}:role/{self.made}"
        how = {"Runtime": "python3.12", "Handler": "app.handler", "Code": {"ZipFile": packed.getvalue()}}
        attacker.client("lambda").create_function(FunctionName=self.made, Role=role, **how)

    @property
    def made(self) -> str:
        """The name of whatever he makes."""
        return f"{self.user}-backup"

    def row(self) -> dict[str, Any]:
        """What a detection finds of it."""
        now = str(int(time.time()))
        return {
            "signature_id": "api_use_from_foreign_country",
            "signature": "API use from a foreign country",
            "severity": "high",
            "vendor_account": ACCOUNT,
            "vendor_region": "us-east-1",
            "user": self.user,
            "user_arn": f"arn:aws:iam::{ACCOUNT}:user/{self.user}",
            "access_key_id": self.key,
            "object_category": "AWS::IAM::User",
            "object_id": self.user,
            "command": "GetCallerIdentity",
            "outcome": "success",
            "event_ids": [self.event],
            "first_time": now,
            "last_time": now,
            "recommended_playbook": "contain_actor",
            "dedup_key": f"api_use_from_foreign_country|{self.key}",
        }

    def state(self) -> dict[str, Any]:
        """How everything is now that is contained."""
        iam, ec2 = self.site.world.aws.client("iam"), self.site.world.aws.client("ec2")
        keys = {
            one["AccessKeyId"]: one["Status"]
            for user in (self.user, self.made)
            for one in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        }
        found = ec2.describe_instances(InstanceIds=[self.instance])["Reservations"][0]["Instances"][0]
        return {
            **keys,
            "policies of the user": iam.list_user_policies(UserName=self.user)["PolicyNames"],
            "policies of the new user": iam.list_user_policies(UserName=self.made)["PolicyNames"],
            "policies of the new role": iam.list_role_policies(RoleName=self.made)["PolicyNames"],
            "open": self.site.open_to_world(self.group),
            "instance": found["State"]["Name"],
            "reserved": self.site.world.aws.client("lambda")
            .get_function_concurrency(FunctionName=self.made)
            .get("ReservedConcurrentExecutions"),
        }

    def contained(self) -> dict[str, Any]:
        return {
            self.key: "Inactive",
            self.given: "Inactive",
            "policies of the user": [SESSIONS, QUARANTINE],
            "policies of the new user": [QUARANTINE],
            "policies of the new role": [QUARANTINE],
            "open": False,
            "instance": "stopped",
            "reserved": 0,
        }


@pytest.fixture
def attack(site: Any) -> Attack:
    return Attack(site).run()


@pytest.fixture
def without_a_right(site: Any) -> Iterator[None]:
    """The app may do anything but stop functions, and AWS checks that."""
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "lambda:PutFunctionConcurrency", "Resource": "*"},
    ]
    iam, user = site.world.aws.client("iam"), site.estate.responder_key.user
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=user, PolicyName="rights", PolicyDocument=document)
    site.world.aws.check_rights()
    yield
    site.world.aws.check_rights(False)
    iam.delete_user_policy(UserName=user, PolicyName="rights")


def changed(site: Any) -> set[str]:
    """The parts of which the audit has a change."""
    index = 'search index=main sourcetype="cloudtrail_responder:audit" step=change_applied'
    return {str(row["part"]) for row in site.world.splunkd.search(f"{index} | table part").rows}


def tried(site: Any) -> list[str]:
    """The parts, in the order in which they were first tried."""
    intended = sorted(site.world.documents("responder_evidence", {"kind": "intended"}), key=lambda one: one["at"])
    return list(dict.fromkeys(json.loads(one["body"])["resource"]["part"] for one in intended))


def test_one_plan_is_approved_once_and_what_fails_is_seen_and_all_is_given_back(
    site: Any, kim: str, attack: Attack, without_a_right: None
) -> None:
    before = attack.state()
    for action in ("create_ticket", "notify_slack"):
        assert site.world.fire(action, [attack.row()]).exit_code == 0
    site.world.fire("remediate", [attack.row()], {"mode": "approve"})
    (waiting,) = search(site, "| respondwaiting", kim).json()["results"]
    assert waiting["playbook"] == "contain_actor" and attack.state() == before
    parts = (attack.key, attack.given, f"role {attack.made}", attack.group, attack.instance, f"function {attack.made}")
    summary = " ".join(waiting["summary"])
    assert [part for part in parts if part not in summary] == []

    approve = f"| respondapprove case={waiting['case']} plan={waiting['plan']}"
    (approved,) = search(site, approve, kim).json()["results"]
    assert (approved["decision"], approved["state"]) == ("approve", "waiting")
    assert attack.state() == {**attack.contained(), "reserved": None}
    assert tried(site)[:MADE] == ORDER[:MADE] and sorted(tried(site)) == sorted(ORDER)
    assert changed(site) == set(ORDER[:-1])
    told = comments(site)
    messages = json.dumps([vars(message) for message in site.world.slack.messages()], default=str)
    assert "lambda:PutFunctionConcurrency" in told and "lambda:PutFunctionConcurrency" in messages

    site.world.aws.check_rights(False)
    assert site.world.rest("POST", f"{APP}/retry", json={"task": waiting["task"]}).status_code == 200
    assert attack.state() == attack.contained(), "the rest of an approved plan is not asked about again"
    assert changed(site) == set(ORDER)

    (undone,) = search(site, f"| respondundo task={waiting['task']}", kim).json()["results"]
    assert undone["state"] == "done" and attack.state() == before


@pytest.mark.extended
def test_cloudtrail_is_asked_about_the_keys_and_principals_of_all_parts(
    site: Any, recorder: Recorder, attack: Attack
) -> None:
    assert site.world.fire("create_ticket", [attack.row()]).exit_code == 0
    site.world.fire("remediate", [attack.row()], {"mode": "enforce"})
    assert attack.state() == attack.contained()
    so_long_ago(site, recorder, 1_000)
    # What the attacker did before would have come after the change now.
    site.world.splunkd.index.clean("main")
    identity = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/{attack.made}", "accountId": ACCOUNT}
    used = use({**identity, "accessKeyId": attack.given}, "RunInstances", time.time() - 990)
    deliver(site, [*recorder.everything, used], indextime=time.time() - 990)
    work(site)
    told = comments(site)
    assert "Proved by CloudTrail" in told
    seen = re.findall(r"The last call by ([^.]+?) that succeeded was RunInstances", told)
    silent = re.findall(r"No call by ([^.]+?) succeeded between", told)
    assert seen == [f"user {attack.made}"], "whoever the attacker has made, with the key that was given to it"
    assert silent == [
        f"access key {attack.key}",
        f"sessions of user {attack.user} that were open",
        f"user {attack.user}",
        f"role {attack.made}",
    ]


#: Requests to splunkd at which the executor is killed, between the parts and within them.
POINTS = [pytest.param((30,)), pytest.param(range(4, 60, 20), marks=pytest.mark.slow, id="at-each")]


@pytest.mark.extended
@pytest.mark.parametrize("points", POINTS)
def test_killed_between_its_parts_each_is_done_and_its_evidence_remembers_what_was_before(
    site: Any, points: Any
) -> None:
    site.world.splunkd.faults = killer = KillAt()
    struck = []
    for point in points:
        attack = Attack(site).run()
        before = attack.state()
        struck.append(attempt(site, killer, "remediate", attack.row(), "executor", point, before=False))
        site.let_turns_end()
        run_until_done(site, "remediate", attack.row())
        assert attack.state() == attack.contained(), struck[-1]
        undo(site, attack)
        assert attack.state() == before, struck[-1]
    assert any(struck), "the kill never came about"


def undo(site: Any, attack: Attack) -> None:
    """A person decides where nobody knows whether it was the app that made a change."""
    (task,) = [one["_key"] for one in site.tasks("remediation.run") if attack.key in one["message"]]
    (report,) = site.world.rest("POST", f"{APP}/undo", json={"task": task}).json()["reports"]
    if report["waiting_for"] == "approval":
        decision = {"task": report["task"], "decision": "approve"}
        answer = site.world.rest("POST", f"{APP}/approve", json=decision)
        assert answer.status_code == 200, answer.text
