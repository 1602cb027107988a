"""The built app on the sandbox, set up through its own doors, and findings as its searches would bring them."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws import ACCOUNT, estate
from sandbox.runner import interpreters
from sandbox.world import Key, World

_numbers = itertools.count(1)


@dataclass
class Site:
    """A running world with an estate, and ways to make trouble in it."""

    world: World
    estate: estate.Estate

    def open_ssh(self) -> dict[str, Any]:
        """Open SSH of a fresh group to the world, and give the finding of it as a result row."""
        ec2, number = self.world.aws.client("ec2"), next(_numbers)
        group = ec2.create_security_group(GroupName=f"web-{number}-{time.time()}", Description="Web")["GroupId"]
        everyone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone])
        return self.finding(group, f"event-{number}")

    def finding(self, group: str, event_id: str) -> dict[str, Any]:
        now = str(int(time.time()))
        rules = [{"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": 22, "to_port": 22}]
        return {
            "signature_id": "security_group_opened_to_world",
            "signature": "Security group opened to the world",
            "severity": "high",
            "vendor_account": ACCOUNT,
            "vendor_region": "us-east-1",
            "user": "deploy-bot",
            "object_category": "AWS::EC2::SecurityGroup",
            "object_id": group,
            "command": "AuthorizeSecurityGroupIngress",
            "outcome": "success",
            "event_ids": [event_id],
            "first_time": now,
            "last_time": now,
            "recommended_playbook": "revoke_open_ingress",
            "detail": json.dumps({"rules": rules}),
            "dedup_key": f"security_group_opened_to_world|{ACCOUNT}|{group}",
        }

    def open_to_world(self, group: str) -> bool:
        filters = [{"Name": "group-id", "Values": [group]}]
        rules = self.world.aws.client("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        return any(r.get("CidrIpv4") == "0.0.0.0/0" for r in rules if not r["IsEgress"])

    def let_leases_expire(self) -> None:
        """What 60 seconds would do to the leases of processes that died."""
        for lease in self.world.documents("responder_leases"):
            path = f"storage/collections/data/responder_leases/{lease['_key']}"
            self.world.rest("POST", path, json={**lease, "expires_at": 0}).raise_for_status()

    def messages(self) -> list[Any]:
        """Slack messages that start a thread."""
        return [m for m in self.world.slack.messages() if not m.thread_ts or m.thread_ts == m.ts]


@pytest.fixture
def site(tmp_path: Path, built_app: Path, python_version: str) -> Iterator[Site]:
    with World(tmp_path / "splunk", built_app, python_version) as world:
        built = estate.build(world.aws)
        key = Key(built.responder_key.access_key_id, built.responder_key.secret_access_key)
        world.configure(key, mode="enforce", lease_seconds="60", unsure_seconds="0.1")
        yield Site(world, built)


@pytest.fixture
def one_version() -> str:
    """One of Splunk's Pythons that this machine has, for tests whose subject is not the version."""
    versions = interpreters.available()
    if not versions:
        pytest.skip("neither Python 3.9 nor 3.13 is on this machine")
    return versions[-1]
