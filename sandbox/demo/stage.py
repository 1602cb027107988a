"""What the acts of the demo share: somebody who opens groups, an alert that finds it, an analyst, and what is there."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sandbox.aws.actors import Actor
from sandbox.aws.estate import Estate
from sandbox.aws.recorder import Recorder
from sandbox.aws.server import REGION
from sandbox.demo.proof import Proof
from sandbox.demo.story import Chapter, epoch
from sandbox.world import APP, World

#: Who decides: an analyst, who owns no alert.
APPROVER, PASSWORD = "kim", "a-password-1"
#: Who answers in Jira and in Slack; by which status and label, as the Jira sites tab has it.
ANSWERS, STATUS, LABEL = "alice", "Approved", "ctr-approve"
#: What acts change of the Safety tab, as the demo began.
SAFETY = {"default_mode": "enforce", "max_changes_per_hour": "100", "protected_resources": ""}
#: Seconds for which what the app does by itself is waited for.
PATIENCE = 60.0
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
DETECTION = "security_group_opened_to_world"
T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """The result row of a search that has found something."""

    row: dict[str, Any]

    @property
    def case(self) -> str:
        return hashlib.sha256(str(self.row["dedup_key"]).encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Opened(Found):
    """A group that was opened, and the row that reports it."""

    group: str


@dataclass
class Stage:
    world: World
    estate: Estate
    recorder: Recorder
    #: Somebody with a good key, whose calls CloudTrail records.
    somebody: Actor
    #: Delivers CloudTrail's log files into the index.
    deliver: Callable[[], None]
    #: The attacks that were answered.
    chapters: Sequence[Chapter]
    _numbers: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        form = {"name": APPROVER, "password": PASSWORD, "roles": f"{APP}_analyst"}
        self.world.rest("POST", "/services/authentication/users", data=form).raise_for_status()

    # What happens

    def open_groups(self, count: int = 1) -> list[Opened]:
        """Somebody opens SSH of fresh groups to the world; their records are in the index."""
        groups = [self.open_group(self.somebody) for _ in range(count)]
        self.deliver()
        return [Opened(self._row_of(group), group) for group in groups]

    def open_group(self, actor: Actor) -> str:
        """An actor opens SSH of a fresh group to the world; gives the group's ID."""
        ec2, name = actor.client("ec2"), f"demo-{next(self._numbers)}"
        group = str(ec2.create_security_group(GroupName=name, Description="Demo")["GroupId"])
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[SSH])
        return group

    def _row_of(self, group: str) -> dict[str, Any]:
        (record,) = self.calls("AuthorizeSecurityGroupIngress", group)
        rule = {"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": 22, "to_port": 22}
        return row(
            record,
            signature_id=DETECTION,
            signature="Security group opened to the world",
            object_category="AWS::EC2::SecurityGroup",
            object_id=group,
            recommended_playbook="revoke_open_ingress",
            detail=json.dumps({"rules": [rule]}),
            dedup_key=f"{DETECTION}|demo|{group}",
        )

    def safety(self, **fields: str) -> None:
        """Save the Safety tab, as an administrator does; what is not named is as the demo began."""
        self.world.save("settings", "safety", {**SAFETY, **fields})

    def fire(self, action: str, *found: Found, **parameters: str) -> None:
        """Have the alert that found these run one of its actions."""
        self.world.fire(action, [one.row for one in found], parameters)

    def remediate(self, *found: Found, mode: str = "enforce") -> None:
        self.fire("remediate", *found, mode=mode)

    @staticmethod
    def until(found: Callable[[], T]) -> T:
        """What is found as soon as it is true, or what there is when patience ends."""
        deadline = time.monotonic() + PATIENCE
        while not (value := found()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return value

    def work_until(self, is_so: Callable[[], bool]) -> None:
        """Rounds of the app's worker, one at least, until it is so or patience ends."""

        def worked() -> bool:
            self.world.work()
            return is_so()

        self.until(worked)

    # Doors for people

    def search(self, spl: str) -> list[dict[str, Any]]:
        """A search by the analyst; what a command says that refuses is an empty answer with the reason."""
        return self._search(spl, APPROVER)

    def _search(self, spl: str, user: str) -> list[dict[str, Any]]:
        form = {"search": spl, "exec_mode": "oneshot", "count": "0"}
        answer = self.world.rest("POST", "search/jobs", user, data=form)
        return list(answer.json()["results"]) if answer.ok else [{"message": answer.text}]

    def administer(self, spl: str) -> list[dict[str, Any]]:
        """As ``search``, by an administrator."""
        return self._search(spl, self.world.splunkd.admin[0])

    def post(self, endpoint: str, **body: Any) -> dict[str, Any]:
        """One of the app's endpoints, by the analyst; what it answers, also where it refuses."""
        answer = self.world.rest("POST", f"{APP}/{endpoint}", APPROVER, json=body)
        return {"status_code": answer.status_code, **answer.json()}

    # What is there

    def is_open(self, opened: Opened) -> bool:
        return self.is_group_open(opened.group)

    def is_group_open(self, group: str) -> bool:
        filters = [{"Name": "group-id", "Values": [group]}]
        rules = self.world.aws.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        return any(rule.get("CidrIpv4") == "0.0.0.0/0" for rule in rules if not rule["IsEgress"])

    def calls(self, name: str, about: str) -> list[dict[str, Any]]:
        """What really happened: calls of a name about a group or a user that AWS carried out."""
        return [
            record
            for record in self.recorder.everything
            if record["eventName"] == name
            and not record.get("errorCode")
            and about in json.dumps(record["requestParameters"])
        ]

    def task(self, found: Found) -> dict[str, Any]:
        """The remediation of a case as it stands."""
        query = {"case_id": found.case, "kind": "remediation.run"}
        (task,) = self.world.documents("responder_tasks", query)
        return task

    def approved(self, claim: str, opened: Opened) -> Proof:
        """That ``ANSWERS`` has approved the plan of a group, by the audit, and that the group is closed."""
        spl = 'search index=main sourcetype="cloudtrail_responder:audit" step=approved | dedup id | table _raw'
        events = (json.loads(str(row["_raw"])) for row in self.world.splunkd.search(spl).rows)
        given = [(event["by"], event["way"]) for event in events if event.get("case_id") == opened.case]
        holds = [by for by, _ in given] == [f"{ANSWERS}@example.com"] and not self.is_open(opened)
        group = "open" if self.is_open(opened) else "closed"
        who = ", ".join(f"approved by {by}, way: {way}" for by, way in given) or "not approved"
        return Proof(claim, holds, f"{who}; the group is {group}")

    def tickets(self, opened: Opened) -> list[str]:
        return [issue.key for issue in self.world.jira.issues() if f"ctr-{opened.case}" in issue.labels]


def row(record: Mapping[str, Any], **more: str) -> dict[str, Any]:
    """A finding of one record, as a detection's search gives it. ``more``: what only the detection knows."""
    who = record["userIdentity"]
    return {
        "severity": "high",
        "vendor_account": record["recipientAccountId"],
        "vendor_region": REGION,
        "user": who["userName"],
        "user_arn": who["arn"],
        "access_key_id": who["accessKeyId"],
        "command": record["eventName"],
        "event_ids": [record["eventID"]],
        "first_time": f"{epoch(record['eventTime']):.0f}",
        "last_time": f"{epoch(record['eventTime']):.0f}",
        **more,
    }
