"""``| respondbacktest`` of the built app, over what is indexed."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from sandbox.aws import ACCOUNT
from sandbox.world import ANALYST


@pytest.fixture
def python_version(one_version: str) -> str:
    return one_version


def search(site: Any, spl: str, user: str) -> Any:
    return site.world.rest("POST", "search/jobs", user, data={"search": spl, "exec_mode": "oneshot", "count": 0})


def closed(site: Any, group: str, user: str) -> None:
    """CloudTrail's record of somebody closing a group a moment from now."""
    identity = {"type": "IAMUser", "userName": user, "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}", "accountId": ACCOUNT}
    record = {
        "eventVersion": "1.10",
        "eventID": str(uuid.uuid4()),
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1)),
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RevokeSecurityGroupIngress",
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "eventType": "AwsApiCall",
        "userIdentity": identity,
        "requestParameters": {"groupId": group},
    }
    site.world.splunkd.add_event(json.dumps(record), index="main", sourcetype="aws:cloudtrail", source="test")


def test_it_shows_what_would_have_been_changed_and_changes_nothing(site: Any) -> None:
    admin = site.world.splunkd.admin[0]
    left, put_right = (site.open_ssh()["object_id"] for _ in range(2))
    closed(site, put_right, "alice")
    spl = "| respondbacktest earliest=-2d detection=security_group_opened_to_world"
    rows = {row["target"]: row for row in search(site, spl, admin).json()["results"]}
    assert set(rows) == {left, put_right}
    assert (rows[put_right]["fate"], rows[put_right]["fate_by"]) == ("reverted", "alice")
    assert rows[left]["fate"] == "unknown" and "end before a day was over" in rows[left]["means"]
    assert rows[left]["playbook"] == "revoke_open_ingress" and rows[left]["user"] == "deploy-bot"
    assert site.open_to_world(left) and site.tasks() == []


def test_what_is_no_time_or_no_detection_is_refused_and_so_is_whoever_cannot_read_the_detections(site: Any) -> None:
    admin = site.world.splunkd.admin[0]
    for options, said in (
        ("earliest=yesterday", "earliest is"),
        ("earliest=-9000d", "at most 400 days"),
        ("detection=no_such_thing", "recommends a playbook"),
    ):
        refused = search(site, f"| respondbacktest {options}", admin)
        assert refused.status_code == 400 and said in refused.text
    refused = search(site, "| respondbacktest", ANALYST)
    assert refused.status_code == 400 and "cannot read the detections" in refused.text
