"""Security groups that let the world in."""

from __future__ import annotations

from typing import Any

PLAYBOOK = "revoke_open_ingress"


def world(port: int) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


class Group:
    """A security group that lets the world in."""

    def __init__(self, ec2: Any, name: str) -> None:
        self._ec2 = ec2
        self.id = ec2.create_security_group(GroupName=name, Description="test")["GroupId"]
        self.open(22)

    def open(self, port: int) -> None:
        self._ec2.authorize_security_group_ingress(GroupId=self.id, IpPermissions=[world(port)])

    def close(self, port: int) -> None:
        self._ec2.revoke_security_group_ingress(GroupId=self.id, IpPermissions=[world(port)])

    @property
    def is_open(self) -> bool:
        return bool(self._open_rules())

    @property
    def detail(self) -> dict[str, Any]:
        """What a finding says of the rules that let the world in."""
        return {"rules": [{"rule_id": rule["SecurityGroupRuleId"]} for rule in self._open_rules()]}

    def _open_rules(self) -> list[dict[str, Any]]:
        filters = [{"Name": "group-id", "Values": [self.id]}]
        rules = self._ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
        return [rule for rule in rules if not rule["IsEgress"] and rule.get("CidrIpv4") == "0.0.0.0/0"]
