"""What a plan is about, in AWS and in the index: resources that somebody has opened, and CloudTrail's records of it.

The records are those of real calls at moto, with the plan's event ids, and are indexed before any alert runs.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.aws import ACCOUNT
from sandbox.aws.actors import Actor
from sandbox.aws.records import record
from sandbox.aws.server import REGION, AwsStandIn
from sandbox.runner.host import Row
from sandbox.world import World
from tests.chaos.plan import Case, Finding, Plan

SOURCE_IP = "203.0.113.66"
WORLD = "0.0.0.0/0"
LOG_BUCKET = "chaos-trail-logs"
_BLOCK = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


@dataclass(frozen=True)
class User:
    """An IAM user. ``keys``: access key ids by the name that the plan gives them."""

    name: str
    id: str
    keys: Mapping[str, str]


class Clients:
    """Clients of moto, opened once a world: opening one takes longer than a hundred calls."""

    def __init__(self, aws: AwsStandIn) -> None:
        self._aws = aws
        self._clients: dict[str, Any] = {}
        # One for all users, so that they share its clients.
        self._actor = Actor("", "", "", SOURCE_IP, url=aws.url, listener=self._record)
        #: CloudTrail's records of what users have done.
        self.records: list[dict[str, Any]] = []

    def client(self, service: str) -> Any:
        """With the sandbox's own rights, unseen by CloudTrail."""
        if service not in self._clients:
            self._clients[service] = self._aws.client(service)
        return self._clients[service]

    def acting(self, user: User, key: str, service: str) -> Any:
        """A client whose next calls CloudTrail records as those of a user with one of their keys."""
        self._actor.user, self._actor.user_id, self._actor.access_key_id = user.name, user.id, user.keys[key]
        return self._actor.client(service)

    def user(self, name: str, keys: Sequence[str] = ("A",)) -> User:
        """Make a user with access keys."""
        iam = self.client("iam")
        made = iam.create_user(UserName=name)["User"]
        ids = {key: iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"] for key in keys}
        return User(name, made["UserId"], ids)

    def _record(self, actor: Actor, model: Any, region: str, given: dict[str, Any], parsed: dict[str, Any]) -> None:
        self.records.append(record(actor, model, region, given, parsed))


class Target(ABC):
    """What a case is about. A change is one line of text, the same for what is expected, made and in force."""

    signature: str
    playbook: str
    category: str

    def __init__(self, clients: Clients, plan: Plan, case: Case) -> None:
        self.plan = plan
        self.case = case
        self.name = plan.name(case.number)
        self.clients = clients
        self.user = clients.user(f"{self.name}-user", sorted({"A", "B"} & set(case.subjects)) or ["A"])
        #: CloudTrail's, by event number.
        self.records: dict[int, dict[str, Any]] = {}
        self.prepare()
        for number, subject in enumerate(case.subjects, 1):
            self.perform(subject)
            self.records[number] = {**clients.records[-1], "eventID": plan.event_id(case.number, number)}

    @abstractmethod
    def prepare(self) -> None:
        """Build it, with neighbors that no finding is about."""

    @abstractmethod
    def perform(self, subject: str) -> None:
        """Do what an event of the case reports."""

    @abstractmethod
    def change(self, event: int) -> str:
        """The change to be made when a finding with this event is enforced."""

    @abstractmethod
    def in_force(self) -> set[str]:
        """The changes that AWS shows as made, also those that nobody wants."""

    @property
    @abstractmethod
    def object_id(self) -> str: ...

    @property
    def dedup_key(self) -> str:
        return f"{self.signature}:{ACCOUNT}:{REGION}:{self.name}"

    @property
    def tokens(self) -> set[str]:
        """What names the case in requests, tickets and messages."""
        events = {self.plan.event_id(self.case.number, event) for event in self.records}
        # The name alone would be found in that of case 12 as well.
        return {self.dedup_key, f"{self.name}-user", self.object_id, *events}

    def row(self, events: Sequence[int]) -> dict[str, Any]:
        """A finding as a result row."""
        records = [self.records[event] for event in events]
        newest, now = records[-1], str(int(time.time()))
        return {
            "signature_id": self.signature,
            "signature": self.signature.replace("_", " ").capitalize(),
            "severity": "high",
            "dedup_key": self.dedup_key,
            "vendor_account": ACCOUNT,
            "vendor_region": newest["awsRegion"],
            "user": self.user.name,
            "user_type": "IAMUser",
            "user_arn": newest["userIdentity"]["arn"],
            "access_key_id": newest["userIdentity"]["accessKeyId"],
            "src_ip": SOURCE_IP,
            "user_agent": newest["userAgent"],
            "object_category": self.category,
            "object_id": self.object_id,
            "command": newest["eventName"],
            "outcome": "success",
            "reason": f"{self.user.name} called {newest['eventName']}",
            "event_ids": [one["eventID"] for one in records],
            "event_count": str(len(records)),
            "first_time": now,
            "last_time": now,
            "recommended_playbook": self.playbook,
            "throttle_seconds": str(self.case.throttle),
            "detail": json.dumps(self.detail(events)),
        }

    def detail(self, events: Sequence[int]) -> dict[str, Any]:
        return {}


class Group(Target):
    """A security group in which each event opened another port to the world."""

    signature, playbook = "security_group_opened_to_world", "revoke_open_ingress"
    category = "AWS::EC2::SecurityGroup"
    #: Rules that no finding is about, open to the world or to the office.
    NEIGHBORS = ((8443, WORLD), (443, WORLD), (22, "198.51.100.0/24"))

    def prepare(self) -> None:
        self._ec2 = self.clients.client("ec2")
        self._group = str(self._ec2.create_security_group(GroupName=self.name, Description="Chaos")["GroupId"])
        for port, cidr in self.NEIGHBORS:
            self._ec2.authorize_security_group_ingress(GroupId=self._group, IpPermissions=[_permission(port, cidr)])

    def perform(self, subject: str) -> None:
        self.clients.acting(self.user, "A", "ec2").authorize_security_group_ingress(
            GroupId=self._group, IpPermissions=[_permission(int(subject), WORLD)]
        )

    def change(self, event: int) -> str:
        return f"revoke {self._group} {self.case.subjects[event - 1]}"

    def rules(self) -> dict[str, str]:
        """Port by rule id, of the rules that were opened."""
        return {rule["securityGroupRuleId"]: str(rule["fromPort"]) for rule in map(_rule, self.records.values())}

    def in_force(self) -> set[str]:
        filters = [{"Name": "group-id", "Values": [self._group]}]
        rules = self._ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        present = {(rule["FromPort"], rule.get("CidrIpv4")) for rule in rules if not rule["IsEgress"]}
        built = [*((int(port), WORLD) for port in self.case.subjects), *self.NEIGHBORS]
        gone = [rule for rule in built if rule not in present]
        return {f"revoke {self._group} {port}" + f" {cidr}" * (cidr != WORLD) for port, cidr in gone}

    @property
    def object_id(self) -> str:
        return self._group

    def detail(self, events: Sequence[int]) -> dict[str, Any]:
        rules = [_rule(self.records[event]) for event in events]
        listed = [
            {
                "rule_id": rule["securityGroupRuleId"],
                "cidr": WORLD,
                "protocol": "tcp",
                "from_port": rule["fromPort"],
                "to_port": rule["toPort"],
            }
            for rule in rules
        ]
        return {"group_id": self._group, "rules": listed}


class AccessKeys(Target):
    """A user with access keys A and B; each event is a call with one of them."""

    signature, playbook = "iam_enumeration", "deactivate_access_key"
    category = "AWS::IAM::AccessKey"

    def prepare(self) -> None:
        self._neighbor = self.clients.user(f"{self.name}-neighbor")

    def perform(self, subject: str) -> None:
        self.clients.acting(self.user, subject, "iam").list_users(MaxItems=1)

    def change(self, event: int) -> str:
        return f"deactivate {self.user.keys[self.case.subjects[event - 1]]}"

    def in_force(self) -> set[str]:
        iam = self.clients.client("iam")
        names = (self.user.name, self._neighbor.name)
        keys = [key for name in names for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]]
        return {f"deactivate {key['AccessKeyId']}" for key in keys if key["Status"] != "Active"}

    @property
    def object_id(self) -> str:
        return self.user.keys["A"]

    @property
    def tokens(self) -> set[str]:
        return super().tokens | set(self.user.keys.values())

    def row(self, events: Sequence[int]) -> dict[str, Any]:
        found = super().row(events)
        return {**found, "object_id": found["access_key_id"]}


class Bucket(Target):
    """A bucket whose public access block was removed, and removed again."""

    signature, playbook = "s3_public_access_block_removed", "block_public_bucket"
    category = "AWS::S3::Bucket"

    def prepare(self) -> None:
        self._s3 = self.clients.client("s3")
        self._bucket, self._neighbor = f"{self.name}-bucket", f"{self.name}-neighbor"
        for name in (self._bucket, self._neighbor):
            self._s3.create_bucket(Bucket=name)

    def perform(self, subject: str) -> None:
        self.clients.acting(self.user, "A", "s3").delete_public_access_block(Bucket=self._bucket)

    def change(self, event: int) -> str:
        return f"block {self._bucket}"

    def in_force(self) -> set[str]:
        return {f"block {name}" for name in (self._bucket, self._neighbor) if self._blocked(name)}

    def _blocked(self, name: str) -> bool:
        try:
            answer = self._s3.get_public_access_block(Bucket=name)
        except self._s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
                raise
            return False
        return bool(answer["PublicAccessBlockConfiguration"] == _BLOCK)

    @property
    def object_id(self) -> str:
        return self._bucket


class Trail(Target):
    """A trail whose logging was stopped, and stopped again."""

    signature, playbook = "trail_logging_stopped", "restart_trail_logging"
    category = "AWS::CloudTrail::Trail"

    def prepare(self) -> None:
        self._cloudtrail = self.clients.client("cloudtrail")
        # In us-east-1 it is no error to create one's own bucket again.
        self.clients.client("s3").create_bucket(Bucket=LOG_BUCKET)
        self._trail, self._neighbor = f"{self.name}-trail", f"{self.name}-neighbor"
        for name in (self._trail, self._neighbor):
            self._cloudtrail.create_trail(Name=name, S3BucketName=LOG_BUCKET)

    def perform(self, subject: str) -> None:
        self.clients.acting(self.user, "A", "cloudtrail").stop_logging(Name=self._trail)

    def change(self, event: int) -> str:
        return f"start {self._trail}"

    def in_force(self) -> set[str]:
        names = (self._trail, self._neighbor)
        return {f"start {name}" for name in names if self._cloudtrail.get_trail_status(Name=name)["IsLogging"]}

    @property
    def object_id(self) -> str:
        return self._trail


_TARGETS: Mapping[str, type[Target]] = {"group": Group, "key": AccessKeys, "bucket": Bucket, "trail": Trail}


class Scenario:
    """The targets of a plan, built and indexed."""

    def __init__(self, world: World, clients: Clients, plan: Plan) -> None:
        self.plan = plan
        self.targets = [_TARGETS[case.kind](clients, plan, case) for case in plan.cases]
        records = [one for target in self.targets for one in target.records.values()]
        world.splunkd.add_events(records, index="main", sourcetype="aws:cloudtrail", source="chaos")

    def rows(self, findings: Sequence[Finding]) -> list[Row]:
        return [self.targets[finding.case].row(finding.events) for finding in findings]

    def rules(self) -> dict[str, str]:
        """Port by security group rule id, of all groups."""
        groups = [target for target in self.targets if isinstance(target, Group)]
        return {rule: port for group in groups for rule, port in group.rules().items()}

    def in_force(self) -> Iterator[str]:
        for target in self.targets:
            yield from target.in_force()


def _permission(port: int, cidr: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}


def _rule(cloudtrail_record: dict[str, Any]) -> dict[str, Any]:
    """The rule that a record of AuthorizeSecurityGroupIngress reports."""
    (rule,) = cloudtrail_record["responseElements"]["securityGroupRuleSet"]["items"]
    return dict(rule)
