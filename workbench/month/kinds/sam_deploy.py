"""Developers deploy functions from their machines with SAM, in the development account."""

from __future__ import annotations

from ..company import CLI, DEV, DEVELOPERS, OFFICE, home, person, through
from ..month import Month


def happens(month: Month) -> None:
    for at in month.runs(1.5, 9, 18, workdays=True):
        name = month.chance.choice(DEVELOPERS)
        who = person(name, "DeveloperAccess", DEV)
        ip = month.chance.choice((OFFICE, home(name)))
        stack = {"stackName": f"sam-{name[:3]}", "capabilities": ["CAPABILITY_IAM"]}
        month.steps(
            at,
            who,
            (
                ("cloudformation:DescribeStacks", stack),
                ("cloudformation:CreateChangeSet", stack),
                ("cloudformation:ExecuteChangeSet", stack),
            ),
            ip=ip,
            agent=CLI + " aws-sam-cli/1.120.0",
        )
        by = through(who, "cloudformation")
        month.steps(
            at + 0.01,
            by,
            (
                ("lambda:UpdateFunctionCode20150331v2", {"functionName": f"sam-{name[:3]}"}),
                ("lambda:UpdateFunctionConfiguration20150331v2", {"functionName": f"sam-{name[:3]}", "layers": []}),
            ),
        )
        month.call(
            at + 0.02, who, "lambda:UpdateFunctionCode20150331v2", {"functionName": f"sam-{name[:3]}"}, ip=ip, agent=CLI
        )
