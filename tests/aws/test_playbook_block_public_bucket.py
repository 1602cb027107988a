"""Playbook ``block_public_bucket``: the public is shut out, ACL and policy stay, and what was comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from responder.errors import InvalidFinding, NeedsApproval, NotFound, RefusedByGuardrail, Unavailable
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.model import Target
from responder.settings.model import Safety

from tests.aws.support import Connected, FaultyAws, Tasks

PLAYBOOK = registry.get("block_public_bucket")
BUCKET = "AWS::S3::Bucket"
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ALL_ON = dict.fromkeys(FLAGS, True)
HALF = {**ALL_ON, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
Find = Callable[..., Finding]


@pytest.fixture
def bucket(admin: Callable[..., Any], name: str) -> str:
    """A bucket open by ACL and by policy, with a tag."""
    s3 = admin("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_acl(Bucket=name, ACL="public-read")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "data", "Value": "secret"}]})
    return name


def block_of(admin: Callable[..., Any], bucket: str) -> dict[str, bool] | None:
    try:
        answer = admin("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration"
        return None
    return {flag: answer[flag] for flag in FLAGS}


@pytest.mark.parametrize("before", [None, HALF, dict.fromkeys(FLAGS, False)], ids=["none", "half", "all off"])
def test_the_block_goes_on_and_what_was_comes_back(
    tasks: Tasks,
    admin: Callable[..., Any],
    bucket: str,
    finding: Find,
    before: dict[str, bool] | None,
) -> None:
    s3 = admin("s3")
    if before is not None:
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=before)
    acl, policy = s3.get_bucket_acl(Bucket=bucket)["Grants"], s3.get_bucket_policy(Bucket=bucket)["Policy"]
    found = finding(object_category=BUCKET, object_id=f"arn:aws:s3:::{bucket}")

    (change,) = PLAYBOOK.plan(found, tasks.aws, Safety())
    assert change.resource.id == f"arn:aws:s3:::{bucket}" and change.resource.tags == {"data": "secret"}
    assert change.steps[0].before == before and block_of(admin, bucket) == before
    assert change.context["PolicyIsPublic"] and json.loads(change.context["Policy"]) == json.loads(policy)
    assert [g["Permission"] for g in change.context["PublicGrants"]] == ["READ"]

    assert tasks.run(found, PLAYBOOK.id).status == "done"
    assert block_of(admin, bucket) == ALL_ON
    assert PLAYBOOK.plan(found, tasks.aws, Safety()) == []
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"] == acl, "the ACL is evidence, not ours to destroy"
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == policy

    assert tasks.undo().status == "undone"
    assert block_of(admin, bucket) == before


def test_a_bare_bucket_needs_neither_policy_nor_tags(
    connected: Connected, admin: Callable[..., Any], name: str, finding: Find
) -> None:
    admin("s3").create_bucket(Bucket=name)
    (change,) = PLAYBOOK.plan(finding(object_id=name), connected.aws, Safety())
    assert change.steps[0].before is None
    assert change.context == {"PublicGrants": [], "PolicyIsPublic": False, "Policy": None}
    assert change.resource.tags == {}


def test_a_website_does_not_go_dark(
    connected: Connected, admin: Callable[..., Any], bucket: str, finding: Find
) -> None:
    website = {"IndexDocument": {"Suffix": "index.html"}}
    admin("s3").put_bucket_website(Bucket=bucket, WebsiteConfiguration=website)
    with pytest.raises(RefusedByGuardrail, match="static website"):
        PLAYBOOK.plan(finding(object_id=bucket), connected.aws, Safety())


def test_the_owner_is_sent_with_every_call(tasks: Tasks, bucket: str, finding: Find) -> None:
    """AWS then refuses to touch a bucket of that name that somebody else owns."""
    sent = []
    events = tasks.aws.client("s3", "us-east-1").meta.events
    events.register(
        "before-call", lambda params, **_: sent.append(params["headers"].get("x-amz-expected-bucket-owner"))
    )
    tasks.run(finding(object_id=bucket), PLAYBOOK.id)
    tasks.undo()
    assert len(sent) > 10 and set(sent) == {"123456789012"}


def elsewhere(admin: Callable[..., Any], name: str, region: str) -> str:
    admin("s3", region).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    return name


def test_the_region_is_the_one_that_s3_names(
    connect: Callable[..., Connected], stand_in: Any, tasks: Tasks, admin: Callable[..., Any], name: str, finding: Find
) -> None:
    """The finding says a region in scope; the bucket is in none."""
    elsewhere(admin, name, "ap-south-1")
    scoped = Tasks(tasks.documents, connect(stand_in.url, regions=("us-east-1",)).aws)
    outcome = scoped.run(finding(object_id=name, vendor_region="us-east-1"), PLAYBOOK.id)
    assert outcome.status == "refused" and "ap-south-1 is not in scope" in outcome.message
    assert block_of(admin, name) is None
    named = finding(object_id=name, vendor_region="")
    assert tasks.run(named, PLAYBOOK.id).changes[0]["region"] == "ap-south-1", "and none is needed in the finding"


@pytest.mark.parametrize(("location", "region"), [("", "us-east-1"), ("EU", "eu-west-1"), ("eu-west-1", "eu-west-1")])
def test_old_names_of_regions_are_understood(
    connect: Callable[..., Connected], faulty: FaultyAws, bucket: str, location: str, region: str
) -> None:
    answer = f'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{location}</LocationConstraint>'
    faulty.add("GetBucketLocation", status=200, body=answer)
    seen = PLAYBOOK.read(Target(bucket), connect(faulty.url).aws)
    assert seen.resource.region == region


def test_a_location_that_is_none_is_not_guessed(
    connect: Callable[..., Connected], faulty: FaultyAws, bucket: str
) -> None:
    faulty.add("GetBucketLocation", status=200, body="<html>Sign in</html>")
    with pytest.raises(Unavailable, match="does not say clearly"):
        PLAYBOOK.read(Target(bucket), connect(faulty.url).aws)


def test_undo_leaves_a_block_that_a_person_has_changed(
    tasks: Tasks, admin: Callable[..., Any], bucket: str, finding: Find
) -> None:
    """Before, there was none, so undo would delete it."""
    tasks.run(finding(object_id=bucket), PLAYBOOK.id)
    admin("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=HALF)
    with pytest.raises(NeedsApproval, match="changed after the remediation") as caught:
        tasks.undo()
    assert "BlockPublicPolicy, RestrictPublicBuckets off" in caught.value.message
    assert block_of(admin, bucket) == HALF


def test_a_bucket_that_is_gone_is_not_found(connected: Connected, name: str, finding: Find) -> None:
    with pytest.raises(NotFound, match=name):
        PLAYBOOK.plan(finding(object_id=name), connected.aws, Safety())


@pytest.mark.parametrize("object_id", ["../etc", "a b", "arn:aws:sns:us-east-1:123456789012:topic", "x"])
def test_what_is_no_bucket_name_is_refused_before_any_call(connected: Connected, finding: Find, object_id: str) -> None:
    with pytest.raises(InvalidFinding):
        PLAYBOOK.plan(finding(object_id=object_id), connected.aws, Safety())
    assert connected.calls == []


def distribution(name: str, domain: str, identity: str = "", control: str = "") -> dict[str, Any]:
    """As DistributionSummary has it (CloudFront API Reference); moto leaves out what an origin reads as."""
    origin = {"DomainName": domain, "OriginAccessControlId": control}
    return {"Id": name, "Origins": {"Items": [{**origin, "S3OriginConfig": {"OriginAccessIdentity": identity}}]}}


def test_whoever_reads_the_plan_learns_who_would_notice(
    tasks: Tasks, bucket: str, finding: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What everyone may do today, and the distributions that read as anybody; not those that have an identity."""
    domain, read = f"{bucket}.s3.us-east-1.amazonaws.com", tasks.aws.read
    listed = [
        distribution("E1CUTOFF", domain),
        distribution("E2IDENTITY", domain, identity="origin-access-identity/cloudfront/E1"),
        distribution("E3CONTROL", domain, control="E4EXAMPLE"),
        distribution("E4OTHER", f"{bucket}-other.s3.amazonaws.com"),
    ]

    def answer(service: str, operation: str, *more: Any, **parameters: Any) -> Any:
        if operation == "list_distributions":
            return {"DistributionList": {"Items": listed}}
        return read(service, operation, *more, **parameters)

    monkeypatch.setattr(tasks.aws, "read", answer)
    (change,) = tasks.run(finding(object_category=BUCKET, object_id=bucket), PLAYBOOK.id, "simulate").changes
    said = " ".join(change["blast_radius"])
    assert "By the ACL everyone has READ." in said and "By the policy everyone may s3:getobject." in said
    assert "would no longer: E1CUTOFF." in said
