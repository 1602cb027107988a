"""Dispatch to AWS on the built app: to a subscriber of a topic, and to a company's own function."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.aws.doubles.lambda_invocations import invocations_of

ASSUME = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def test_a_finding_reaches_a_subscriber_once_and_a_function_only_as_a_playbook(site: Any) -> None:
    world, row = site.world, site.open_ssh()
    sns, sqs, iam = (world.aws.client(service) for service in ("sns", "sqs", "iam"))
    topic, queue = sns.create_topic(Name="findings")["TopicArn"], sqs.create_queue(QueueName="soc")["QueueUrl"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:soc", Attributes=raw)
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=ASSUME)["Role"]["Arn"]
    function = world.aws.client("lambda").create_function(
        FunctionName="close-group", Runtime="python3.13", Role=role, Handler="x.y", Code={"ZipFile": b"x"}
    )["FunctionArn"]
    template = "$result.object_id$ was opened by {user} of $result.Country$"
    soc = {"type": "sns", "aws_account": "production", "arn": topic, "message": "template", "template": template}
    world.save("dispatch", "soc", soc)
    own = {"type": "lambda", "aws_account": "production", "arn": function, "is_remediation": "1"}
    world.save("dispatch", "close_group", own)
    for _ in range(2):
        run = world.fire("dispatch", [row], {"target": "soc"})
        assert run.exit_code == 0, run.stderr
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [one["Body"] for one in messages] == [f"{row['object_id']} was opened by deploy-bot of "]
    refused = world.fire("dispatch", [row], {"target": "close_group"})
    assert refused.exit_code == 3 and "Choose playbook run_close_group" in refused.stderr
    run = world.fire("remediate", [row], {"playbook": "run_close_group"})
    assert run.exit_code == 0, run.stderr
    (invocation,) = invocations_of(world.aws.world())["close-group"]
    assert invocation.payload["data"]["finding"]["object_id"] == row["object_id"]
