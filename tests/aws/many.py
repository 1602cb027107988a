"""A hundred security groups that were opened to the world, and an alert that says so, remediated by many threads."""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any

from responder.errors import ResponderError
from responder.findings.finding import Finding
from responder.findings.proof import Proved, prove
from responder.remediation import registry
from responder.remediation.ports import Ports
from responder.remediation.recent_safety import RecentSafety
from responder.settings.reader import SETTINGS
from responder.splunk.client import Splunkd as Client

from sandbox.aws.server import ACCOUNT, REGION
from tests.aws.support import Tasks

PLAYBOOK = "revoke_open_ingress"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/mallory"
WORLD = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


class CountingClient(Client):
    """Writes down its requests: method and path, without keys."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.requests: list[str] = []

    def request(self, method: str, path: str, *arguments: Any, **named: Any) -> Any:
        self.requests.append(f"{method} {'/'.join(path.rpartition('collections/data/')[2].split('/')[:2])}")
        return super().request(method, path, *arguments, **named)


@dataclass
class Opened:
    """Security groups that are open to the world, the findings about them, and CloudTrail's records of it."""

    admin: Any
    findings: list[Finding] = field(default_factory=list)
    records: list[str] = field(default_factory=list)

    def open(self, name: str) -> Finding:
        group = self.admin.create_security_group(GroupName=name, Description="test")["GroupId"]
        answer = self.admin.authorize_security_group_ingress(GroupId=group, IpPermissions=[WORLD])
        rule = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        event_id = f"{group[-8:]}-0000-4000-8000-{group[-12:]}"
        now = datetime.now(timezone.utc)
        found = Finding(
            signature_id="security_group_opened",
            signature="Security group opened to the world",
            severity="high",
            dedup_key=f"security_group_opened|{group}",
            vendor_account=ACCOUNT,
            vendor_region=REGION,
            user_arn=CALLER,
            object_category="AWS::EC2::SecurityGroup",
            object_id=group,
            event_ids=(event_id,),
            first_time=now.timestamp(),
            last_time=now.timestamp(),
            detail={"rules": [_rule(rule)]},
        )
        self.findings.append(found)
        self.records.append(json.dumps(_record(event_id, group, rule, now)))
        return found

    def left(self) -> list[str]:
        """Groups of the findings with a rule that is open to the world."""
        groups = {finding.object_id for finding in self.findings}
        pages = self.admin.get_paginator("describe_security_group_rules").paginate()
        rules = [rule for page in pages for rule in page["SecurityGroupRules"]]
        return [rule["GroupId"] for rule in rules if rule["GroupId"] in groups and not rule["IsEgress"]]


@dataclass
class Stolen:
    """Access keys that somebody uses who has stolen them, the findings about it, and CloudTrail's records."""

    admin: Any
    findings: list[Finding] = field(default_factory=list)
    records: list[str] = field(default_factory=list)

    def steal(self, user: str) -> Finding:
        arn = str(self.admin.create_user(UserName=user)["User"]["Arn"])
        key = str(self.admin.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"])
        event_id, now = str(uuid.uuid4()), datetime.now(timezone.utc)
        found = Finding(
            signature_id="api_use_from_foreign_country",
            signature="API use from a foreign country",
            severity="high",
            dedup_key=f"api_use|{key}",
            vendor_account=ACCOUNT,
            vendor_region=REGION,
            user_arn=arn,
            access_key_id=key,
            event_ids=(event_id,),
            first_time=now.timestamp(),
            last_time=now.timestamp(),
        )
        identity = {"type": "IAMUser", "arn": arn, "accountId": ACCOUNT, "userName": user, "accessKeyId": key}
        call = {"eventSource": "ec2.amazonaws.com", "eventName": "DescribeInstances", "requestParameters": {}}
        self.findings.append(found)
        self.records.append(json.dumps({**_event(event_id, now), "userIdentity": identity, **call}))
        return found

    def left(self) -> list[str]:
        """Keys of the findings that still work."""
        users = [found.user_arn.rpartition("/")[2] for found in self.findings]
        listed = (self.admin.list_access_keys(UserName=user)["AccessKeyMetadata"] for user in users)
        return [key["AccessKeyId"] for keys in listed for key in keys if key["Status"] == "Active"]


def _rule(rule_id: str) -> dict[str, Any]:
    return {"rule_id": rule_id, "cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": "22", "to_port": "22"}


def _record(event_id: str, group: str, rule: str, now: datetime) -> dict[str, Any]:
    """As CloudTrail writes it (CloudTrail User Guide, "CloudTrail record contents")."""
    permission = {"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}
    made = {
        "groupId": group,
        "securityGroupRuleId": rule,
        "isEgress": False,
        "ipProtocol": "tcp",
        "fromPort": 22,
        "toPort": 22,
        "cidrIpv4": "0.0.0.0/0",
    }
    return {
        **_event(event_id, now),
        "userIdentity": {"type": "IAMUser", "arn": CALLER, "accountId": ACCOUNT, "userName": "mallory"},
        "eventSource": "ec2.amazonaws.com",
        "eventName": "AuthorizeSecurityGroupIngress",
        "requestParameters": {"groupId": group, "ipPermissions": {"items": [permission]}},
        "responseElements": {"_return": True, "securityGroupRuleSet": {"items": [made]}},
    }


def _event(event_id: str, now: datetime) -> dict[str, Any]:
    """What every record has."""
    return {
        "eventVersion": "1.11",
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "awsRegion": REGION,
        "sourceIPAddress": "198.51.100.7",
        "eventID": event_id,
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
    }


@dataclass
class Many(Tasks):
    """Remediations as the app runs them: proved by the index, the Safety tab read from splunkd, many threads."""

    threads: int = 16
    playbook: str = PLAYBOOK

    def __post_init__(self) -> None:
        self.client: CountingClient = self.documents  # type: ignore[assignment]
        self._tab = RecentSafety(self._read_tab)
        self._prepared = threading.local()

    def _read_tab(self) -> Any:
        """What the tab says is of no importance here, but that it is asked is."""
        self.client.conf(SETTINGS)
        return self.safety

    def ports(self) -> Ports:
        return replace(super().ports(), safety=self._tab)

    def remediate(self, found: Finding, task: str, run: str = "sid") -> Any:
        """The outcome, or the error."""
        from responder.remediation import runner

        claims = registry.get(self.playbook).claims(found)

        def unproved() -> str:
            proof = prove(self.client, found, self.clock(), claims)
            return "" if isinstance(proof, Proved) else proof.message

        request = self._request(found, self.playbook, "enforce", task, run)
        try:
            return runner.run(request, replace(self.ports(), unproved=unproved))
        except ResponderError as error:
            return error

    def remediate_all(self, findings: list[Finding]) -> list[Any]:
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(self.remediate, findings, self.keys(findings)))

    def keys(self, findings: list[Finding]) -> Iterator[str]:
        """The task of each finding, the same every time."""
        return (f"{self.case}.remediate.{found.object_id or found.access_key_id}" for found in findings)


def counted(outcomes: list[Any]) -> Mapping[str, int]:
    """How often each status or kind of error came out."""
    return Counter(getattr(outcome, "status", type(outcome).__name__) for outcome in outcomes)


Make = Callable[..., Many]
