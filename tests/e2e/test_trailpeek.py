"""``| trailpeek``: the built app looks into a queue for an administrator, with the rights of its policy and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.aws.estate import LOG_BUCKET
from sandbox.world import ANALYST, APP

POLICY = Path(__file__).resolve().parents[2] / "docs" / "iam" / "aws" / "peek.json"
KEY = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/11/29/{ACCOUNT}_CloudTrail_us-east-1_20261129T0805Z_a.json.gz"


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def search(site: Any, spl: str, user: str) -> Any:
    return site.world.rest("POST", "search/jobs", user, data={"search": spl, "exec_mode": "oneshot", "count": 0})


def test_an_administrator_sees_the_queues_a_message_and_its_records(site: Any) -> None:
    admin, iam, sqs = site.world.splunkd.admin[0], site.world.aws.client("iam"), site.world.aws.client("sqs")
    # S3's test event came first.
    sqs.purge_queue(QueueUrl=site.estate.queue_url)
    site.world.aws.client("s3").put_object(Bucket=LOG_BUCKET, Key=KEY, Body=b'{"Records":[{"eventName":"CreateUser"}]}')
    asked, user = "| trailpeek account=production queue=cloudtrail-logs", site.estate.responder_key.user
    site.world.aws.check_rights()
    try:
        denied = search(site, asked, admin)
        iam.put_user_policy(UserName=user, PolicyName="peek", PolicyDocument=POLICY.read_text())
        answer = search(site, asked, admin)
        iam.delete_user_policy(UserName=user, PolicyName="peek")
    finally:
        site.world.aws.check_rights(False)
    assert denied.status_code == 400 and "sqs:ListQueues" in denied.text
    assert answer.status_code == 200, answer.text
    rows = answer.json()["results"]
    assert {row["label"] for row in rows if row["part"] == "queue"} >= {"cloudtrail-logs", "cloudtrail-logs-dead"}
    assert [row for row in rows if row["part"] == "note"] == []
    parts = [(row["part"], row["label"]) for row in rows if row["part"] not in ("queue", "file")]
    assert parts[:3] == [("message", "SQS message"), ("layer", "SNS message"), ("layer", "S3 event notification")]
    (file,) = [json.loads(row["detail"]) for row in rows if row["part"] == "file"]
    assert (file["bucket"], file["exists"]) == (LOG_BUCKET, True) and file["records"] >= 1
    away = sqs.get_queue_attributes(
        QueueUrl=site.estate.queue_url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )
    assert away["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"


@pytest.mark.extended
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("", "No account is named"),
        ("account=nobody", "There is no AWS account entry 'nobody'"),
        ("account=999988887777", "No AWS account entry for account 999988887777"),
        ("account=production region=mars", "'mars' is not an AWS region"),
    ],
)
def test_what_there_is_none_of_is_refused(site: Any, options: str, said: str) -> None:
    answer = search(site, f"| trailpeek {options}", site.world.splunkd.admin[0])
    assert answer.status_code == 400 and said in answer.text


def test_whoever_is_no_administrator_sees_nothing(site: Any, kim: str) -> None:
    for user in (kim, ANALYST):
        answer = search(site, "| trailpeek account=production", user)
        assert answer.status_code == 400 and f"{APP}_admin" in answer.text
