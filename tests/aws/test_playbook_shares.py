"""Playbooks that take back shares of snapshots and images: the share of the event, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.shares import added
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Tasks

OUTSIDE, PARTNER = "444455556666", "777788889999"
Admin = Callable[..., Any]
Find = Callable[..., Finding]


@pytest.fixture
def snapshot(admin: Admin) -> str:
    """Shared with everyone and with two accounts."""
    ec2 = admin("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    made: str = ec2.create_snapshot(
        VolumeId=volume,
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": "team", "Value": "data"}]}],
    )["SnapshotId"]
    for whom in ({"GroupNames": ["all"]}, {"UserIds": [OUTSIDE, PARTNER]}):
        ec2.modify_snapshot_attribute(SnapshotId=made, Attribute="createVolumePermission", OperationType="add", **whom)
    return made


def shared(admin: Admin, snapshot: str) -> set[str]:
    found = admin("ec2").describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    return {one.get("Group") or one["UserId"] for one in found["CreateVolumePermissions"]}


def about(finding: Find, snapshot: str, whom: str) -> Finding:
    return finding(object_category="AWS::EC2::Snapshot", object_id=snapshot, detail={"shared_with": whom})


@pytest.mark.parametrize("whom", ["all", OUTSIDE])
def test_only_the_share_of_the_event_is_taken_back(
    tasks: Tasks, admin: Admin, snapshot: str, finding: Find, whom: str
) -> None:
    assert tasks.run(about(finding, snapshot, whom), "make_snapshot_private").status == "done"
    assert shared(admin, snapshot) == {"all", OUTSIDE, PARTNER} - {whom}
    assert tasks.undo().status == "undone" and shared(admin, snapshot) == {"all", OUTSIDE, PARTNER}


def test_accounts_of_ours_keep_theirs(tasks: Tasks, admin: Admin, snapshot: str, finding: Find) -> None:
    tasks.known = (PARTNER,)
    assert tasks.run(about(finding, snapshot, PARTNER), "make_snapshot_private").status == "already"
    assert PARTNER in shared(admin, snapshot)


def test_the_guardrails_see_its_owner_and_its_tags(tasks: Tasks, snapshot: str, finding: Find) -> None:
    (change,) = registry.get("make_snapshot_private").plan(about(finding, snapshot, "all"), tasks.aws, Safety())
    assert change.resource.tags == {"team": "data"} and change.resource.account == ACCOUNT
    assert change.summary == f"Stop sharing snapshot {snapshot} with everyone."


def test_an_organization_whose_management_account_is_ours_is_not_outside(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    image = admin("ec2").register_image(Name=name, RootDeviceName="/dev/xvda")["ImageId"]
    organization = f"arn:aws:organizations::{PARTNER}:organization/o-exampleorg1"
    admin("ec2").modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"OrganizationArn": organization}]})
    found = finding(object_category="AWS::EC2::Image", object_id=image, detail={"shared_with": organization})
    tasks.known = (PARTNER,)
    assert tasks.run(found, "make_image_private").status == "already"
    tasks.known = ()
    assert tasks.run(found, "make_image_private", task=tasks.task(2)).status == "done"


@pytest.mark.parametrize("whom", ["", "everyone", "12", "arn:aws:iam::444455556666:root", "*"])
def test_a_share_that_is_none_is_refused(tasks: Tasks, snapshot: str, finding: Find, whom: str) -> None:
    with pytest.raises(InvalidFinding, match="with whom"):
        tasks.run(about(finding, snapshot, whom), "make_snapshot_private")


@pytest.mark.parametrize(
    ("playbook", "category", "named"),
    [
        ("make_snapshot_private", "AWS::EC2::Snapshot", "vol-1"),
        ("make_image_private", "AWS::EC2::Image", "snap-1"),
        ("make_rds_snapshot_private", "AWS::RDS::DBSnapshot", "a name"),
        ("make_rds_snapshot_private", "AWS::RDS::DBSnapshot", f"arn:aws:ec2:us-east-1:{ACCOUNT}:snapshot:x"),
    ],
)
def test_what_is_no_such_thing_is_refused(
    tasks: Tasks, finding: Find, playbook: str, category: str, named: str
) -> None:
    found = finding(object_category=category, object_id=named, detail={"shared_with": "all"})
    with pytest.raises(InvalidFinding, match="names no"):
        tasks.run(found, playbook)


@pytest.mark.parametrize(
    "request_",
    [
        {"createVolumePermission": {"add": {"items": [{"group": "all"}]}}},
        {"createVolumePermission": {"add": {"items": [{"groups": "all"}]}}},
        {"operationType": "add", "groupSet": {"items": [{"group": "all"}]}, "userIdSet": {}},
        {"ModifyRequest": {"LoadPermission": {"Add": {"Group": "all", "tag": 1}}}},
        {"attributeName": "restore", "valuesToAdd": ["all"]},
    ],
)
def test_a_share_is_found_in_each_shape_of_a_record(request_: dict[str, Any]) -> None:
    assert "all" in list(added({"snapshotId": "snap-1", **request_}))


@pytest.mark.parametrize(
    "request_",
    [
        {"createVolumePermission": {"remove": {"items": [{"group": "all"}]}}},
        {"operationType": "remove", "groupSet": {"items": [{"group": "all"}]}},
        {"description": "all", "attributeName": "restore", "valuesToRemove": ["all"]},
        "all",
        None,
    ],
)
def test_what_takes_a_share_back_adds_none(request_: Any) -> None:
    assert list(added(request_)) == []
