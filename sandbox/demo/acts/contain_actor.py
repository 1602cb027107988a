"""An attacker is contained: what it acts with and what it has made, by one plan that a person approves once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.aws.actors import Actor
from sandbox.aws.estate import ATTACKER_IP
from sandbox.demo.proof import Proof, key_status, listed
from sandbox.demo.stage import APPROVER, Found, Stage, row

TITLE, ORDER = "Contain the actor: one plan of many parts, approved once", 60
DETECTION = "api_use_from_foreign_country"
#: Whose key was stolen, and the name of whatever is made with it.
USER, MADE = "ci-runner", "ci-runner-backup"
QUARANTINE = "CloudTrailResponder-Quarantine"
#: What the attacker acts with comes before what it has made with it: it cannot outrun the plan.
PARTS = [
    "deactivate_access_key",
    "contain_new_user",
    "end_live_sessions",
    "quarantine_user",
    "quarantine_role",
    "revoke_open_ingress",
]
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}],
    }
)


@dataclass(frozen=True)
class Attack:
    """What was made with the stolen key."""

    stage: Stage
    #: The stolen key, and a second one of the same user.
    keys: tuple[str, str]
    #: Two groups that were opened to the world.
    group: str
    protected: str

    @property
    def names(self) -> tuple[str, ...]:
        """What the plan has to name."""
        return (*self.keys, f"user {MADE}", f"role {MADE}", self.group)

    def state(self) -> dict[str, Any]:
        aws = self.stage.world.aws
        iam = aws.client("iam")
        return {
            "keys": key_status(aws, USER),
            "denied everything": [
                QUARANTINE in iam.list_user_policies(UserName=USER)["PolicyNames"],
                QUARANTINE in iam.list_user_policies(UserName=MADE)["PolicyNames"],
                QUARANTINE in iam.list_role_policies(RoleName=MADE)["PolicyNames"],
            ],
            "open": self.stage.is_group_open(self.group),
            "protected group open": self.stage.is_group_open(self.protected),
        }


CONTAINED = {
    "keys": ["Inactive", "Inactive"],
    "denied everything": [True, True, True],
    "open": False,
    "protected group open": True,
}


def play(stage: Stage) -> Iterator[Proof]:
    attack, found = _attack(stage)
    before = attack.state()
    stage.safety(protected_resources=attack.protected)
    try:
        yield from _contained(stage, attack, found, before)
    finally:
        stage.safety()


def _contained(stage: Stage, attack: Attack, found: Found, before: dict[str, Any]) -> Iterator[Proof]:
    stage.remediate(found, mode="approve")
    (waiting,) = stage.search(f"| respondwaiting case={found.case}")
    planned = waiting.get("summary", ())
    unnamed = [name for name in attack.names if name not in " ".join(planned)]
    holds = not unnamed and attack.state() == before
    seen = f"{len(planned)} changes wait" + (f", not among them: {listed(unnamed)}" if unnamed else "")
    yield Proof("One plan names all that the stolen key has made, and nothing is changed", holds, seen)
    yield _left_out("The plan says what a guardrail leaves out", attack, str(waiting.get("message")))

    (done,) = stage.search(f"| respondapprove case={found.case} plan={waiting.get('plan')}")
    state = attack.state()
    holds = done.get("by") == APPROVER and state == CONTAINED
    yield Proof(f"Approved once by {APPROVER}: everything but the protected group is contained", holds, _words(state))
    task = stage.task(found)
    yield _left_out("The outcome says it, too", attack, task["message"])
    parts = _parts(stage, task["_key"])
    yield Proof("First what the attacker acts with, then what it has made", parts == PARTS, listed(parts))

    (undone,) = stage.search(f"| respondundo task={task['_key']}")
    state = attack.state()
    yield Proof("Undone, part by part: everything is as it was", state == before, str(undone.get("message")))


def _words(state: dict[str, Any]) -> str:
    denied, groups = state["denied everything"], {True: "open", False: "closed"}
    return (
        f"keys: {listed(state['keys'])}; denied everything: {sum(denied)} of {len(denied)} users and roles; "
        f"group: {groups[state['open']]}; protected group: {groups[state['protected group open']]}"
    )


def _left_out(claim: str, attack: Attack, message: str) -> Proof:
    """What a message says is not done has to be the protected group, and nothing else that was opened."""
    _, found, sentence = message.partition("Not done: ")
    return Proof(claim, attack.protected in sentence and attack.group not in sentence, found + sentence)


def _attack(stage: Stage) -> tuple[Attack, Found]:
    iam = stage.world.aws.client("iam")
    user_id = iam.create_user(UserName=USER)["User"]["UserId"]
    stolen = iam.create_access_key(UserName=USER)["AccessKey"]
    key, secret = stolen["AccessKeyId"], stolen["SecretAccessKey"]
    attacker = stage.recorder.watch(Actor(USER, key, secret, ATTACKER_IP, user_id=user_id))
    own = attacker.client("iam")
    second = own.create_access_key(UserName=USER)["AccessKey"]["AccessKeyId"]
    own.create_user(UserName=MADE)
    own.create_role(RoleName=MADE, AssumeRolePolicyDocument=TRUST)
    attack = Attack(stage, (key, second), stage.open_group(attacker), stage.open_group(attacker))
    stage.deliver()
    (record,) = stage.calls("CreateUser", MADE)
    finding = row(
        record,
        signature_id=DETECTION,
        signature="API use from a foreign country",
        object_category="AWS::IAM::User",
        object_id=USER,
        recommended_playbook="contain_actor",
        dedup_key=f"{DETECTION}|demo|{key}",
    )
    return attack, Found(finding)


def _parts(stage: Stage, task: str) -> list[str]:
    """In the order in which they were begun."""
    intended = stage.world.documents("responder_evidence", {"task": task, "kind": "intended"})
    bodies = (json.loads(one["body"]) for one in sorted(intended, key=lambda one: float(one["at"])))
    return list(dict.fromkeys(str(body["resource"]["part"]) for body in bodies))
