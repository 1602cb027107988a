"""A pipeline's life: made, verified, changed, taken down; beside what was there already and what is another's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from responder.errors import Rejected

from sandbox.aws.server import ACCOUNT, AwsStandIn, client
from tests.pipeline.site import Site

READER = {
    "reader": "arn:aws:iam::222222222222:role/splunk",
    "external_id": "ext-1",
    "reader_networks": ["198.51.100.0/24"],
}
KINDS: dict[str, dict[str, Any]] = {
    "sns": READER,
    "eventbridge": {"notifier": "eventbridge", "encryption": "s3"},
    "cloudtrail": {"notifier": "cloudtrail", "raw_delivery": True, "data_events": ["s3:write", "lambda"]},
}


@pytest.mark.extended
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_made_verified_and_taken_down_twice_in_a_row(site: Site, kind: str) -> None:
    estates = []
    for _ in range(2):
        assert set(site.actions(**KINDS[kind]).values()) == {"create"}
        site.apply(**KINDS[kind])
        assert site.problems() == []
        estates.append(site.estate())
        assert site.plan().changes_nothing
        before = len(site.moments.passed)
        site.apply()
        assert site.moments.passed[before:] == [], "nothing is written again"
        removed = site.teardown(delete_data=True)
        assert {one.outcome for one in removed} == {"deleted"}
        assert (site.estate(), site.records.kept) == ({}, {})
    assert estates[0] == estates[1]


def test_files_reach_the_queue_and_come_back_as_dead_letters_after_five_reads(site: Site) -> None:
    site.apply(encryption="s3")
    s3, sqs = site.client("s3"), site.client("sqs")
    url = sqs.get_queue_url(QueueName=site.stem)["QueueUrl"]
    sqs.purge_queue(QueueUrl=url)
    key = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/11/29/x.json.gz"
    s3.put_object(Bucket=site.bucket, Key=key, Body=b"")
    s3.put_object(Bucket=site.bucket, Key="something/else.json.gz", Body=b"")
    for _ in range(5):
        (message,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, WaitTimeSeconds=0)["Messages"]
    assert "x.json.gz" in json.loads(message["Body"])["Message"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)
    assert any("1 messages could not be worked on" in problem for problem in site.problems())


def test_the_bucket_and_its_key_stay_unless_the_data_is_to_be_deleted(site: Site) -> None:
    site.apply()
    s3 = site.client("s3")
    for body in (b"1", b"2"):
        s3.put_object(Bucket=site.bucket, Key="AWSLogs/x.json.gz", Body=body)
    s3.delete_object(Bucket=site.bucket, Key="AWSLogs/x.json.gz")
    kept = {one.resource.key for one in site.teardown() if one.outcome == "kept"}
    assert kept == {"bucket", "bucket_policy", "key"}
    assert set(site.estate()) == {"keys", "buckets"}
    assert site.plan().steps[0].action.value == "keep", "it is the same key the next time"
    site.apply()
    assert site.problems() == []
    assert {one.outcome for one in site.teardown(delete_data=True)} == {"deleted"}
    assert site.estate() == {}


def test_what_was_changed_by_hand_is_shown_and_corrected(site: Site) -> None:
    site.apply()
    sqs, cloudtrail = site.client("sqs"), site.client("cloudtrail")
    url = sqs.get_queue_url(QueueName=site.stem)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "31"})
    cloudtrail.stop_logging(Name=site.stem)
    problems = site.problems()
    assert any(one.startswith("queue: visibility_seconds is not as described") and "31" in one for one in problems)
    assert any(one.startswith("trail: logging is not as described") for one in problems)
    changes = {step.resource.key: [one.setting for one in step.changes] for step in site.plan().steps if step.changes}
    assert changes == {"queue": ["visibility_seconds"], "trail": ["logging"]}
    site.apply()
    assert site.problems() == []


def test_options_are_remembered_and_may_be_changed_later(site: Site) -> None:
    site.apply(encryption="s3", retention_days=90, max_receive_count=500)
    assert site.plan().changes_nothing
    plan = site.plan(max_receive_count=5)
    assert [(one.setting, one.now["maxReceiveCount"]) for step in plan.steps for one in step.changes] == [
        ("redrive", 500)
    ]
    site.apply(max_receive_count=5)
    assert site.problems() == []
    lifecycle = site.estate()["buckets"][f"STEM-{ACCOUNT}-us-east-1"]["lifecycle"]
    assert lifecycle[0]["Expiration"]["Days"] == 90


def test_what_others_have_added_to_a_policy_stays(site: Site) -> None:
    site.apply(encryption="s3")
    s3 = site.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=site.bucket)["Policy"])
    theirs = {"Sid": "Backup", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:GetObject"}
    ours = [one for one in policy["Statement"] if one["Sid"] != "DenyWithoutTls"]
    changed = {**policy, "Statement": [*ours, {**theirs, "Resource": f"arn:aws:s3:::{site.bucket}/*"}]}
    s3.put_bucket_policy(Bucket=site.bucket, Policy=json.dumps(changed))
    site.apply()
    found = {one["Sid"] for one in json.loads(s3.get_bucket_policy(Bucket=site.bucket)["Policy"])["Statement"]}
    assert found == {"Backup", "CloudTrailAclCheck", "CloudTrailWrite", "DenyWithoutTls"}


# What was there already


def build_by_hand(site: Site) -> dict[str, Any]:
    """A bucket, a queue and a trail of somebody's, by names of their own."""
    s3, sqs = site.client("s3"), site.client("sqs")
    bucket, queue, trail = (f"{site.stem}-their-{kind}" for kind in ("bucket", "queue", "trail"))
    s3.create_bucket(Bucket=bucket)
    read = {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [{**read, "Resource": f"arn:aws:s3:::{bucket}/*"}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    sqs.create_queue(QueueName=queue, Attributes={"VisibilityTimeout": "45"})
    site.client("cloudtrail").create_trail(Name=trail, S3BucketName=bucket)
    return {"names": {"bucket": bucket, "queue": queue, "trail": trail}, "encryption": "s3"}


def test_what_is_there_is_adopted_as_it_is_and_what_differs_is_shown(site: Site) -> None:
    options = build_by_hand(site)
    before = site.estate()
    actions = site.actions(**options)
    adopted = {key: action for key, action in actions.items() if action == "leave"}
    assert set(adopted) == {"bucket", "queue", "trail", "bucket_policy", "notification"}
    site.apply(**options)
    after = site.estate()
    for kind in ("buckets", "trails"):
        assert after[kind] == before[kind]
    assert after["queues"]["STEM-their-queue"] == before["queues"]["STEM-their-queue"]
    assert set(after["queues"]) - set(before["queues"]) == {"STEM-dead-letter"}
    (problem,) = [one for one in site.problems() if one.startswith("queue: visibility_seconds")]
    assert problem.endswith("apply --change queue corrects it. - 45 + 300")


def test_what_was_there_is_changed_on_request_only_and_outlives_the_pipeline(site: Site) -> None:
    options = build_by_hand(site)
    before = site.estate()
    site.apply(**options)
    site.apply(change=["bucket_policy", "notification", "queue.policy", "queue.redrive", "trail.validation"])
    left = {step.resource.key: {one.setting for one in step.left} for step in site.plan().steps if step.left}
    assert "bucket_policy" not in left and "notification" not in left
    assert "visibility_seconds" in left["queue"] and not {"policy", "redrive"} & left["queue"]
    assert "validation" not in left["trail"] and "logging" in left["trail"]
    outcomes = {one.resource.key: one.outcome for one in site.teardown(delete_data=True)}
    assert {key for key, outcome in outcomes.items() if outcome == "left"} == {"bucket", "queue", "trail"}
    after = site.estate()
    assert after["buckets"] == before["buckets"], "our part of policy and notifications is gone"
    assert set(after["queues"]) == {"STEM-their-queue"} and "topics" not in after
    assert "Policy" not in after["queues"]["STEM-their-queue"]
    assert after["trails"]["STEM-their-trail"]["LogFileValidationEnabled"], "a setting that somebody asked for stays"


def test_what_another_pipeline_has_made_is_refused(site: Site) -> None:
    site.apply()
    other, estate = site.another(), site.estate()
    for key in ("queue", "bucket", "topic", "trail", "key"):
        name = {"bucket": site.bucket, "key": f"alias/{site.stem}"}.get(key, site.stem)
        with pytest.raises(Rejected, match=f"made by another pipeline, '{site.stem}'"):
            other.plan(names={key: name})
    with pytest.raises(Rejected, match="made by another pipeline"):
        other.apply(names={"queue": site.stem})
    assert site.estate() == estate


def test_a_bucket_of_another_account_is_refused(site: Site, stand_in: AwsStandIn) -> None:
    role = {"RoleArn": "arn:aws:iam::999988887777:role/theirs", "RoleSessionName": "them"}
    theirs = site.client("sts").assume_role(**role)["Credentials"]
    s3 = client(stand_in.url, "s3", key=theirs["AccessKeyId"], secret=theirs["SecretAccessKey"])
    s3.create_bucket(Bucket=site.bucket)
    with pytest.raises(Rejected, match=f"S3 bucket {site.bucket}: .*belongs to another account") as refused:
        site.apply()
    assert "names: bucket" in str(refused.value) and "\n" not in str(refused.value)


def test_a_lost_record_does_not_make_others_of_ours_and_can_be_gone_on_with(site: Site) -> None:
    site.apply()
    (text,) = site.records.kept.values()
    site.records.kept.clear()
    with pytest.raises(Rejected, match="go on with it: record_id"):
        site.plan()
    site.apply(record_id=json.loads(text)["id"])
    assert len(site.key_arns()) == 1 and site.plan().changes_nothing
    assert {one.outcome for one in site.teardown(delete_data=True)} == {"deleted"}
    assert site.estate() == {}


def test_a_resource_without_our_tag_is_never_deleted(site: Site) -> None:
    """Whatever the record says: somebody has made it anew, by the same name."""
    site.apply(encryption="s3")
    sqs = site.client("sqs")
    url = sqs.get_queue_url(QueueName=site.stem)["QueueUrl"]
    sqs.untag_queue(QueueUrl=url, TagKeys=["cloudtrail-responder:record", "cloudtrail-responder:pipeline"])
    outcomes = {one.resource.key: one.outcome for one in site.teardown(delete_data=True)}
    assert outcomes["queue"] == "left" and outcomes["dead_letter_queue"] == "deleted"
    assert set(site.estate()) == {"queues"}


def test_our_tag_on_what_was_there_before_does_not_make_it_ours(site: Site) -> None:
    """Everybody who may list tags can copy ours to a queue or bucket of somebody else's."""
    options = build_by_hand(site)
    site.apply(**options)
    (text,) = site.records.kept.values()
    tags = {"cloudtrail-responder:record": json.loads(text)["id"], "cloudtrail-responder:pipeline": site.stem}
    s3, sqs = site.client("s3"), site.client("sqs")
    names = options["names"]
    sqs.tag_queue(QueueUrl=sqs.get_queue_url(QueueName=names["queue"])["QueueUrl"], Tags=tags)
    listed = [{"Key": name, "Value": value} for name, value in tags.items()]
    s3.put_bucket_tagging(Bucket=names["bucket"], Tagging={"TagSet": listed})
    s3.put_object(Bucket=names["bucket"], Key="theirs", Body=b"1")
    assert not {"bucket", "queue"} & {step.resource.key for step in site.plan().steps if step.changes}
    outcomes = {one.resource.key: one.outcome for one in site.teardown(delete_data=True)}
    assert (outcomes["bucket"], outcomes["queue"]) == ("left", "left")
    assert s3.get_object(Bucket=names["bucket"], Key="theirs")["Body"].read() == b"1"
    s3.delete_object(Bucket=names["bucket"], Key="theirs")


@pytest.mark.usefixtures("no_organization")
def test_an_organization_trail_is_the_management_accounts(site: Site) -> None:
    with pytest.raises(Rejected, match="belongs to no organization"):
        site.plan(organization=True)
    organizations = site.client("organizations")
    found = organizations.create_organization(FeatureSet="ALL")["Organization"]
    try:
        site.apply(organization=True)
        assert site.problems() == []
        estate = site.estate()
        assert estate["trails"]["STEM"]["IsOrganizationTrail"]
        statements = estate["buckets"][f"STEM-{ACCOUNT}-us-east-1"]["policy"]["Statement"]
        (write,) = [one for one in statements if one["Sid"] == "CloudTrailWrite"]
        assert {one.split("/")[2] for one in write["Resource"]} == {ACCOUNT, found["Id"]}
    finally:
        organizations.delete_organization()


def test_advice_and_costs_are_in_the_plan(site: Site) -> None:
    plan = site.plan(max_receive_count=500, retention_days=0)
    assert any("read 500 times before it is a dead letter" in note and "advise 5" in note for note in plan.notes)
    assert any("kept for good" in note for note in plan.notes)
