"""What the acts of the demo share: somebody who opens groups, an alert that finds it, an analyst, and what is there."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.actors import Actor
from sandbox.aws.estate import Estate
from sandbox.aws.recorder import Recorder
from sandbox.aws.server import REGION
from sandbox.demo.story import Chapter, epoch
from sandbox.world import APP, World

#: Who decides: an analyst, who owns no alert.
APPROVER, PASSWORD = "kim", "a-password-1"
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
DETECTION = "security_group_opened_to_world"


@dataclass(frozen=True)
class Opened:
    """A group that was opened, and the result row of the search that has found it."""

    group: str
    row: dict[str, Any]

    @property
    def case(self) -> str:
        return hashlib.sha256(str(self.row["dedup_key"]).encode()).hexdigest()[:20]


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
        ec2 = self.somebody.client("ec2")
        groups = []
        for _ in range(count):
            name = f"demo-{next(self._numbers)}"
            groups.append(ec2.create_security_group(GroupName=name, Description="Demo")["GroupId"])
            ec2.authorize_security_group_ingress(GroupId=groups[-1], IpPermissions=[SSH])
        self.deliver()
        return [Opened(group, self._row(group)) for group in groups]

    def _row(self, group: str) -> dict[str, Any]:
        """As the detection's search gives it."""
        (record,) = self.calls("AuthorizeSecurityGroupIngress", group)
        rule = {"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": 22, "to_port": 22}
        return {
            "signature_id": DETECTION,
            "signature": "Security group opened to the world",
            "severity": "high",
            "vendor_account": record["recipientAccountId"],
            "vendor_region": REGION,
            "user": self.somebody.user,
            "user_arn": record["userIdentity"]["arn"],
            "object_category": "AWS::EC2::SecurityGroup",
            "object_id": group,
            "command": record["eventName"],
            "event_ids": [record["eventID"]],
            "first_time": f"{epoch(record['eventTime']):.0f}",
            "last_time": f"{epoch(record['eventTime']):.0f}",
            "recommended_playbook": "revoke_open_ingress",
            "detail": json.dumps({"rules": [rule]}),
            "dedup_key": f"{DETECTION}|demo|{group}",
        }

    def safety(self, **fields: str) -> None:
        """Save the Safety tab, as an administrator does; what is not named is as the demo began."""
        self.world.save("settings", "safety", {"default_mode": "enforce", "max_changes_per_run": "20", **fields})

    def remediate(self, *opened: Opened, mode: str = "enforce") -> None:
        self.world.fire("remediate", [one.row for one in opened], {"mode": mode})

    # Doors for people

    def search(self, spl: str) -> list[dict[str, Any]]:
        """A search by the analyst; what a command says that refuses is an empty answer with the reason."""
        form = {"search": spl, "exec_mode": "oneshot", "count": "0"}
        answer = self.world.rest("POST", "search/jobs", APPROVER, data=form)
        return list(answer.json()["results"]) if answer.ok else [{"message": answer.text}]

    def post(self, endpoint: str, **body: Any) -> dict[str, Any]:
        """One of the app's endpoints, by the analyst; what it answers, also where it refuses."""
        answer = self.world.rest("POST", f"{APP}/{endpoint}", APPROVER, json=body)
        return {"status_code": answer.status_code, **answer.json()}

    # What is there

    def is_open(self, opened: Opened) -> bool:
        filters = [{"Name": "group-id", "Values": [opened.group]}]
        rules = self.world.aws.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        return any(rule.get("CidrIpv4") == "0.0.0.0/0" for rule in rules if not rule["IsEgress"])

    def calls(self, name: str, group: str) -> list[dict[str, Any]]:
        """What really happened: calls of a name about a group that AWS carried out."""
        return [
            record
            for record in self.recorder.everything
            if record["eventName"] == name
            and not record.get("errorCode")
            and group in json.dumps(record["requestParameters"])
        ]

    def task(self, opened: Opened) -> dict[str, Any]:
        """The remediation of a case as it stands."""
        query = {"case_id": opened.case, "kind": "remediation.run"}
        (task,) = self.world.documents("responder_tasks", query)
        return task

    def tickets(self, opened: Opened) -> list[str]:
        return [issue.key for issue in self.world.jira.issues() if f"ctr-{opened.case}" in issue.labels]
