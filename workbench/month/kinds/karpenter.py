"""Karpenter: nodes of many kinds and sizes, by the minute, with instance profiles and launch templates of its own."""

from __future__ import annotations

from typing import Any

from ..company import CLUSTER, GO, Identity, digest, instances, pod
from ..month import Month

FROM: dict[str, Any] = {"ip": CLUSTER, "agent": GO + " karpenter.sh-1.0.6"}
TYPES = ("m6i.large", "c7g.2xlarge", "r6i.4xlarge", "m7g.8xlarge", "c6i.16xlarge")


def happens(month: Month) -> None:
    who = pod("KarpenterController")
    for number, at in enumerate(month.runs(24)):
        _node(month, at, who, number)
    for at in month.runs(0.3, 20, 23):
        _consolidation(month, at, who)
    for at in month.runs(0.2):
        _profile(month, at, who)


def _node(month: Month, at: float, who: Identity, number: int) -> None:
    """One is launched, and terminated when it is no longer needed."""
    size, node = month.chance.choice(TYPES), f"i-{digest(f'karpenter{number}')}"
    template = {"LaunchTemplateName": f"karpenter.k8s.aws/{digest(str(number), 10)}"}
    profile = {"IamInstanceProfile": {"Name": "main_1234567890"}, "ImageId": "ami-0123456789abcdef0"}
    fleet = {"Type": "instant", "LaunchTemplateConfigs": {"Overrides": [{"InstanceType": one} for one in TYPES[:3]]}}
    month.steps(
        at,
        who,
        (
            ("ec2:DescribeInstanceTypes", {}),
            ("ec2:CreateLaunchTemplate", {"CreateLaunchTemplateRequest": {**template, "LaunchTemplateData": profile}}),
            ("ec2:CreateFleet", {"CreateFleetRequest": fleet}),
        ),
        **FROM,
    )
    launched = {"instanceType": size, "minCount": 1, "maxCount": 1, "launchTemplate": template}
    answer = {"instancesSet": {"items": [{"instanceId": node, "instanceType": size}]}}
    month.call(at + 0.002, {**who, "invokedBy": "ec2fleet.amazonaws.com"}, "ec2:RunInstances", launched, answer)
    month.steps(
        at + 3,
        who,
        (
            ("ec2:TerminateInstances", instances(node)),
            ("ec2:DeleteLaunchTemplate", {"DeleteLaunchTemplateRequest": template}),
        ),
        **FROM,
    )


def _consolidation(month: Month, at: float, who: Identity) -> None:
    """Half of the nodes are replaced at once."""
    for number in range(14):
        node = instances(f"i-{digest(f'{at}{number}')}")
        month.call(at + number / 300, who, "ec2:TerminateInstances", node, **FROM)


def _profile(month: Month, at: float, who: Identity) -> None:
    name = {"instanceProfileName": f"main_{digest(str(at), 10)}"}
    month.steps(
        at,
        who,
        (
            ("iam:CreateInstanceProfile", name),
            ("iam:TagInstanceProfile", name),
            ("iam:AddRoleToInstanceProfile", {**name, "roleName": "KarpenterNodeRole-main"}),
            ("iam:RemoveRoleFromInstanceProfile", {**name, "roleName": "KarpenterNodeRole-main"}),
            ("iam:DeleteInstanceProfile", name),
        ),
        seconds=600,
        **FROM,
    )
