"""Playbooks about keys and secrets: what they bring back, and what they leave to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Tasks

Admin = Callable[..., Any]
Find = Callable[..., Finding]


@pytest.fixture
def scheduled(admin: Admin) -> str:
    key: str = admin("kms").create_key()["KeyMetadata"]["KeyId"]
    admin("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    return key


def about(finding: Find, key: str) -> Finding:
    return finding(object_category="AWS::KMS::Key", object_id=key)


def state(admin: Admin, key: str) -> str:
    found: str = admin("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    return found


def past(name: str, key: str) -> dict[str, Any]:
    return {
        "eventID": "e",
        "eventSource": "kms.amazonaws.com",
        "eventName": name,
        "recipientAccountId": ACCOUNT,
        "requestParameters": {"keyId": key},
    }


@pytest.mark.parametrize(
    ("calls", "left"),
    [(["DisableKey", "EnableKey"], "Disabled"), (["EnableKey", "DisableKey"], "Enabled"), ([], "Enabled")],
)
def test_a_key_that_was_disabled_before_stays_so(
    tasks: Tasks, admin: Admin, scheduled: str, finding: Find, calls: list[str], left: str
) -> None:
    tasks.past = [past(name, scheduled) for name in calls]
    assert tasks.run(about(finding, scheduled), "cancel_key_deletion").status == "done"
    assert state(admin, scheduled) == left


def test_a_key_whose_deletion_somebody_canceled_is_enabled_all_the_same(
    tasks: Tasks, admin: Admin, scheduled: str, finding: Find
) -> None:
    admin("kms").cancel_key_deletion(KeyId=scheduled)
    assert tasks.run(about(finding, scheduled), "cancel_key_deletion").status == "done"
    assert state(admin, scheduled) == "Enabled"


def test_enabling_does_not_pass_over_a_deletion(tasks: Tasks, scheduled: str, finding: Find) -> None:
    with pytest.raises(InvalidFinding, match="PendingDeletion.*cancel_key_deletion"):
        tasks.run(about(finding, scheduled), "enable_key")


@pytest.mark.parametrize("key", ["alias/app", "arn:aws:kms:us-east-1:123456789012:alias/app", "cks-1", ""])
def test_an_alias_is_no_key(tasks: Tasks, finding: Find, key: str) -> None:
    with pytest.raises(InvalidFinding):
        tasks.run(about(finding, key), "enable_key")


@pytest.mark.parametrize(
    ("changed", "proved"),
    [
        ({}, True),
        ({"requestParameters": {"keyId": "alias/app"}, "resources": [{"ARN": "{arn}"}]}, True),
        ({"requestParameters": {"keyId": "other", "note": "{id}"}}, False),
        ({"eventName": "ScheduleKeyDeletion"}, False),
        ({"errorCode": "AccessDenied"}, False),
    ],
)
def test_the_call_on_that_key_is_proved(finding: Find, changed: dict[str, Any], proved: bool) -> None:
    key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key_id}"
    filled = {name: _filled(value, key, key_id) for name, value in changed.items()}
    record = CloudTrailRecord({**past("DisableKey", key_id), "awsRegion": "us-east-1", **filled})
    (claim,) = registry.get("enable_key").claims(about(finding, key))
    assert (claim.value in list(claim.values_in(record))) is proved


def _filled(value: Any, key: str, key_id: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, key, key_id) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, key, key_id) for inner in value]
    return value.replace("{arn}", key).replace("{id}", key_id)


# Secrets


@pytest.fixture
def secret(admin: Admin, name: str) -> str:
    admin("secretsmanager").create_secret(Name=name, SecretString="hunter2")
    return name


def about_secret(finding: Find, secret: str, **more: Any) -> Finding:
    return finding(object_category="AWS::SecretsManager::Secret", object_id=secret, **more)


def test_a_secret_without_rotation_is_left_to_people(tasks: Tasks, secret: str, finding: Find) -> None:
    with pytest.raises(InvalidFinding, match="no rotation.*Change it where it is used"):
        tasks.run(about_secret(finding, secret), "rotate_secret")


def rotating(admin: Admin, secret: str) -> str:
    admin("secretsmanager").rotate_secret(SecretId=secret, RotationRules={"AutomaticallyAfterDays": 30})
    return secret


def test_a_secret_that_was_rotated_since_is_left_alone(tasks: Tasks, admin: Admin, secret: str, finding: Find) -> None:
    rotated = admin("secretsmanager").describe_secret(SecretId=rotating(admin, secret))["LastRotatedDate"].timestamp()
    assert tasks.run(about_secret(finding, secret, last_time=rotated - 1), "rotate_secret").status == "already"
    later = about_secret(finding, secret, last_time=rotated + 1)
    assert tasks.run(later, "rotate_secret", task=tasks.task(2)).status == "done"


def test_the_same_finding_asks_for_the_same_version(tasks: Tasks, admin: Admin, secret: str, finding: Find) -> None:
    """So an answer that was lost does not rotate it again."""
    found = about_secret(finding, rotating(admin, secret))
    playbook = registry.get("rotate_secret")
    (one,), (other,) = (playbook.plan(found, tasks.aws, Safety()) for _ in range(2))
    assert one.steps == other.steps
    (another,) = playbook.plan(about_secret(finding, secret, dedup_key="other|1"), tasks.aws, Safety())
    assert another.steps != one.steps


@pytest.mark.parametrize("playbook", ["rotate_secret", "restore_secret"])
def test_the_value_of_a_secret_is_never_asked_for(
    tasks: Tasks, admin: Admin, secret: str, finding: Find, playbook: str
) -> None:
    if playbook == "rotate_secret":
        rotating(admin, secret)
    else:
        admin("secretsmanager").delete_secret(SecretId=secret)
    done = tasks.run(about_secret(finding, secret), playbook)
    assert done.status == "done" and "hunter2" not in str((done, tasks.audit, tasks.evidence()))
    assert not any("Value" in one.action for one in registry.get(playbook).permissions)
