"""Playbooks on network ACLs, prefix lists, metadata and profiles: what is special about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding, Unavailable
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.model import Observation
from responder.settings.model import Safety

from tests.aws import estates
from tests.aws.scenarios import finding_of
from tests.aws.scenarios.remove_network_acl_entry import NARROW, OPEN
from tests.aws.support import Connected, Tasks

ACL, PREFIX, IMDS, PROFILE, SNAPSHOT = (
    registry.get(one)
    for one in (
        "remove_network_acl_entry",
        "remove_prefix_list_entry",
        "require_imdsv2",
        "detach_instance_profile",
        "snapshot_instance_volumes",
    )
)
Admin = Callable[..., Any]
Find = Callable[..., Finding]


def record(name: str, **fields: Any) -> CloudTrailRecord:
    return CloudTrailRecord.parse(json.dumps({"eventSource": "ec2.amazonaws.com", "eventName": name, **fields}))


# Network ACLs


def entries(admin: Admin, acl: str) -> list[tuple[int, str]]:
    found = admin("ec2").describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
    return [(one["RuleNumber"], one["CidrBlock"]) for one in found if not one["Egress"]]


def test_another_entry_of_the_same_number_stays(tasks: Tasks, admin: Admin, name: str) -> None:
    """Numbers are used again: only what the event made is removed."""
    finding = Finding(**finding_of(ACL.id, admin, name))
    for changed in ({"CidrBlock": "10.0.0.0/8"}, {"PortRange": {"From": 23, "To": 23}}, {"RuleAction": "deny"}):
        admin("ec2").replace_network_acl_entry(
            NetworkAclId=finding.object_id, RuleNumber=90, Egress=False, **{**OPEN, **changed}
        )
        assert ACL.plan(finding, tasks.aws, Safety()) == []


def test_a_replaced_entry_comes_back_as_it_was(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared(ACL.id, admin, name, "replaced")
    assert tasks.run(finding, ACL.id).status == "done"
    assert (90, NARROW["CidrBlock"]) in entries(admin, finding.object_id)


def test_what_a_replaced_entry_was_is_not_guessed(connected: Connected, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(ACL.id, admin, name, "replaced"))
    with pytest.raises(InvalidFinding, match="replaced another one"):
        ACL.plan(finding, connected.aws, Safety())


@pytest.mark.parametrize(
    "odd",
    [{"cidrBlock": "world"}, {"ruleAction": "maybe"}, {"portRange": {"from": "x"}}, {"aclProtocol": "1"}],
    ids=str,
)
def test_a_record_that_does_not_say_all_of_the_former_entry_is_no_ground(
    connected: Connected, admin: Admin, name: str, odd: dict[str, Any]
) -> None:
    finding = Finding(**finding_of(ACL.id, admin, name, "replaced"))
    asked = {"networkAclId": finding.object_id, "ruleNumber": 90, "ruleAction": "allow", "aclProtocol": "6"}
    asked = {**asked, "cidrBlock": "192.0.2.0/24", "portRange": {"from": 22, "to": 22}, **odd}
    past = [record("CreateNetworkAclEntry", requestParameters=asked)]
    with pytest.raises(InvalidFinding, match="replaced another one"):
        ACL.plan(finding, connected.aws, Safety(), lambda asked, about: past)


def test_a_port_that_may_be_open_stays_open(connected: Connected, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(ACL.id, admin, name))
    assert ACL.plan(finding, connected.aws, Safety(allowed_open_ports=(22,))) == []


@pytest.mark.parametrize("entry", [None, {}, {"call": "x", "rule_number": 32767, "cidr": "0.0.0.0/0"}, "90"], ids=str)
def test_a_finding_without_a_whole_entry_is_refused(connected: Connected, finding: Find, entry: Any) -> None:
    with pytest.raises(InvalidFinding, match="which inbound entry"):
        ACL.plan(finding(object_id="acl-0a1b2c3d", detail={"entry": entry}), connected.aws, Safety())
    assert connected.calls == []


def test_an_entry_is_proved_by_the_call_that_made_just_it(admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(ACL.id, admin, name))
    asked = {"networkAclId": finding.object_id, "ruleNumber": 90, "egress": False, "ruleAction": "allow"}
    asked = {**asked, "aclProtocol": "6", "cidrBlock": "0.0.0.0/0", "portRange": {"from": 22, "to": 22}}
    (claim,) = ACL.claims(finding)
    assert claim.value in claim.values_in(record("CreateNetworkAclEntry", requestParameters=asked))
    for other in ({"ruleNumber": 91}, {"egress": True}, {"cidrBlock": "10.0.0.0/8"}, {"ruleAction": "deny"}):
        assert claim.value not in claim.values_in(record("CreateNetworkAclEntry", requestParameters={**asked, **other}))
    assert claim.value not in claim.values_in(record("ReplaceNetworkAclEntry", requestParameters=asked))


# Prefix lists


def ranges(admin: Admin, name: str) -> set[str]:
    return {one["Cidr"] for one in admin("ec2").get_managed_prefix_list_entries(PrefixListId=name)["Entries"]}


def test_only_the_worlds_entries_leave_a_prefix_list(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(PREFIX.id, admin, name)
    fields["detail"] = {"cidr": ["0.0.0.0/1", "128.0.0.0/1", "192.0.2.0/24"]}
    finding = Finding(**fields)
    assert tasks.run(finding, PREFIX.id).status == "done"
    assert ranges(admin, finding.object_id) == {"192.0.2.0/24"}
    assert tasks.undo().status == "undone"
    assert ranges(admin, finding.object_id) == {"0.0.0.0/1", "128.0.0.0/1", "192.0.2.0/24"}


def test_a_list_that_is_being_changed_is_left_until_it_is_not(connected: Connected, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(PREFIX.id, admin, name))
    (change,) = PREFIX.plan(finding, connected.aws, Safety())
    state = {**PREFIX.state(change.resource, connected.aws), "status": "modify-in-progress"}
    with pytest.raises(Unavailable):
        PREFIX.ready(change.steps[0], Observation(change.resource, state))


def test_what_uses_a_list_is_said(connected: Connected, admin: Admin, name: str) -> None:
    finding = Finding(**finding_of(PREFIX.id, admin, name))
    group = admin("ec2").create_security_group(GroupName=name, Description="x")["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": finding.object_id}]}
    admin("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    (change,) = PREFIX.plan(finding, connected.aws, Safety())
    assert group in PREFIX.blast_radius(change.resource, {}, connected.aws)[0]


def test_a_list_of_aws_is_refused(tasks: Tasks, admin: Admin, finding: Find) -> None:
    lists = admin("ec2").describe_managed_prefix_lists()["PrefixLists"]
    name = next(one["PrefixListId"] for one in lists if one["OwnerId"] == "AWS")
    some = admin("ec2").get_managed_prefix_list_entries(PrefixListId=name)["Entries"][0]["Cidr"]
    seen = PREFIX.read(PREFIX.targets(finding(object_id=name, detail={"cidr": some}), tasks.aws)[0], tasks.aws)
    assert seen.resource.account == "AWS", "and not the entry's account, so a guardrail refuses it"


# Metadata, profile, snapshots


def test_an_instance_without_metadata_is_left_alone(
    connected: Connected, admin: Admin, name: str, finding: Find
) -> None:
    instance = estates.instance(admin, name)
    off = {"HttpTokens": "optional", "HttpEndpoint": "disabled"}
    admin("ec2").modify_instance_metadata_options(InstanceId=instance, **off)
    assert IMDS.plan(finding(object_id=instance), connected.aws, Safety()) == []


def test_another_profile_than_the_events_stays(connected: Connected, admin: Admin, name: str) -> None:
    fields = finding_of(PROFILE.id, admin, name)
    fields["detail"] = {"instance_profile": f"{name}-another"}
    assert PROFILE.plan(Finding(**fields), connected.aws, Safety()) == []


def test_the_profile_that_it_had_before_comes_back(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared(PROFILE.id, admin, name, "given_for_another")
    assert tasks.run(finding, PROFILE.id).status == "done"
    found = admin("ec2").describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [finding.object_id]}]
    )["IamInstanceProfileAssociations"]
    assert [one["IamInstanceProfile"]["Arn"].rpartition("/")[2] for one in found] == [f"{name}-former"]


def test_each_case_has_snapshots_of_its_own(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    instance = estates.instance(admin, name)
    for number, case in enumerate(("one", "two", "one"), 1):
        tasks.run(finding(object_id=instance, dedup_key=f"{name}{case}"), SNAPSHOT.id, task=tasks.task(number))
    filters = [{"Name": "tag:cloudtrail-responder-instance", "Values": [instance]}]
    assert len(admin("ec2").describe_snapshots(Filters=filters)["Snapshots"]) == 2
