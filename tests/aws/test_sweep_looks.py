"""Playbooks that look for what is wrong by themselves: on moto, in the estates of their scenarios."""

from __future__ import annotations

import contextlib
import inspect
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from responder import arn
from responder.aws.client import Aws
from responder.aws.iam_actions import iam_action
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.playbook import Playbook
from responder.remediation.sweeping import Part, Signature, View, Wrong
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from spl import MemoryEvents
from tests.aws.scenarios import SCENARIOS, finding_of
from tests.aws.support import Connected
from workbench.detections.model import Detection, load
from workbench.replay import ShippedSearches
from workbench.replay.samples import events_of
from workbench.replay.shipped import ROOT

LOOKING = [playbook for playbook in registry.every() if playbook.sweeps]
#: Buckets of this module come after all others of the account, by name, and a look begins there: it may be thousands.
BEHIND = "zz-"
#: Detections of which a resource has a case for each that it is shared with.
TELL_SHARES_APART = ("rds_snapshot_shared",)
every_look = pytest.mark.parametrize("playbook", LOOKING, ids=lambda playbook: playbook.id)
SIGNATURES = sorted({one for playbook in LOOKING for one in playbook.sweeps}, key=lambda one: one.id)


@pytest.fixture(autouse=True)
def _no_block_of_the_account(admin: Callable[..., Any]) -> None:
    """All tests of a process share the account, and others block the public access of all of its buckets."""
    with contextlib.suppress(ClientError):
        admin("s3control").delete_public_access_block(AccountId=ACCOUNT)


@pytest.fixture
def name() -> str:
    return f"{BEHIND}{uuid.uuid4().hex[:16]}"


def view(aws: Aws, playbook: Playbook, cursor: str = "", **more: Any) -> View:
    if playbook.id == "block_public_bucket":
        cursor = cursor or BEHIND
    return View(aws, "us-east-1" if playbook.sweeps_regions else "", Safety(), cursor, **more)


def look(aws: Aws, playbook: Playbook, **more: Any) -> list[Part]:
    return list(playbook.look(view(aws, playbook, **more)))


def wrong(aws: Aws, playbook: Playbook, named: str, **more: Any) -> list[Wrong]:
    return [one for part in look(aws, playbook, **more) for one in part.wrong if one.object_id == named]


@every_look
def test_it_sees_what_is_wrong_and_no_longer_when_it_is_right(
    playbook: Playbook, aws: Aws, admin: Callable[..., Any], name: str
) -> None:
    fields = finding_of(playbook.id, admin, name)
    seen = wrong(aws, playbook, fields["object_id"])
    assert [one.region for one in seen] == ["us-east-1"] and seen[0].signature in playbook.sweeps
    assert seen == wrong(aws, playbook, fields["object_id"]), "the next round sees the same"
    SCENARIOS[playbook.id].fix(admin, fields)
    assert wrong(aws, playbook, fields["object_id"]) == []


@every_look
def test_looking_reads_only_what_it_declares_and_gives_a_finding_that_the_playbook_can_act_on(
    playbook: Playbook, connected: Connected, admin: Callable[..., Any], name: str, finding: Callable[..., Finding]
) -> None:
    fields = finding_of(playbook.id, admin, name)
    (seen,) = wrong(connected.aws, playbook, fields["object_id"])
    asked = {iam_action(service, operation) for service, operation in connected.calls}
    declared = {one.action for one in (*playbook.permissions, *playbook.sweep_permissions)}
    assert asked and asked <= declared
    assert {one.action for one in playbook.sweep_permissions} <= asked, "nothing that it does not use"
    assert [one for one in asked if not one.partition(":")[2].startswith(("Describe", "Get", "List"))] == []
    about = finding(object_category=seen.category, object_id=seen.object_id, detail=seen.detail)
    (change,) = playbook.plan(about, connected.aws, Safety())
    assert change.steps and change.resource.region == seen.region


@pytest.fixture(scope="module")
def shipped() -> Iterator[ShippedSearches]:
    wanted = {signature.id for signature in SIGNATURES}
    yield ShippedSearches([one for one in load(ROOT / "detections") if one.id in wanted])


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda signature: signature.id)
def test_a_detection_and_the_sweep_make_one_case_of_the_same_resource(
    signature: Signature, shipped: ShippedSearches
) -> None:
    detection = shipped.detections[signature.id]
    assert (signature.title, signature.technique) == (detection.title, detection.mitre_attack_id[0])
    found = raised(shipped, detection)
    resource = arn.name_of(found["object_id"])
    key = f"{resource}:{json.loads(found['detail'])['shared_with']}" if signature.id in TELL_SHARES_APART else ""
    seen = Wrong(
        signature, found["object_category"], resource, found["vendor_region"], "high", "It is wrong.", key=key
    )
    assert seen.dedup_key(found["vendor_account"]) == found["dedup_key"]


def raised(shipped: ShippedSearches, detection: Detection) -> dict[str, Any]:
    """What the first sample of a detection raises."""
    sample = next(sample for sample in detection.samples() if sample["case"] == "fires")
    return shipped.findings(MemoryEvents(events_of(sample)).scan(0, 1e12, 0, 1e12), [detection.id])[0]


@pytest.mark.extended
def test_a_group_with_allowed_ports_or_a_private_range_is_not_wrong(
    aws: Aws, admin: Callable[..., Any], name: str
) -> None:
    playbook, ec2 = registry.get("revoke_open_ingress"), admin("ec2")
    group = ec2.create_security_group(GroupName=name, Description="Web")["GroupId"]
    for port, cidr in ((443, "0.0.0.0/0"), (22, "10.0.0.0/8")):
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    assert wrong(aws, playbook, group) == []
    for cidr in ("0.0.0.0/1", "128.0.0.0/1"):
        rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": cidr}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    (seen,) = wrong(aws, playbook, group)
    assert sorted(rule["cidr"] for rule in seen.detail["rules"]) == ["0.0.0.0/1", "128.0.0.0/1"]
    assert "tcp 22 from 0.0.0.0/1" in seen.reason and "443" not in seen.reason


def test_a_prefix_list_with_the_world_in_it_is_seen_where_a_group_names_it(
    aws: Aws, admin: Callable[..., Any], name: str
) -> None:
    playbook = registry.get("revoke_open_ingress")
    fields = finding_of(playbook.id, admin, name, "opened_by_prefix_list")
    (seen,) = wrong(aws, playbook, fields["object_id"])
    assert [rule["rule_id"] for rule in seen.detail["rules"]] == [fields["detail"]["rules"][0]["rule_id"]]


def test_a_listed_bucket_may_be_read_by_everyone_and_written_by_nobody(
    aws: Aws, admin: Callable[..., Any], name: str
) -> None:
    playbook = registry.get("block_public_bucket")
    finding_of(playbook.id, admin, name)
    assert wrong(aws, playbook, name, may_be_public=lambda bucket: bucket == name) == []
    # moto writes two permissions of a canned ACL into one grant, which AWS does not.
    everyone = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    admin("s3").put_bucket_acl(Bucket=name, GrantRead=everyone, GrantWrite=everyone)
    (seen,) = wrong(aws, playbook, name, may_be_public=lambda bucket: bucket == name)
    assert (seen.signature.id, seen.severity) == ("s3_bucket_acl_made_public", "critical")


def test_a_bucket_that_is_public_by_its_policy_is_the_case_of_its_policy(
    aws: Aws, admin: Callable[..., Any], name: str
) -> None:
    playbook, s3 = registry.get("block_public_bucket"), admin("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=inspect.cleandoc(f"""
        {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::{name}/*"}}]}}"""))  # fmt: skip
    (seen,) = wrong(aws, playbook, name)
    assert seen.signature.id == "s3_bucket_policy_made_public" and "s3:getobject" in seen.reason
    blocked = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    admin("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=blocked)
    try:
        assert wrong(aws, playbook, name) == [], "the account's own block holds for every bucket"
    finally:
        admin("s3control").delete_public_access_block(AccountId=ACCOUNT)


def test_a_look_at_buckets_goes_on_behind_the_one_it_stopped_at(aws: Aws, admin: Callable[..., Any], name: str) -> None:
    playbook = registry.get("block_public_bucket")
    names = [f"{name}-{letter}" for letter in "abc"]
    for one in names:
        finding_of(playbook.id, admin, one)
    for part in playbook.look(view(aws, playbook)):
        if part.wrong and part.wrong[0].object_id == names[0]:
            break
    rest = [one.object_id for part in look(aws, playbook, cursor=part.cursor) for one in part.wrong]
    assert names[0] not in rest and set(names[1:]) <= set(rest)


def test_a_bucket_that_may_not_be_read_is_a_problem_and_no_end_of_the_look(
    aws: Aws, admin: Callable[..., Any], name: str, connect: Callable[..., Connected], faulty: Any
) -> None:
    playbook = registry.get("block_public_bucket")
    for letter in "ab":
        finding_of(playbook.id, admin, f"{name}-{letter}")
    faulty.add("GetBucketLocation", code="AccessDenied", times=1)
    parts = look(connect(faulty.url, attempts=1).aws, playbook)
    assert len([part for part in parts if part.problem]) == 1 and parts[-1].cursor == ""
    assert "s3:GetBucketLocation" in next(part.problem for part in parts if part.problem)


def test_the_look_for_shared_databases_goes_on_behind_the_kind_at_which_it_stopped(
    aws: Aws, admin: Callable[..., Any], name: str
) -> None:
    playbook, rds = registry.get("make_rds_snapshot_private"), admin("rds")
    finding_of(playbook.id, admin, name)
    clustered = finding_of(playbook.id, admin, f"{name}-c", "of_a_cluster")["object_id"]
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier=clustered, AttributeName="restore", ValuesToAdd=["all"]
    )
    parts = look(aws, playbook)
    cursors = [part.cursor for part in parts]
    assert cursors[-1] == "" and "cluster-snapshot|" in cursors
    rest = look(aws, playbook, cursor="cluster-snapshot|")
    assert {one.category for part in rest for one in part.wrong} == {"AWS::RDS::DBClusterSnapshot"}
    (seen,) = wrong(aws, playbook, clustered)
    assert seen.dedup_key("1") == f"rds_snapshot_shared:1:us-east-1:{clustered}:all"
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier=clustered, AttributeName="restore", ValuesToRemove=["all"]
    )
    assert wrong(aws, playbook, clustered) == []
