"""What is special about the playbooks that give a trail back what it was: what they go by, what they leave alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import Curable, InvalidFinding
from responder.findings.claims import Claim
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from tests.aws import earlier
from tests.aws.scenarios import finding_of
from tests.aws.support import FaultyAws, Tasks

Admin = Callable[..., Any]
SETTINGS, SELECTORS = registry.get("restore_trail_settings"), registry.get("restore_event_selectors")
RECREATE = registry.get("recreate_deleted_trail")


def planned(playbook: Any, finding: Finding, tasks: Tasks) -> list[Any]:
    return list(playbook.plan(finding, tasks.aws, Safety(), tasks.earlier))


def with_settings(name: str, **shown: Any) -> dict[str, Any]:
    response = {"name": name, "s3BucketName": name, "isMultiRegionTrail": True, **shown}
    return earlier.call("cloudtrail", "UpdateTrail", {"name": name}, response)


def test_only_the_settings_of_the_findings_call_come_back(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(SETTINGS.id, admin, name)
    tasks.past = [with_settings(name, logFileValidationEnabled=True, includeGlobalServiceEvents=True)]
    finding = Finding(**{**fields, "detail": {"settings": "enableLogFileValidation=false"}})
    (change,) = planned(SETTINGS, finding, tasks)
    assert [step.aspect for step in change.steps] == ["log file validation"]
    assert change.steps[0].call.parameters["EnableLogFileValidation"] is True
    assert "IsMultiRegionTrail" not in change.steps[0].call.parameters


def test_a_setting_that_is_not_as_the_call_left_it_stays(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(SETTINGS.id, admin, name)
    tasks.past = [with_settings(name, cloudWatchLogsLogGroupArn="arn:aws:logs:us-east-1:123456789012:log-group:a:*")]
    detail = {"settings": ["cloudWatchLogsLogGroupArn=arn:aws:logs:us-east-1:123456789012:log-group:thief:*"]}
    assert planned(SETTINGS, Finding(**{**fields, "detail": detail}), tasks) == []


def test_the_newest_record_counts_and_none_of_the_thief(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(SETTINGS.id, admin, name)
    thief = {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/mallory", "accountId": "123456789012"}
    by_thief = with_settings(name, isMultiRegionTrail=False)
    by_thief.update(userIdentity=thief, eventTime="2025-03-04T10:00:00Z")
    newer = with_settings(name, includeGlobalServiceEvents=True, logFileValidationEnabled=False)
    tasks.past = [by_thief, newer, with_settings(name, logFileValidationEnabled=True)]
    finding = Finding(**fields, user_arn=str(thief["arn"]), first_time=1741083300.0)
    (change,) = planned(SETTINGS, finding, tasks)
    assert [step.aspect for step in change.steps] == ["regions and global services"], "validation was off before"


def test_a_trail_of_the_same_name_elsewhere_says_nothing(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(SETTINGS.id, admin, name)
    tasks.past = [{**with_settings(name), "awsRegion": "eu-west-1"}]
    with pytest.raises(InvalidFinding, match="not known") as caught:
        planned(SETTINGS, Finding(**fields), tasks)
    assert "template" in caught.value.hint


@pytest.mark.parametrize("odd", [{"isMultiRegionTrail": "perhaps"}, {"s3KeyPrefix": {"a": 1}}])
def test_a_record_that_does_not_fit_is_not_half_used(
    tasks: Tasks, admin: Admin, name: str, odd: dict[str, Any]
) -> None:
    fields = finding_of(SETTINGS.id, admin, name)
    tasks.past = [with_settings(name, **odd), with_settings(name)]
    with pytest.raises(InvalidFinding, match="cannot be read"):
        planned(SETTINGS, Finding(**fields), tasks)


def test_each_setting_has_to_be_in_a_record_of_that_trail() -> None:
    finding = Finding("a_b_c", "s", "high", "k", object_id="main", detail={"settings": "isMultiRegionTrail=false"})

    def proves(name: str, trail: str, value: Any) -> bool:
        record = CloudTrailRecord(earlier.call("cloudtrail", name, {"name": trail, "isMultiRegionTrail": value}))
        return all(claim.value in claim.values_in(record) for claim in claims)

    claims: list[Claim] = list(SETTINGS.claims(finding))
    assert proves("UpdateTrail", "main", False)
    assert not proves("UpdateTrail", "main", True)
    assert not proves("UpdateTrail", "other", False)
    assert not proves("CreateTrail", "main", False)


def test_a_finding_that_names_no_setting_is_refused(tasks: Tasks, finding: Callable[..., Finding]) -> None:
    with pytest.raises(InvalidFinding, match="which settings"):
        planned(SETTINGS, finding(object_id="main", detail={"settings": "name=other"}), tasks)


def test_selectors_that_no_call_takes_are_not_put(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(SELECTORS.id, admin, name)
    request = {"trailName": name, "eventSelectors": [{"readWriteType": "Sometimes"}]}
    tasks.past = [earlier.call("cloudtrail", "PutEventSelectors", request)]
    with pytest.raises(InvalidFinding, match="none of"):
        planned(SELECTORS, Finding(**fields), tasks)


def test_advanced_selectors_come_back_and_the_summary_says_what_changes(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(SELECTORS.id, admin, name)
    management = {"name": "all", "fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]}
    request = {"trailName": name, "advancedEventSelectors": [management]}
    tasks.past = [earlier.call("cloudtrail", "PutEventSelectors", request)]
    (change,) = planned(SELECTORS, Finding(**fields), tasks)
    assert "all management events instead of no management events, data events of AWS::S3::Object" in change.summary
    assert tasks.run(Finding(**fields), SELECTORS.id).status == "done"
    shown = admin("cloudtrail").get_event_selectors(TrailName=name)
    assert shown["AdvancedEventSelectors"][0]["FieldSelectors"][0]["Equals"] == ["Management"]


def test_a_trail_that_never_logged_management_events_is_left_alone(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(SELECTORS.id, admin, name)
    only_reads = {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}
    admin("cloudtrail").put_event_selectors(TrailName=name, EventSelectors=[only_reads])
    before = [{"readWriteType": "All", "includeManagementEvents": False}]
    tasks.past = [earlier.call("cloudtrail", "PutEventSelectors", {"trailName": name, "eventSelectors": before})]
    assert planned(SELECTORS, Finding(**fields), tasks) == []


def test_a_trail_that_logs_all_management_events_is_left_alone(tasks: Tasks, admin: Admin, name: str) -> None:
    fields = finding_of(SELECTORS.id, admin, name)
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True}
    admin("cloudtrail").put_event_selectors(TrailName=name, EventSelectors=[selector])
    assert planned(SELECTORS, Finding(**fields), tasks) == []


def test_a_recreated_trail_logs_has_its_tags_and_the_same_arn(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared(RECREATE.id, admin, name)
    (change,) = planned(RECREATE, finding, tasks)
    assert change.steps[0].call.operation == "create_trail" and change.steps[-1].call.operation == "start_logging"
    assert tasks.run(finding, RECREATE.id).status == "done"
    client = admin("cloudtrail")
    trail = client.get_trail(Name=name)["Trail"]
    assert trail["TrailARN"] == change.resource.id and trail["IsMultiRegionTrail"]
    assert client.get_trail_status(Name=name)["IsLogging"]
    (tagged,) = client.list_tags(ResourceIdList=[trail["TrailARN"]])["ResourceTagList"]
    ours = {"Key": "CloudTrailResponderWrite", "Value": tasks.evidence().entries[0].intended.key}
    assert tagged["TagsList"] == [{"Key": "team", "Value": "security"}, ours]


def test_a_bucket_that_does_not_admit_cloudtrail_is_named(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    finding = faulty_tasks.prepared(RECREATE.id, admin, name)
    faulty.add("CreateTrail", code="InsufficientS3BucketPolicyException")
    with pytest.raises(Curable, match="InsufficientS3BucketPolicyException") as caught:
        faulty_tasks.run(finding, RECREATE.id)
    assert "retry" in caught.value.hint
    faulty.clear()
    assert faulty_tasks.run(finding, RECREATE.id).status == "done"


def test_a_trail_nobody_knows_is_for_a_person(tasks: Tasks, finding: Callable[..., Finding], name: str) -> None:
    with pytest.raises(InvalidFinding, match=f"trail {name} was set up before is not known"):
        planned(RECREATE, finding(object_id=name), tasks)
