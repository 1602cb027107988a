"""Playbook ``restart_trail_logging``: a stopped trail logs again, and an undo restores what was, not an ideal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding, NotFound, Rejected
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.acting import Acting
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Connected, FaultyAws, Tasks

PLAYBOOK = registry.get("restart_trail_logging")
TRAIL = "AWS::CloudTrail::Trail"
REGION = "eu-west-1"
Find = Callable[..., Finding]


@pytest.fixture
def trail(admin: Callable[..., Any], name: str) -> str:
    """ARN of a stopped trail with a tag, at home in Ireland."""
    admin("s3").create_bucket(Bucket=name)
    client = admin("cloudtrail", REGION)
    tags = [{"Key": "team", "Value": "security"}]
    return str(client.create_trail(Name=name, S3BucketName=name, IsMultiRegionTrail=True, TagsList=tags)["TrailARN"])


def is_logging(admin: Callable[..., Any], trail: str) -> bool:
    return bool(admin("cloudtrail", REGION).get_trail_status(Name=trail)["IsLogging"])


def test_a_stopped_trail_logs_again_and_undo_stops_it(
    tasks: Tasks, admin: Callable[..., Any], trail: str, name: str, finding: Find
) -> None:
    found = finding(object_category=TRAIL, object_id=name, vendor_region=REGION)
    (change,) = PLAYBOOK.plan(found, tasks.aws, Safety())
    resource, (step,) = change.resource, change.steps
    assert (resource.id, resource.region, resource.account) == (trail, REGION, ACCOUNT)
    assert (step.before, step.after, resource.tags) == (False, True, {"team": "security"})
    assert not is_logging(admin, trail), "planning must not change anything"

    assert tasks.run(found, PLAYBOOK.id).status == "done"
    assert is_logging(admin, trail)
    assert PLAYBOOK.plan(found, tasks.aws, Safety()) == []

    assert tasks.undo().status == "undone"
    assert not is_logging(admin, trail)


def test_an_arn_is_looked_up_in_its_own_region_whatever_the_event_says(
    connected: Connected, trail: str, finding: Find
) -> None:
    found = finding(object_category=TRAIL, object_id=trail, vendor_region="us-east-1")
    (change,) = PLAYBOOK.plan(found, connected.aws, Safety())
    assert change.resource.region == REGION


def test_undo_never_stops_a_trail_that_somebody_else_started(
    tasks: Tasks, admin: Callable[..., Any], trail: str, finding: Find
) -> None:
    """Somebody was faster, by a moment: the app had read that it was stopped, and found it logging."""

    def meanwhile(step: str) -> None:
        if step == "planned":
            admin("cloudtrail", REGION).start_logging(Name=trail)
            tasks.later += 10

    tasks.on_audit = meanwhile
    outcome = tasks.run(finding(object_id=trail), PLAYBOOK.id)
    assert outcome.status == "already" and "planned" in tasks.steps()
    with pytest.raises(NotFound, match="nothing to undo"):
        tasks.undo()
    assert is_logging(admin, trail)


def test_a_trail_that_is_gone_is_not_found(connected: Connected, name: str, finding: Find) -> None:
    for gone in (name, f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}"):
        with pytest.raises(NotFound) as caught:
            PLAYBOOK.plan(finding(object_id=gone, vendor_region=REGION), connected.aws, Safety())
        assert name in caught.value.message and "create it again" in caught.value.hint


def test_a_trail_of_another_account_is_explained_and_nothing_is_called(connected: Connected, finding: Find) -> None:
    foreign = f"arn:aws:cloudtrail:{REGION}:999988887777:trail/org"
    with pytest.raises(Rejected, match="999988887777"):
        PLAYBOOK.plan(finding(object_id=foreign), connected.aws, Safety())
    assert connected.calls == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"object_id": ""}, "object_id"),
        ({"object_id": "x", "vendor_region": ""}, "vendor_region"),
        ({"object_id": "sg-1", "object_category": "AWS::EC2::SecurityGroup"}, "AWS::EC2::SecurityGroup"),
    ],
)
def test_a_finding_that_is_not_about_a_trail_is_refused(
    connected: Connected, finding: Find, fields: dict[str, str], said: str
) -> None:
    with pytest.raises(InvalidFinding, match=said):
        PLAYBOOK.plan(finding(**fields), connected.aws, Safety())


def test_verification_waits_for_aws_and_gives_up(connected: Connected, tasks: Tasks, trail: str, finding: Find) -> None:
    acting = Acting(tasks.ports(), PLAYBOOK, connected.aws.account, tasks.task())
    (change,) = PLAYBOOK.plan(finding(object_id=trail), connected.aws, Safety())
    seen = acting.read_back(change.resource, [("IsLogging", True)])
    assert not seen.ok and "is not logging" in seen.observed
    assert 5 <= sum(connected.naps) <= 15 and len(connected.naps) == 4


def test_of_trails_that_share_a_name_the_one_of_the_event_is_meant(
    connected: Connected, admin: Callable[..., Any], trail: str, name: str, finding: Find
) -> None:
    twin = admin("cloudtrail", "us-east-1").create_trail(Name=name, S3BucketName=name, IsMultiRegionTrail=True)
    for region, arn in ((REGION, trail), ("us-east-1", twin["TrailARN"])):
        (change,) = PLAYBOOK.plan(finding(object_id=name, vendor_region=region), connected.aws, Safety())
        assert (change.resource.id, change.resource.region) == (arn, region)


def test_an_organization_trail_seen_from_a_member_account_is_explained(
    connect: Callable[..., Connected], faulty: FaultyAws, finding: Find
) -> None:
    """By name, a member account is shown the organization's trail, whose ARN tells who owns it."""
    owner = "999988887777"
    shown = {
        "Name": "org",
        "TrailARN": f"arn:aws:cloudtrail:{REGION}:{owner}:trail/org",
        "HomeRegion": REGION,
        "IsOrganizationTrail": True,
    }
    faulty.add("DescribeTrails", status=200, body=json.dumps({"trailList": [shown]}))
    with pytest.raises(Rejected) as caught:
        PLAYBOOK.plan(finding(object_id="org", vendor_region=REGION), connect(faulty.url).aws, Safety())
    assert "organization trail of account 999988887777" in caught.value.message
    assert f"Add account {owner}" in caught.value.hint


def test_a_trail_that_logs_into_nothing_says_so(
    faulty_tasks: Tasks, faulty: FaultyAws, trail: str, finding: Find
) -> None:
    broken = {"IsLogging": True, "LatestDeliveryError": "NoSuchBucket"}

    def then_it_is_broken() -> None:
        faulty.add("GetTrailStatus", status=200, body=json.dumps(broken))

    faulty_tasks.before_send = then_it_is_broken
    outcome = faulty_tasks.run(finding(object_id=trail), PLAYBOOK.id)
    seen = outcome.changes[0]["verification"]
    assert seen["ok"] and "last delivery failed: NoSuchBucket" in seen["observed"]
