"""Playbook ``restore_backup_vault``: what of a former lock and policy comes back, and what does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding, NeedsApproval
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.remediation.model import Resource
from responder.settings.model import Safety

from tests.aws import earlier, policies
from tests.aws.scenarios import restore_backup_vault as vaults
from tests.aws.support import Tasks

PLAYBOOK = registry.get("restore_backup_vault")
Admin = Callable[..., Any]
Find = Callable[..., Finding]


def policy_of(admin: Admin, name: str) -> list[str]:
    text = admin("backup").get_backup_vault_access_policy(BackupVaultName=name)["Policy"]
    return [one["Sid"] for one in json.loads(text)["Statement"]]


def test_a_former_policy_comes_back_without_outsiders(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    fields = vaults.without_policy(admin, name)
    tasks.past = vaults.past(fields)
    assert tasks.run(finding(**fields), PLAYBOOK.id).status == "done"
    assert policy_of(admin, name) == ["keep"], "and the lock, which nobody removed, is left alone"
    assert not admin("backup").describe_backup_vault(BackupVaultName=name).get("Locked")


def test_a_former_lock_comes_back_as_one_that_can_be_removed(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    fields = vaults.unlocked(admin, name)
    tasks.past = vaults.past(fields)
    (change,) = PLAYBOOK.plan(finding(**fields), tasks.aws, Safety(), tasks.earlier)
    sent = change.steps[0].call.parameters
    assert sent == {"BackupVaultName": name, "MinRetentionDays": 7, "MaxRetentionDays": 365}, "and no ChangeableForDays"


def test_without_a_record_only_outsiders_lose_what_an_event_gave_them(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    both = policies.policy(policies.public("backup:CopyIntoBackupVault", "*"), policies.own("backup:*"))
    fields = vaults.opened(admin, name, both)
    assert tasks.run(finding(**fields), PLAYBOOK.id).status == "done" and policy_of(admin, name) == ["Own"]
    assert tasks.undo().status == "undone" and policy_of(admin, name) == ["Public", "Own"]


def test_a_policy_that_somebody_set_after_the_event_stays(tasks: Tasks, admin: Admin, name: str, finding: Find) -> None:
    fields = vaults.opened(admin, name)
    tasks.past = vaults.past(fields)
    since = policies.policy(policies.own("backup:*"))
    admin("backup").put_backup_vault_access_policy(BackupVaultName=name, Policy=since)
    outcome = tasks.run(finding(**fields), PLAYBOOK.id)
    assert outcome.status == "already" and policy_of(admin, name) == ["Own"]
    assert f"nothing to do, the access policy of backup vault {name} was changed since" in outcome.message


def test_a_lock_for_good_that_an_administrator_set_since_stays(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    fields = vaults.unlocked(admin, name)
    tasks.past = vaults.past(fields)
    assert tasks.run(finding(**fields), PLAYBOOK.id).status == "done"
    days = {"MinRetentionDays": 7, "MaxRetentionDays": 365}
    admin("backup").put_backup_vault_lock_configuration(BackupVaultName=name, ChangeableForDays=3, **days)
    with pytest.raises(NeedsApproval, match="changed after the remediation.*nobody can remove the lock from 20"):
        tasks.undo()
    assert admin("backup").describe_backup_vault(BackupVaultName=name)["Locked"]


def test_a_lock_without_days_is_a_lock() -> None:
    vault = Resource(
        "arn:aws:backup:us-east-1:123456789012:backup-vault:prod", "AWS::Backup::BackupVault", "123456789012"
    )
    said = PLAYBOOK.describe(vault, {"lock": {}, "access policy": None, "access policy text": None}, ["lock"])
    assert "is locked (recovery points are kept as their jobs say)" in said


def test_a_policy_that_somebody_set_after_the_deletion_stays(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    fields = vaults.without_policy(admin, name)
    tasks.past = vaults.past(fields)
    since = policies.policy(policies.own("backup:*"))
    admin("backup").put_backup_vault_access_policy(BackupVaultName=name, Policy=since)
    outcome = tasks.run(finding(**fields), PLAYBOOK.id)
    assert outcome.status == "already" and policy_of(admin, name) == ["Own"]
    assert f"nothing to do, the access policy of backup vault {name} was changed since" in outcome.message


@pytest.mark.parametrize(("lost", "what"), [(vaults.unlocked, "lock"), (vaults.without_policy, "access policy")])
def test_what_was_removed_on_purpose_before_does_not_come_back(
    lost: Any, what: str, tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    fields = lost(admin, name)
    removed = earlier.call(
        "backup",
        fields["detail"]["call"],
        {"backupVaultName": name},
        eventID="11111111-0000-4000-8000-00000000000b",
        eventTime="2025-01-03T03:04:05Z",
    )
    tasks.past = (removed, *vaults.past(fields))
    outcome = tasks.run(finding(**fields), PLAYBOOK.id)
    assert outcome.status == "already" and not tasks.outcomes()
    assert f"nothing to do, backup vault {name} had no {what} before the event." in outcome.message


@pytest.mark.parametrize("lost", [vaults.unlocked, vaults.without_policy])
def test_what_no_record_shows_a_person_has_to_know(
    lost: Any, tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    with pytest.raises(InvalidFinding, match="was set up before is not known"):
        tasks.run(finding(**lost(admin, name)), PLAYBOOK.id)


def test_the_call_that_changed_it_is_proved(finding: Find) -> None:
    about = finding(object_id="prod", detail={"call": "DeleteBackupVaultAccessPolicy"})
    (claim,) = PLAYBOOK.claims(about)
    assert claim.what == "resource of DeleteBackupVaultAccessPolicy" and claim.value == "prod"
    with pytest.raises(InvalidFinding, match="does not say how the vault was changed"):
        PLAYBOOK.claims(finding(object_id="prod", detail={"call": "CancelLegalHold"}))


def test_the_policy_that_the_event_set_is_proved(finding: Find) -> None:
    policy, another = (policies.policy(one) for one in (policies.public("backup:*", "*"), policies.own("backup:*")))
    about = finding(object_id="prod", detail={"call": "PutBackupVaultAccessPolicy", "policy": policy})
    claim = PLAYBOOK.claims(about)[1]
    for call, vault, set_to, is_proved in (
        ("PutBackupVaultAccessPolicy", "prod", policy, True),
        ("PutBackupVaultAccessPolicy", "prod", another, False),
        ("PutBackupVaultAccessPolicy", "test", policy, False),
        ("DeleteBackupVaultAccessPolicy", "prod", policy, False),
    ):
        record = CloudTrailRecord(earlier.call("backup", call, {"backupVaultName": vault, "policy": set_to}))
        assert (claim.value in claim.values_in(record)) is is_proved
    with pytest.raises(InvalidFinding, match="does not say which access policy was set"):
        PLAYBOOK.claims(finding(object_id="prod", detail={"call": "PutBackupVaultAccessPolicy", "policy": "none"}))
