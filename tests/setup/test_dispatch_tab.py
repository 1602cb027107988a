"""The Dispatch tab: a target is looked at before it is saved, and nothing is sent to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from responder.aws.dispatch.registry import dispatcher_of, dispatchers
from responder.errors import ConfigurationError
from responder.settings.dispatch_target import DispatchTarget
from setup_page import SetupPage

from sandbox.aws.server import ACCOUNT, AwsStandIn
from sandbox.runner import interpreters

HERE = f"us-east-1:{ACCOUNT}"


@pytest.fixture(scope="module")
def python_version() -> str:
    """One of Splunk's Pythons: the version is not the subject."""
    versions = interpreters.available()
    if not versions:
        pytest.skip("neither Python 3.9 nor 3.13 is on this machine")
    return versions[0]


@pytest.fixture(scope="module")
def aws() -> Iterator[AwsStandIn]:
    with AwsStandIn() as started:
        yield started


@pytest.fixture
def ready(page: SetupPage, aws: AwsStandIn) -> SetupPage:
    """The page with an AWS account."""
    page.developer(aws_endpoint_url=aws.url)
    key = {"auth_type": "access_key", "access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "secret"}
    form = {"account_id": ACCOUNT, "default_region": "us-east-1", **key}
    assert page.create("aws_account", "production", **form) is None
    return page


def test_a_target_that_is_there_is_saved_and_gets_nothing(ready: SetupPage, aws: AwsStandIn) -> None:
    queue = aws.client("sqs").create_queue(QueueName="findings")["QueueUrl"]
    form = {"type": "sqs", "aws_account": "production", "arn": f"arn:aws:sqs:{HERE}:findings"}
    assert ready.create("dispatch", "soc", **form) is None
    assert aws.client("sqs").receive_message(QueueUrl=queue).get("Messages") is None
    assert any("The queue is there" in line for line in ready.log())
    entry = ready.settings().dispatch_target()
    assert (entry.name, entry.message, entry.region) == ("soc", "cloudevents", "us-east-1")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"arn": f"arn:aws:sqs:{HERE}:gone"}, "Create the queue, or correct 'ARN'"),
        ({"aws_account": "staging"}, "there is no AWS account 'staging'"),
        ({"arn": f"arn:aws:sns:{HERE}:topic"}, "is not the ARN of SQS queue"),
        ({"message": "template"}, "Enter 'Template'"),
        ({"waits": "1"}, "gives no answer to wait for"),
        ({"is_remediation": "1"}, "is no remediation"),
        ({"undo_target": "other"}, "the target is no remediation"),
    ],
)
def test_a_target_that_cannot_be_used_is_not_saved(ready: SetupPage, fields: dict[str, str], why: str) -> None:
    form = {"type": "sqs", "aws_account": "production", "arn": f"arn:aws:sqs:{HERE}:findings", **fields}
    refusal = ready.create("dispatch", "bad", **form)
    assert refusal is not None and why in refusal
    assert ready.entry("dispatch", "bad") == {}


BAD_ARNS = [
    "", "topic", "arn:aws:sns:us-east-1", f"arn:evil:sns:{HERE}:x", f"arn:aws:sns:{HERE}:x y", "arn:aws:sns::1:x",
    f"arn:aws:sns:us-east-1.evil.example:{ACCOUNT}:x", f"arn:aws:sns:{HERE}:\u202ex",
    f"arn:aws:sns:{HERE}:" + "x" * 2_000,
]  # fmt: skip


@pytest.mark.parametrize("arn", BAD_ARNS)
def test_what_is_no_arn_with_a_region_is_refused(arn: str) -> None:
    """The region becomes a part of the host that a request goes to."""
    with pytest.raises(ConfigurationError, match="ARN is"):
        DispatchTarget.from_conf("a", {"type": "sns", "aws_account": "p", "arn": arn})


def test_a_line_of_a_template_that_is_no_parameter_of_a_runbook_is_refused() -> None:
    arn = "arn:aws:ssm:us-east-1::document/AWS-StopEC2Instance"
    stanza = {"type": "ssm_automation", "aws_account": "p", "arn": arn}
    with pytest.raises(ConfigurationError, match="takes no message of this kind"):
        dispatcher_of(DispatchTarget.from_conf("a", stanza))
    for template in ("just text", "A = 1\nA = 2", "1st = 2"):
        target = DispatchTarget.from_conf("a", {**stanza, "message": "template", "template": template})
        with pytest.raises(ConfigurationError, match="not a parameter of its own"):
            dispatcher_of(target)


@pytest.mark.parametrize("kind", dispatchers())
def test_the_example_of_each_type_is_one_and_what_it_may_do_is_named_for_it_alone(kind: str) -> None:
    found = dispatchers()[kind]
    template = {"message": "template", "template": "InstanceId = {object_id}"}
    target = DispatchTarget.from_conf("a", {"type": kind, "aws_account": "p", "arn": found.example, **template})
    assert dispatcher_of(target) is found
    granted = found.granted(target)
    assert granted and not any("{" in resource for _, resource in granted)
    writes = [resource for action, resource in granted if action == found.grants[0][0]]
    name = target.parsed.resource.rpartition("/")[2].rpartition(":")[2]
    assert all(name in resource for resource in writes)
