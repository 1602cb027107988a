"""What is special about the playbooks that bring logs and detectors of attacks back: hazards, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import Curable, InvalidFinding, NeedsApproval, NotFound, Rejected
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws import earlier
from tests.aws.scenarios import SCENARIOS, finding_of
from tests.aws.support import UNLIMITED, Connected, FaultyAws, Tasks

Admin = Callable[..., Any]
Find = Callable[..., Finding]


def planned(playbook: str, finding: Finding, tasks: Tasks) -> list[Any]:
    return list(registry.get(playbook).plan(finding, tasks.aws, Safety(), tasks.earlier))


def proves(playbook: str, finding: Finding, record: dict[str, Any]) -> bool:
    """Whether one record has all that the playbook wants proved."""
    read = CloudTrailRecord(record)
    return all(claim.value in list(claim.values_in(read)) for claim in registry.get(playbook).claims(finding))


@pytest.mark.parametrize(
    ("playbook", "variant"),
    [
        ("restore_flow_logs", ""),
        ("reenable_guardduty", "deleted"),
        ("recreate_access_analyzer", ""),
        ("recreate_deleted_trail", "plain"),
    ],
)
def test_an_undo_does_not_delete_what_somebody_has_made_like_it_since(
    playbook: str, variant: str, tasks: Tasks, admin: Admin, name: str
) -> None:
    """Ours was deleted meanwhile, and somebody keeps the logs, or looks for attacks, with one of his own."""
    finding = tasks.prepared(playbook, admin, name, variant)
    assert tasks.run(finding, playbook).status == "done"
    entry = tasks.evidence().entries[0]
    delete_by_hand(admin, playbook, entry.left.value if entry.left else None, finding)
    SCENARIOS[playbook].fix(admin, dict(vars(finding)))
    with pytest.raises(NeedsApproval, match="changed after the remediation"):
        tasks.undo()


def delete_by_hand(admin: Admin, playbook: str, left: Any, finding: Finding) -> None:
    if playbook == "restore_flow_logs":
        admin("ec2").delete_flow_logs(FlowLogIds=[left["FlowLogId"]])
    elif playbook == "reenable_guardduty":
        admin("guardduty").delete_detector(DetectorId=left["DetectorId"])
    elif playbook == "recreate_deleted_trail":
        client = admin("cloudtrail")
        trail = client.get_trail(Name=finding.object_id)["Trail"]["TrailARN"]
        # moto keeps the tags of a trail that is gone for the next one of the name.
        (tagged,) = client.list_tags(ResourceIdList=[trail])["ResourceTagList"]
        client.remove_tags(ResourceId=trail, TagsList=tagged["TagsList"])
        client.delete_trail(Name=trail)
    else:
        admin("accessanalyzer").delete_analyzer(analyzerName=finding.object_id)


# Flow logs


def test_a_flow_log_that_aws_does_not_create_is_no_success(tasks: Tasks, admin: Admin, name: str) -> None:
    """The call itself succeeds: its answer says what was not created."""
    finding = tasks.prepared("restore_flow_logs", admin, name)
    admin("s3").delete_bucket(Bucket=name)
    with pytest.raises(Curable, match="LogDestination"):
        tasks.run(finding, "restore_flow_logs")
    assert tasks.outcomes() == ["not_done"]
    admin("s3").create_bucket(Bucket=name)
    assert tasks.run(finding, "restore_flow_logs").status == "done"


def test_flow_logs_of_a_vpc_that_is_gone_are_nothing_to_do(tasks: Tasks, admin: Admin, name: str) -> None:
    """Infrastructure as code deletes a VPC's flow logs before the VPC."""
    finding = tasks.prepared("restore_flow_logs", admin, name)
    admin("ec2").delete_vpc(VpcId=finding.detail["vpc"])
    done = tasks.run(finding, "restore_flow_logs")
    assert done.status == "already" and "does not exist" in done.message


def test_each_of_several_flow_logs_has_to_be_known(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("restore_flow_logs", admin, name)
    known = str(finding.object_id)
    both = Finding(**{**vars(finding), "detail": {"flow_logs": f"{known}, fl-0123456789"}})
    with pytest.raises(InvalidFinding, match="fl-0123456789"):
        planned("restore_flow_logs", both, tasks)


def test_flow_logs_of_one_call_go_back_to_what_each_had_watched(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("restore_flow_logs", admin, name)
    (record,) = tasks.past
    request = {**record["requestParameters"]["CreateFlowLogsRequest"]}
    request["ResourceId"] = [{"tag": 1, "content": "vpc-1"}, {"tag": 2, "content": "vpc-2"}]
    made = {"CreateFlowLogsResponse": {"flowLogIdSet": {"item": ["fl-1", "fl-2"]}}}
    tasks.past = [earlier.call("ec2", "CreateFlowLogs", {"CreateFlowLogsRequest": request}, made)]
    second = Finding(**{**vars(finding), "object_id": "fl-2", "detail": {"flow_logs": ["fl-2"]}})
    (change,) = planned("restore_flow_logs", second, tasks)
    assert [step.call.parameters["ResourceIds"] for step in change.steps] == [["vpc-2"]]


def test_every_deleted_flow_log_has_to_be_in_the_record() -> None:
    finding = Finding("a_b_c", "s", "high", "k", object_id="fl-1", detail={"flow_logs": "fl-1, fl-2"})
    ids = [{"tag": 1, "content": "fl-1"}, {"tag": 2, "content": "fl-2"}]
    assert proves("restore_flow_logs", finding, deletion(ids))
    assert not proves("restore_flow_logs", finding, deletion(ids[:1]))


def deletion(ids: list[dict[str, Any]]) -> dict[str, Any]:
    return earlier.call("ec2", "DeleteFlowLogs", {"DeleteFlowLogsRequest": {"FlowLogId": ids}})


# GuardDuty


def test_a_detector_that_is_created_again_has_the_settings_of_the_old_one(
    tasks: Tasks, admin: Admin, name: str
) -> None:
    finding = tasks.prepared("reenable_guardduty", admin, name, "deleted")
    assert tasks.run(finding, "reenable_guardduty").status == "done"
    client = admin("guardduty")
    (detector,) = client.list_detectors()["DetectorIds"]
    assert detector != finding.object_id
    assert client.get_detector(DetectorId=detector)["FindingPublishingFrequency"] == "FIFTEEN_MINUTES"
    assert tasks.undo().status == "undone" and client.list_detectors()["DetectorIds"] == []


def test_a_detector_nobody_knows_is_created_with_defaults(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("reenable_guardduty", admin, name, "deleted")
    tasks.past = []
    (change,) = planned("reenable_guardduty", finding, tasks)
    assert change.steps[0].call.parameters == {"Enable": True}


def test_only_protections_that_the_call_turned_off_are_proved() -> None:
    finding = Finding("a_b_c", "s", "high", "k", object_id="d1", detail={"features": "S3_DATA_EVENTS"})
    features = [{"name": "S3_DATA_EVENTS", "status": "DISABLED"}]
    turned_off = earlier.call("guardduty", "UpdateDetector", {"detectorId": "d1", "features": features})
    turned_on = earlier.call("guardduty", "UpdateDetector", {"detectorId": "d1", "features": [
        {"name": "S3_DATA_EVENTS", "status": "ENABLED"}]})  # fmt: skip
    assert proves("reenable_guardduty", finding, turned_off)
    assert not proves("reenable_guardduty", finding, turned_on)


def test_a_filter_keeps_its_criteria_and_rank(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("unsuppress_guardduty_findings", admin, name, "archiving")
    assert tasks.run(finding, "unsuppress_guardduty_findings").status == "done"
    client = admin("guardduty", finding.vendor_region)
    shown = client.get_filter(DetectorId=finding.detail["detector"], FilterName=name)
    assert (shown["Action"], shown["Rank"]) == ("NOOP", 3) and shown["FindingCriteria"]["Criterion"]["severity"]


def test_a_list_is_proved_by_the_answer_that_gave_it_its_id() -> None:
    detail = {"detector": "d1", "list": "s1"}
    kind = "AWS::GuardDuty::IPSet"
    finding = Finding("a_b_c", "s", "high", "k", object_category=kind, object_id="office", detail=detail)
    request = {"detectorId": "d1", "name": "office"}
    assert proves(
        "unsuppress_guardduty_findings", finding, earlier.call("guardduty", "CreateIPSet", request, {"ipSetId": "s1"})
    )
    assert not proves(
        "unsuppress_guardduty_findings", finding, earlier.call("guardduty", "CreateIPSet", request, {"ipSetId": "s2"})
    )


# AWS Config


def test_a_recorder_that_is_put_back_records_what_it_did(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("restart_config_recorder", admin, name, "deleted")
    (change,) = planned("restart_config_recorder", finding, tasks)
    assert [step.aspect for step in change.steps] == ["recorder", "delivery channel", "recording"]
    assert tasks.run(finding, "restart_config_recorder").status == "done"
    (recorder,) = admin("config").describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["recordingGroup"]["allSupported"] and recorder["recordingGroup"]["includeGlobalResourceTypes"]


def test_a_protected_recorder_is_not_touched(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("restart_config_recorder", admin, name, "stopped")
    client = admin("config")
    (recorder,) = client.describe_configuration_recorders()["ConfigurationRecorders"]
    client.tag_resource(ResourceArn=recorder["arn"], Tags=[{"Key": "keep", "Value": "yes"}])
    tasks.safety = Safety(default_mode="enforce", protected_tags=("keep=yes",), **UNLIMITED)
    refused = tasks.run(finding, "restart_config_recorder")
    assert refused.status == "refused" and "protected tag" in refused.message
    tasks.safety = Safety(default_mode="enforce", **UNLIMITED)


def test_the_call_that_decides_what_is_put_back_is_proved() -> None:
    finding = Finding("a_b_c", "s", "high", "k", object_id="default", command="PutConfigurationRecorder")
    stop = earlier.call("config", "StopConfigurationRecorder", {"configurationRecorderName": "default"})
    put = earlier.call("config", "PutConfigurationRecorder", {"configurationRecorder": {"name": "default"}})
    assert proves("restart_config_recorder", finding, put)
    assert not proves("restart_config_recorder", finding, stop)


# CloudWatch Logs, EventBridge, CloudWatch


def test_a_retention_is_never_shortened_and_one_that_changed_again_stays(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("restore_log_group_retention", admin, name, "from_a_year")
    shorter = earlier.call("logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": 1})
    tasks.past = [shorter]
    assert planned("restore_log_group_retention", finding, tasks) == []
    tasks.past = [earlier.call("logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": 90})]
    admin("logs").put_retention_policy(logGroupName=name, retentionInDays=7)
    assert planned("restore_log_group_retention", finding, tasks) == []


def test_a_log_group_with_slashes_is_found_and_its_neighbor_is_not(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of("restore_log_group_retention", admin, f"/aws/{name}/audit")
    admin("logs").create_log_group(logGroupName=f"/aws/{name}/audit-2")
    tasks.past = [earlier.call("logs", "CreateLogGroup", {"logGroupName": fields["object_id"]})]
    (change,) = planned("restore_log_group_retention", Finding(**fields), tasks)
    assert change.resource.id.endswith(f":log-group:/aws/{name}/audit")
    assert change.summary == f"Keep events of log group /aws/{name}/audit for good again."


def test_a_rule_that_a_service_manages_is_refused(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    finding = faulty_tasks.prepared("enable_event_rule", admin, name)
    arn = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{name}"
    body = f'{{"Name": "{name}", "Arn": "{arn}", "State": "DISABLED", "ManagedBy": "config.amazonaws.com"}}'
    faulty.add("DescribeRule", status=200, body=body)
    with pytest.raises(Rejected, match="config.amazonaws.com"):
        planned("enable_event_rule", finding, faulty_tasks)


def test_a_rule_on_another_bus_is_proved_with_its_bus() -> None:
    def named(bus: str) -> Finding:
        return Finding("a_b_c", "s", "high", "k", object_id="r", detail={"event_bus": bus})

    on_default = earlier.call("events", "DisableRule", {"name": "r"})
    elsewhere = earlier.call("events", "DisableRule", {"name": "r", "eventBusName": "security"})
    assert proves("enable_event_rule", named("default"), on_default)
    assert proves("enable_event_rule", named("security"), elsewhere)
    assert not proves("enable_event_rule", named("default"), elsewhere)
    partner = "aws.partner/example.com/1/alerts"
    of_partner = earlier.call("events", "DisableRule", {"name": "r", "eventBusName": partner})
    by_arn = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{partner}"
    assert proves("enable_event_rule", named(partner), of_partner) and proves(
        "enable_event_rule", named(by_arn), of_partner
    )


def test_a_rule_of_a_partners_bus_is_read_there(tasks: Tasks, connected: Connected, finding: Find) -> None:
    bus = "aws.partner/example.com/1/alerts"
    (target,) = registry.get("enable_event_rule").targets(
        finding(object_id="r", detail={"event_bus": bus}), connected.aws
    )
    assert target.id == f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{bus}/r"
    with pytest.raises(NotFound):
        registry.get("enable_event_rule").read(target, connected.aws)


def test_a_plan_says_when_a_rule_would_reach_nobody(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("enable_event_rule", admin, name)
    admin("events").remove_targets(Rule=name, Ids=["topic"])
    simulated = tasks.run(finding, "enable_event_rule", "simulate")
    assert "has no targets" in str(simulated.changes)


def test_an_alarm_with_commas_in_its_name_is_one(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of("enable_alarm_actions", admin, f"{name}, again")
    alarm = f"{name}, again-root"
    only = Finding(**{**fields, "object_id": alarm, "detail": {"alarms": alarm}})
    (change,) = planned("enable_alarm_actions", only, tasks)
    assert change.steps[0].call.parameters == {"AlarmNames": [alarm]}


def test_an_alarm_that_is_gone_is_not_called_enabled(tasks: Tasks, finding: Find, name: str) -> None:
    """AWS answers the call with success."""
    with pytest.raises(NotFound, match=name):
        planned("enable_alarm_actions", finding(object_id=name), tasks)


# Others


def test_a_store_of_another_account_is_explained_and_nothing_is_called(connected: Connected, finding: Find) -> None:
    foreign = "arn:aws:cloudtrail:us-east-1:999988887777:eventdatastore/1b2c3d4e"
    with pytest.raises(Rejected, match="999988887777"):
        registry.get("restart_event_data_store").plan(finding(object_id=foreign), connected.aws, Safety())
    assert connected.calls == []


def test_the_web_acl_is_the_one_of_the_newest_record(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("restore_web_acl_association", admin, name)
    other = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/former/0"
    older = earlier.call("wafv2", "AssociateWebACL", {"webACLArn": other, "resourceArn": finding.object_id})
    tasks.past = [*tasks.past, older]
    (change,) = planned("restore_web_acl_association", finding, tasks)
    assert change.steps[0].after == finding.detail["web_acl"]


def test_a_distribution_of_cloudfront_is_for_a_person(tasks: Tasks, finding: Find) -> None:
    distribution = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"
    with pytest.raises(InvalidFinding, match="distribution") as caught:
        planned("restore_web_acl_association", finding(object_id=distribution), tasks)
    assert "by hand" in caught.value.hint


def test_logging_of_another_region_says_nothing(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("restore_bedrock_logging", admin, name, "deleted")
    tasks.past = [{**dict(record), "awsRegion": "eu-west-1"} for record in tasks.past]
    with pytest.raises(InvalidFinding, match="not known"):
        planned("restore_bedrock_logging", finding, tasks)


def test_what_the_thief_did_himself_is_not_how_it_was(tasks: Tasks, admin: Admin, name: str) -> None:
    """Within the day before: an earlier call of his is part of the same attack."""
    fields = finding_of("restore_log_group_retention", admin, name)
    mallory = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/mallory", "accountId": ACCOUNT}
    earlier_that_day = earlier.call(
        "logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": 3},
        userIdentity=mallory, eventTime="2025-03-04T10:00:00Z",
    )  # fmt: skip
    honest = earlier.call("logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": 365})
    tasks.past = [earlier_that_day, honest]
    finding = Finding(**fields, user_arn=str(mallory["arn"]), first_time=1741083300.0)
    (change,) = planned("restore_log_group_retention", finding, tasks)
    assert change.steps[0].after == 365


@pytest.mark.parametrize(
    ("playbook", "fields", "said"),
    [
        ("restore_flow_logs", {"object_id": "fl-1", "detail": {"flow_logs": ["vpc-1"]}}, "which VPC flow logs"),
        ("reenable_guardduty", {"object_id": "a/b"}, "no detector"),
        ("unsuppress_guardduty_findings", {
            "object_category": "AWS::GuardDuty::Filter", "object_id": "x", "detail": {"a": 1}}, "which filter"),
        ("restore_log_group_retention", {"object_id": "x", "detail": {"retention_days": "soon"}}, "how many days"),
        ("restore_resolver_query_logging", {"object_id": "rqlc-1", "detail": {"vpc": "x"}}, "no VPC"),
        ("restart_event_data_store", {"object_id": "a b"}, "no event data store"),
        ("enable_event_rule", {"object_id": "a/b"}, "no rule"),
    ],
)  # fmt: skip
def test_what_a_finding_does_not_say_is_asked_for(
    connected: Connected, finding: Find, playbook: str, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidFinding, match=said):
        registry.get(playbook).plan(finding(**fields), connected.aws, Safety())
