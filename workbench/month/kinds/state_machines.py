"""State machines and functions of the shop, which call each other."""

from __future__ import annotations

from ..company import role, service
from ..month import Month


def happens(month: Month) -> None:
    who = role("order-flow", "order-flow")
    for number, at in enumerate(month.runs(20)):
        month.steps(
            at,
            who,
            (
                ("states:StartExecution", {"stateMachineArn": "orders", "name": f"{number}"}),
                ("dynamodb:DescribeTable", {"tableName": "orders"}),
                ("sqs:GetQueueUrl", {"queueName": "orders"}),
                ("events:DescribeRule", {"name": "nightly"}),
            ),
        )
        month.data(at, service("states"), "lambda:Invoke", {"functionName": "charge"})
