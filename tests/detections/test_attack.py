"""The sandbox's attacker, recorded as CloudTrail records it, is found; an administrator's ordinary day is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from detection_samples import DETECTIONS

from sandbox.aws import attack, estate
from sandbox.aws.actors import Actor
from sandbox.aws.recorder import Recorder
from sandbox.aws.server import ACCOUNT, AwsStandIn
from workbench.replay import ShippedSearches, as_event

LOOKUPS = {
    "responder_allowed_countries": [{"country": "Germany", "reason": "headquarters"}],
    "responder_allowed_networks": [{"cidr": "198.51.100.0/24", "reason": "office"}],
}


@pytest.fixture
def aws() -> Iterator[AwsStandIn]:
    with AwsStandIn() as stand_in:
        stand_in.reset()
        yield stand_in


@pytest.fixture
def built(aws: AwsStandIn) -> estate.Estate:
    return estate.build(aws)


@pytest.fixture
def recorder(aws: AwsStandIn, built: estate.Estate) -> Recorder:
    return Recorder(aws)


def _findings(recorder: Recorder) -> dict[str, dict[str, Any]]:
    searches = ShippedSearches(DETECTIONS, lookups=LOOKUPS)
    found = searches.findings(as_event(record) for record in recorder.everything)
    return {finding["search"]: finding for finding in found}


def test_each_step_of_the_attack_is_found_and_answered(built: estate.Estate, recorder: Recorder):
    thief = built.actor(built.deploy_key, estate.ATTACKER_IP, recorder)
    for step in attack.STEPS:
        step.do(thief, built)
    found = _findings(recorder)
    for step in attack.STEPS:
        for name in step.detections:
            assert found[name]["recommended_playbook"] == step.playbook
            assert found[name]["vendor_account"] == ACCOUNT
            assert found[name]["access_key_id"] == built.deploy_key.access_key_id
    assert found["security_group_opened_to_world"]["object_id"] == built.group_id
    assert len(json.loads(found["security_group_opened_to_world"]["detail"])["rules"]) == 2
    assert found["s3_bucket_acl_made_public"]["object_id"] == built.bucket


@pytest.mark.extended
def test_an_open_rule_by_a_detour_and_a_public_policy_are_found(built: estate.Estate, recorder: Recorder):
    thief = built.actor(built.admin_key, estate.OFFICE_IP, recorder)
    ec2, s3 = thief.client("ec2"), thief.client("s3")
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [built.group_id]}])
    office = next(r for r in rules["SecurityGroupRules"] if r.get("CidrIpv4") == "198.51.100.0/24")
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}
    changed = {"SecurityGroupRuleId": office["SecurityGroupRuleId"], "SecurityGroupRule": rule}
    ec2.modify_security_group_rules(GroupId=built.group_id, SecurityGroupRules=[changed])
    s3.delete_public_access_block(Bucket=built.bucket)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{built.bucket}/*",
    }
    s3.put_bucket_policy(Bucket=built.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    found = _findings(recorder)
    (rule_found,) = json.loads(found["security_group_opened_to_world"]["detail"])["rules"]
    assert rule_found["rule_id"] == office["SecurityGroupRuleId"]
    assert found["s3_bucket_policy_made_public"]["object_id"] == built.bucket


@pytest.mark.extended
def test_an_administrators_day_is_quiet(built: estate.Estate, recorder: Recorder):
    admin: Actor = built.actor(built.admin_key, estate.OFFICE_IP, recorder)
    ec2, s3 = admin.client("ec2"), admin.client("s3")
    group = ec2.create_security_group(GroupName="shop", Description="Shop")["GroupId"]
    web = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    shell = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[web, shell])
    s3.create_bucket(Bucket="example-corp-reports")
    s3.put_bucket_acl(Bucket="example-corp-reports", ACL="private")
    s3.put_public_access_block(Bucket="example-corp-reports", PublicAccessBlockConfiguration=dict(estate.ALL_BLOCKED))
    admin.client("cloudtrail").get_trail_status(Name=estate.TRAIL)
    admin.client("iam").list_users()
    assert _findings(recorder) == {}
