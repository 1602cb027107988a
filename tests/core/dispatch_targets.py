"""The core with an AWS account on moto, and targets in it to dispatch to."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

from core_findings import ACCOUNT, finding
from responder.engine.services import Services

from sandbox.aws.doubles.lambda_invocations import code_of, invocations_of
from sandbox.aws.doubles.ssm_automations import executions_of
from sandbox.aws.server import AwsStandIn
from tests.aws.support import FaultyAws

REGION = "us-east-1"
ASSUME = json.dumps({"Version": "2012-10-17", "Statement": []})
RUNBOOK = {"schemaVersion": "0.3", "parameters": {"User": {"type": "String"}}, "mainSteps": []}


class Out:
    """The core with an AWS account, and targets in it."""

    def __init__(self, core: Any, aws: AwsStandIn, faulty: FaultyAws) -> None:
        self.core, self.aws, self.faulty = core, aws, faulty
        # Clients of AWS as the engine makes them, in place of those that refuse.
        core.services.aws = MethodType(Services.aws, core.services)
        core.save("settings", "developer", aws_endpoint_url=faulty.url)
        core.save("aws_account", "production", account_id=ACCOUNT, auth_type="access_key", access_key_id="AKIATEST000")
        core.secret("aws_account", "production", secret_access_key="secret")

    @classmethod
    @contextmanager
    def on(cls, core: Any, aws: AwsStandIn) -> Iterator[Out]:
        """Behind a proxy that can make AWS fail."""
        faulty = FaultyAws(aws.url)
        yield cls(core, aws, faulty)
        faulty.stop()

    def target(self, name: str, kind: str, arn: str, **fields: str) -> None:
        self.core.save("dispatch", name, type=kind, aws_account="production", arn=arn, **fields)

    def dispatch(self, *events: str, about: Any = None, **parameters: str) -> Any:
        return self.core.ask(about or finding(1, *events), "dispatch", **parameters)

    def queue(self, fifo: bool = False) -> tuple[str, str]:
        """URL and ARN of a new queue."""
        name = f"q-{uuid.uuid4().hex[:12]}" + (".fifo" if fifo else "")
        client = self.aws.client("sqs")
        url = client.create_queue(QueueName=name, Attributes={"FifoQueue": "true"} if fifo else {})["QueueUrl"]
        return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def received(self, url: str) -> list[dict[str, Any]]:
        asked = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "VisibilityTimeout": 0}
        return list(self.aws.client("sqs").receive_message(QueueUrl=url, **asked).get("Messages", ()))

    def bodies(self, url: str) -> list[Any]:
        return [json.loads(one["Body"]) for one in self.received(url)]

    def topic(self) -> tuple[str, str]:
        """ARN of a new topic, and the URL of a queue that is subscribed to it, with raw delivery."""
        sns, (url, queue) = self.aws.client("sns"), self.queue()
        arn = sns.create_topic(Name=f"t-{uuid.uuid4().hex[:12]}")["TopicArn"]
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes=raw)
        return arn, url

    def function(self, code: Any = None) -> tuple[str, Any]:
        """ARN of a new function, and what it gets."""
        name = f"f-{uuid.uuid4().hex[:12]}"
        role = self.aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=ASSUME)["Role"]["Arn"]
        made = self.aws.client("lambda").create_function(
            FunctionName=name, Runtime="python3.13", Role=role, Handler="x.y", Code={"ZipFile": b"x"}
        )
        world = self.aws.world()
        if code:
            code_of(world)[name] = code
        return made["FunctionArn"], invocations_of(world).setdefault(name, [])

    def machine(self) -> str:
        made = self.aws.client("stepfunctions").create_state_machine(
            name=f"m-{uuid.uuid4().hex[:12]}", definition="{}", roleArn=f"arn:aws:iam::{ACCOUNT}:role/x"
        )
        return str(made["stateMachineArn"])

    def executions(self, machine: str) -> list[dict[str, Any]]:
        client = self.aws.client("stepfunctions")
        found = client.list_executions(stateMachineArn=machine)["executions"]
        return [client.describe_execution(executionArn=one["executionArn"]) for one in found]

    def runbook(self) -> str:
        name = f"Runbook-{uuid.uuid4().hex[:12]}"
        self.aws.client("ssm").create_document(Name=name, DocumentType="Automation", Content=json.dumps(RUNBOOK))
        return f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/{name}"

    def automations(self, runbook: str) -> list[dict[str, Any]]:
        name = runbook.rpartition("/")[2]
        return [one for one in executions_of(self.aws.world()).values() if one["shown"]["DocumentName"] == name]

    def work_later(self) -> None:
        self.core.later += 200
        self.core.work()
