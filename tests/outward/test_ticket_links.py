"""Links of a ticket lead to the AWS console and to Splunk, last, and hold nothing of an event unquoted."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hostile import TEXTS
from hypothesis import given, settings
from responder.cases.task import Alert, Task
from responder.findings.finding import Finding
from responder.handlers.reports import report_of_case
from responder.remediation.console_pages import call_page, resource_page

RESULTS = "https://splunk.example:8000/en-US/app/search/@go?sid=rt_1"


def task_of(finding: Finding, results: str = RESULTS) -> Task:
    return Task(f"{'0' * 20}.ticket.{'0' * 16}", "ticket.finding", finding=finding, alert=Alert("A", "search", results))


@pytest.mark.parametrize(
    ("changes", "page"),
    [
        ({}, "https://console.aws.amazon.com/ec2/home?region=eu-central-1#SecurityGroup:groupId=sg-0abc12345"),
        (
            {"vendor_region": "cn-north-1", "user_arn": "arn:aws-cn:iam::111122223333:user/alice"},
            "https://console.amazonaws.cn/ec2/home?region=cn-north-1#SecurityGroup:groupId=sg-0abc12345",
        ),
        (
            {"vendor_region": "us-gov-west-1", "user_arn": ""},
            "https://console.amazonaws-us-gov.com/ec2/home?region=us-gov-west-1#SecurityGroup:groupId=sg-0abc12345",
        ),
        (
            {"object_category": "AWS::IAM::Role", "object_id": "arn:aws:iam::111122223333:role/team/deploy"},
            "https://console.aws.amazon.com/iam/home#/roles/details/deploy",
        ),
        (
            {"object_category": "AWS::IAM::AccessKey", "object_id": "AKIAIOSFODNN7EXAMPLE", "user": "a/b"},
            "https://console.aws.amazon.com/iam/home#/users/details/a%2Fb?section=security_credentials",
        ),
        ({"object_category": "AWS::Unknown::Thing"}, ""),
        ({"vendor_region": ""}, ""),
        ({"object_id": ""}, ""),
    ],
)
def test_a_resource_has_its_page_in_its_region_and_partition(
    finding: Finding, changes: dict[str, str], page: str
) -> None:
    assert resource_page(replace(finding, **changes)) == page  # type: ignore[arg-type]


def test_the_call_is_found_in_the_event_history(finding: Finding) -> None:
    assert call_page(finding) == (
        "https://console.aws.amazon.com/cloudtrailv2/home?region=eu-central-1#/events?EventId="
        "4f1c0000-0000-4000-8000-000000000001"
    )
    assert call_page(replace(finding, event_ids=())) == ""


def test_the_events_are_searched_for_between_absolute_times(finding: Finding) -> None:
    link = urlsplit(report_of_case(task_of(finding), "c0ffee").events_link)
    asked = parse_qs(link.query)
    assert link.path == "/en-US/app/cloudtrail_responder/search" and "sid" not in asked
    ids = " OR ".join(finding.event_ids)
    assert asked["q"] == [f"search `cloudtrail_index` ({ids})"]
    assert int(asked["earliest"][0]) < finding.first_time < finding.last_time < int(asked["latest"][0])


@pytest.mark.parametrize("results", ["", "https://splunk.example/without"])
def test_without_an_address_of_splunk_web_there_is_no_link(finding: Finding, results: str) -> None:
    assert report_of_case(task_of(finding, results), "c0ffee").events_link == ""


def test_without_times_there_is_no_search_over_all_time(finding: Finding) -> None:
    timeless = replace(finding, first_time=0.0, last_time=0.0)
    assert report_of_case(task_of(timeless), "c0ffee").events_link == ""


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_no_name_leaves_its_place_in_an_address(name: str, event: str) -> None:
    for category in ("AWS::S3::Bucket", "AWS::IAM::AccessKey", "AWS::EC2::Instance"):
        hostile = Finding(
            "x_y_z", "X", "high", "k", vendor_region="eu-central-1", object_category=category, object_id=name,
            user=name, event_ids=(event,), first_time=1e9, last_time=1e9,
        )  # fmt: skip
        report = report_of_case(task_of(hostile), "c0ffee")
        assert report.events_link == "", "only what has the form of an event id is searched for"
        for link in (report.resource_link, report.call_link):
            assert re.fullmatch(r"(https://console\.aws\.amazon\.com/[A-Za-z0-9/?=#&:%._~-]+)?", link), link
