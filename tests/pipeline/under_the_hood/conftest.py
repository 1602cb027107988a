"""moto's server with a trail of each test's own, whose files CloudTrail has delivered and signed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from responder.aws.client import Aws
from responder.errors import ResponderError
from responder.pipeline import trail_files
from responder.pipeline.chain import Times
from responder.pipeline.validation import validate
from responder.pipeline.validation_report import Report
from responder.settings.model import AwsAccount, Http
from responder.settings.secret import Secret

from sandbox.aws.digests import HOUR, CloudTrailDelivery
from sandbox.aws.server import ACCOUNT, REGION, AwsStandIn

#: Six hours that have been over for long, with an hour before and after that are nobody's business.
START = datetime(2026, 11, 27, 22, tzinfo=timezone.utc)
END = START + 6 * HOUR
NOW = END + 12 * HOUR


@pytest.fixture(scope="session")
def stand_in() -> Iterator[AwsStandIn]:
    with AwsStandIn() as started:
        yield started


@pytest.fixture(scope="session")
def aws(stand_in: AwsStandIn) -> Aws:
    return app_aws(stand_in.url)


def app_aws(url: str) -> Aws:
    """The app's AWS, with an account entry's key."""
    account = AwsAccount(
        "main",
        ACCOUNT,
        access_key_id="AKIARESPONDER0000000",
        secret_access_key=Secret("not-a-secret"),
        default_region=REGION,
        endpoint_url=url,
    )
    return Aws(account, Http(read_timeout=60), attempts=2, sleep=lambda seconds: None)


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"t-{uuid.uuid4().hex[:16]}"


def record(number: int, at: datetime) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateAccessKey",
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.66",
        "userIdentity": {"type": "IAMUser", "userName": "deploy-bot"},
        "eventID": str(uuid.UUID(int=number)),
    }


@dataclass
class TrailInS3:
    """A trail and its files, and a way to do them harm."""

    s3: Any
    app: Aws
    arn: str
    bucket: str
    delivery: CloudTrailDelivery
    #: Keys of what was delivered, in order.
    logs: list[str]
    digests: list[str]

    def validate(self, start: datetime = START, end: datetime = END, now: datetime = NOW, **named: Any) -> Report:
        trail = trail_files.describe(self.app, self.arn, REGION)
        return validate(self.app, trail, Times(start, end, now), **named)

    def problems(self, **named: Any) -> list[tuple[str, str]]:
        """(kind, key of the file, or the time) of all that is found."""
        found = [problem for _, problem in self.validate(**named).problems()]
        return sorted((one.kind, one.file.partition("/")[2] or f"{one.start:%H:%M}-{one.end:%H:%M}") for one in found)

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=key)

    def read(self, key: str) -> tuple[bytes, dict[str, str]]:
        answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        return answer["Body"].read(), answer["Metadata"]

    def put(self, key: str, body: bytes, metadata: dict[str, str] | None = None, at: datetime = END) -> None:
        self.delivery.put(key, body, at, metadata)

    def deliver(self, hours: int, start: datetime = START, each: int = 2) -> None:
        """``each`` log files an hour, from ``start`` on, and the digest of each hour."""
        for hour in range(hours):
            began = start + hour * HOUR
            for number in range(each):
                at = began + timedelta(minutes=10 + 20 * number)
                self.logs.append(self.delivery.log(at, [record(100 * hour + number, at)]))
            self.digests.append(self.delivery.digest(began + HOUR))


@pytest.fixture
def trail(stand_in: AwsStandIn, aws: Aws, name: str) -> TrailInS3:
    """Of one region, validated, with two log files an hour from an hour before START to an hour after END."""
    made = make_trail(stand_in, aws, name)
    made.deliver(8, START - HOUR)
    return made


def make_trail(stand_in: AwsStandIn, aws: Aws, name: str, prefix: str = "", **options: Any) -> TrailInS3:
    stand_in.client("s3").create_bucket(Bucket=name)
    created = stand_in.client("cloudtrail").create_trail(
        Name=name,
        S3BucketName=name,
        EnableLogFileValidation=True,
        **({"S3KeyPrefix": prefix} if prefix else {}),
        **options,
    )
    delivery = CloudTrailDelivery(stand_in, name, name, prefix=f"{prefix}/AWSLogs/" if prefix else "")
    delivery.publish(START - 48 * HOUR, NOW)
    return TrailInS3(stand_in.client("s3"), aws, created["TrailARN"], name, delivery, [], [])


@pytest.fixture
def denied(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``denied("get_object", key)``: AWS refuses the call, for one object or for all."""
    read_if, read = aws.read_if, aws.read

    def refuse(operation: str, key: str = "") -> None:
        def answer(found: Any) -> Any:
            def call(*arguments: Any, **parameters: Any) -> Any:
                if operation in arguments and (not key or parameters.get("Key") == key):
                    raise ResponderError(f"AWS does not let you do {operation}.")
                return found(*arguments, **parameters)

            return call

        monkeypatch.setattr(aws, "read_if", answer(read_if))
        monkeypatch.setattr(aws, "read", answer(read))

    return refuse


@pytest.fixture
def region() -> str:
    """Where no other test of the process has queues."""
    return "eu-south-2"


@pytest.fixture
def queue(stand_in: AwsStandIn, region: str, name: str) -> Iterator[Callable[..., str]]:
    """``queue(max_receives=5)`` makes a queue with a dead-letter queue; gives its URL. Both are gone after the test."""
    sqs = stand_in.client("sqs", region)
    made: list[str] = []

    def make(max_receives: int = 5) -> str:
        dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": max_receives})
        url: str = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": redrive})["QueueUrl"]
        made.extend((dead, url))
        return url

    yield make
    for url in made:
        sqs.delete_queue(QueueUrl=url)
