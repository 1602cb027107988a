"""On call: sessions on servers and in containers, tunnels to databases, at any hour, from home."""

from __future__ import annotations

from ..company import CLI, OPERATORS, PROD, STAGING, digest, home, person
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(0.8)):
        name = OPERATORS[int(at / 168) % 2]
        who, target = person(name, "OnCall", (PROD, STAGING)[number % 2]), f"i-{digest(f'server{number % 6}')}"
        month.steps(
            at,
            who,
            (
                ("ec2:DescribeInstances", {}),
                ("ssm:StartSession", {"target": target}),
                ("ssm:TerminateSession", {"sessionId": f"{name}-1"}),
                (
                    "ecs:ExecuteCommand",
                    {"cluster": "main", "task": "1", "container": "web", "interactive": True, "command": "***"},
                ),
                (
                    "ssm:StartSession",
                    {
                        "target": target,
                        "documentName": "AWS-StartPortForwardingSessionToRemoteHost",
                        "parameters": {"host": ["shop.cluster.eu-central-1.rds.amazonaws.com"], "portNumber": ["5432"]},
                    },
                ),
                ("ec2:RebootInstances", {"instancesSet": {"items": [{"instanceId": target}]}}),
                ("ec2:GetConsoleOutput", {"instanceId": target}),
            ),
            seconds=120,
            ip=home(name),
            agent=CLI,
        )
