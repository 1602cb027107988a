"""Packer bakes images: a key pair and a security group for SSH, an instance, an image for all accounts."""

from __future__ import annotations

from ..company import DEV, GO, NAT, PROD, STAGING, digest, ingress, instances, role
from ..month import Month

AGENT = GO + " Packer/1.11.1 (+https://www.packer.io/; go1.22; linux/amd64)"


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(0.7, 4, 6, workdays=True)):
        name, who = digest(f"packer{number}"), role("image-bakery", f"packer-{number}", DEV)
        image = {"imageId": f"ami-{name}"}
        answer = {"instancesSet": {"items": [{"instanceId": f"i-{name}"}]}}
        shared = {"add": {"items": [{"userId": PROD}, {"userId": STAGING}]}}
        month.steps(
            at,
            who,
            (
                ("ec2:DescribeImages", {}),
                ("ec2:CreateKeyPair", {"keyName": f"packer_{name}"}),
                ("ec2:CreateSecurityGroup", {"groupName": f"packer_{name}"}),
                ("ec2:AuthorizeSecurityGroupIngress", ingress("0.0.0.0/0", 22, f"sg-{name}")),
                ("ec2:RunInstances", {"instanceType": "t3.large", "keyName": f"packer_{name}"}, answer),
                ("ec2:StopInstances", instances(f"i-{name}")),
                ("ec2:CreateImage", {"instanceId": f"i-{name}", "name": f"base-{number}"}),
                (
                    "ec2:ModifyImageAttribute",
                    {**image, "launchPermission": shared, "attributeType": "launchPermission"},
                ),
                ("ec2:TerminateInstances", instances(f"i-{name}")),
                ("ec2:DeleteSecurityGroup", {"groupId": f"sg-{name}"}),
                ("ec2:DeleteKeyPair", {"keyName": f"packer_{name}"}),
                ("ec2:DeregisterImage", {"imageId": f"ami-{digest(f'packer{number - 10}')}"}),
                ("ec2:DeleteSnapshot", {"snapshotId": f"snap-{digest(f'packer{number - 10}')}"}),
            ),
            seconds=30,
            ip=NAT,
            agent=AGENT,
        )
