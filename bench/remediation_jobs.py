"""What the contenders of ``remediation.py`` have to put right: open security groups, stolen access keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

REGION = "us-east-1"


@dataclass(frozen=True)
class Job:
    """One thing to put right many times over."""

    #: As people say it; how many; the app's playbook.
    what: str
    count: int
    playbook: str
    #: Builds so many, by a quick AWS; has ``findings``, ``records`` (CloudTrail's, as JSON) and ``left()``.
    build: Callable[[str, int], Any]
    #: What people write first, with a client maker: one after the other.
    loop: Callable[[Callable[[str], Any], Sequence[Any]], None]
    #: Cloud Custodian's policy.
    policy: Mapping[str, Any]


def _client(url: str, service: str) -> Any:
    from sandbox.aws.server import client

    return client(url, service, REGION)


# Groups


def _open_groups(url: str, count: int) -> Any:
    from tests.aws.many import Opened

    made = Opened(_client(url, "ec2"))
    for number in range(count):
        made.open(f"group-{number}")
    return made


def _close_groups(client: Callable[[str], Any], findings: Sequence[Any]) -> None:
    ec2 = client("ec2")
    for group in (found.object_id for found in findings):
        answer = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
        rules = [rule for rule in answer["SecurityGroupRules"] if not rule["IsEgress"]]
        wide = [rule["SecurityGroupRuleId"] for rule in rules if rule.get("CidrIpv4") == "0.0.0.0/0"]
        ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=wide)


GROUPS = Job(
    "open groups closed",
    100,
    "revoke_open_ingress",
    _open_groups,
    _close_groups,
    {
        "name": "close-open-groups",
        "resource": "aws.security-group",
        "filters": [{"type": "ingress", "Cidr": {"value": "0.0.0.0/0"}}],
        "actions": [{"type": "remove-permissions", "ingress": "matched"}],
    },
)


# Keys


def _steal_keys(url: str, count: int) -> Any:
    from tests.aws.many import Stolen

    made = Stolen(_client(url, "iam"))
    for number in range(count):
        made.steal(f"user-{number}")
    return made


def _deactivate_keys(client: Callable[[str], Any], findings: Sequence[Any]) -> None:
    """The owner of a key is looked up: the event's user may be somebody else."""
    iam = client("iam")
    for key in (found.access_key_id for found in findings):
        owner = iam.get_access_key_last_used(AccessKeyId=key)["UserName"]
        iam.update_access_key(UserName=owner, AccessKeyId=key, Status="Inactive")


KEYS = Job(
    "stolen keys deactivated",
    50,
    "deactivate_access_key",
    _steal_keys,
    _deactivate_keys,
    {
        "name": "deactivate-keys",
        "resource": "aws.iam-user",
        "filters": [{"type": "access-key", "key": "Status", "value": "Active"}],
        "actions": [{"type": "remove-keys", "disable": True, "matched": True}],
    },
)
JOBS = (GROUPS, KEYS)
