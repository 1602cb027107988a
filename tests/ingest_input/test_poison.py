"""What cannot be read is a dead letter with the reason, and comes back by one request; all else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.eventually import eventually
from tests.ingest_input.ingest_site import APP, IngestSite, log_file, record


def dead_letters(site: IngestSite) -> list[dict[str, Any]]:
    """All of them, left as they are."""
    found = []
    while True:
        answer = site.sqs.receive_message(
            QueueUrl=site.dead_letters, MaxNumberOfMessages=10, VisibilityTimeout=20, MessageAttributeNames=["All"]
        )
        if not answer.get("Messages"):
            break
        found += answer["Messages"]
    for message in found:
        site.sqs.change_message_visibility(
            QueueUrl=site.dead_letters, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )
    return found


def test_messages_that_cannot_be_read_are_dead_letters_with_the_reason_and_come_back_once_it_is_cured(
    site: IngestSite,
) -> None:
    good, beside, cured = record(1), record(2), record(3)
    whole = log_file([cured] * 3)
    damaged = site.put_bytes(whole[: len(whole) // 2])
    missing = site.put([record(4)])
    site.s3.delete_object(Bucket=site.bucket, Key=missing)
    site.announce(site.put([good]))
    site.announce(site.put([beside]), damaged)
    site.announce(missing)
    site.send("no message of AWS's")
    site.send(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": site.bucket}))
    site.announce(f"AWSLogs/123456789012/CloudTrail-Digest/eu-west-1/2026/03/04/{damaged.rpartition('/')[2]}")
    stanza = site.configure(visibility_timeout="2")
    running = site.start(stanza)
    eventually(lambda: site.is_empty())
    assert site.indexed() == {good["eventID"]: 1, beside["eventID"]: 1}
    letters = dead_letters(site)
    reasons = sorted(one["MessageAttributes"]["reason"]["StringValue"] for one in letters)
    assert len(letters) == 3
    assert [reason.partition(" ")[0] for reason in reasons] == [
        "The",
        f"s3://{site.bucket}/{damaged}",
        f"s3://{site.bucket}/{missing}",
    ]
    assert "does not exist any more" in reasons[2] and not any("\n" in reason for reason in reasons)
    assert {one["MessageAttributes"]["receives"]["StringValue"] for one in letters} == {"2"}

    site.put_bytes(whole, damaged)
    site.put([record(5)], missing)
    answer = site.rest("POST", f"{APP}/redrive", json={"input": stanza.partition("://")[2]})
    assert answer.status_code == 200 and answer.json()["messages"] == 3, answer.text
    eventually(lambda: site.is_empty() and len(site.indexed()) == 4)
    running.stop()
    assert set(site.indexed().values()) == {1} and site.indexed()[cured["eventID"]] == 1
    assert site.waiting(site.dead_letters) == 1, "what is no message of AWS's stays one"


@pytest.mark.extended
def test_what_is_dead_again_at_once_is_sent_back_once(site: IngestSite) -> None:
    """Else a redrive and an input would pass it to each other for as long as the redrive may take."""
    for number in range(40):
        site.sqs.send_message(QueueUrl=site.dead_letters, MessageBody=f"no message of AWS's: {number}")
    stanza = site.configure(poison_limit="1", visibility_timeout="300")
    running = site.start(stanza)
    answer = site.rest("POST", f"{APP}/redrive", json={"input": stanza.partition("://")[2]})
    assert answer.json()["messages"] == 40, answer.text
    eventually(lambda: site.is_empty() and site.waiting(site.dead_letters) == 40)
    running.stop()


def test_a_message_cannot_make_the_input_read_another_bucket_than_the_allowed_ones(site: IngestSite) -> None:
    mine, other = record(1), record(2)
    key, bucket = site.put([mine]), site.bucket
    site.announce(key)
    site.bucket = f"other-{site.name}"
    site.s3.create_bucket(Bucket=site.bucket)
    site.announce(site.put([other]))
    running = site.start(site.configure(allowed_buckets=f"another-one, {bucket}", poison_limit="1"))
    site.until_read()
    running.stop()
    assert site.indexed() == {mine["eventID"]: 1}
    (letter,) = dead_letters(site)
    assert "none of 'Allowed buckets'" in letter["MessageAttributes"]["reason"]["StringValue"]


@pytest.mark.extended
def test_without_a_dead_letter_queue_of_its_own_sqs_moves_them(site: IngestSite) -> None:
    arn = site.sqs.get_queue_attributes(QueueUrl=site.dead_letters, AttributeNames=["QueueArn"])["Attributes"]
    policy = json.dumps({"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": "2"})
    site.sqs.set_queue_attributes(QueueUrl=site.queue, Attributes={"RedrivePolicy": policy})
    site.announce(site.put_bytes(b"neither gzip nor JSON"))
    running = site.start(site.configure(dead_letter_queue="", visibility_timeout="2", poison_limit="1"))
    eventually(lambda: site.waiting(site.dead_letters) == 1 and site.is_empty())
    running.stop()
    (letter,) = dead_letters(site)
    assert "MessageAttributes" not in letter and site.indexed() == {}


def test_what_is_wrong_with_the_input_itself_makes_no_dead_letters(site: IngestSite) -> None:
    """Its token is rejected by HEC: it ends with one line that says so, however often it is tried."""
    site.announce(site.put([record(1)]))
    site.store_token("11111111-2222-4333-8444-555555555555")
    stanza = site.configure(hec_url=site.splunkd.uri, hec_token="******", visibility_timeout="2", poison_limit="1")
    for _ in range(2):
        ended = site.start(stanza).ended()
        assert "does not accept the token" in ended.stderr and "Traceback" not in ended.stderr
    assert (site.waiting(), site.waiting(site.dead_letters), site.indexed()) == (1, 0, {})


def test_an_input_that_may_not_read_the_bucket_says_which_right_is_missing_and_blames_no_message(
    site: IngestSite,
) -> None:
    one = record(1)
    key = site.put([one])
    site.announce(key)
    allowed = {"Effect": "Allow", "Action": ["sqs:*", "sts:*"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    iam = site.aws.client("iam")
    iam.put_user_policy(UserName="ingest", PolicyName="rights", PolicyDocument=json.dumps(policy))
    site.aws.check_rights()
    try:
        running = site.start(site.configure(visibility_timeout="2", poison_limit="1"))
        eventually(lambda: site.log().count(f"object=s3://{site.bucket}/{key}") >= 2)
        assert site.waiting(site.dead_letters) == 0
        line = next(one for one in site.log().splitlines() if f"object=s3://{site.bucket}/{key}" in one)
        assert "s3:GetObject" in line and "If another account owns the bucket" in line
        allowed["Action"] = ["sqs:*", "sts:*", "s3:*"]
        iam.put_user_policy(UserName="ingest", PolicyName="rights", PolicyDocument=json.dumps(policy))
        site.until_read()
        running.stop()
    finally:
        site.aws.check_rights(False)
    assert site.indexed() == {one["eventID"]: 1}
