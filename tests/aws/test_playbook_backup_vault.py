"""Playbook ``restore_backup_vault``: what of a former lock and policy comes back, and what does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.finding import Finding
from responder.remediation import registry
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
    fields = vaults.opened(admin, name)
    both = policies.policy(policies.public("backup:CopyIntoBackupVault", "*"), policies.own("backup:*"))
    admin("backup").put_backup_vault_access_policy(BackupVaultName=name, Policy=both)
    assert tasks.run(finding(**fields), PLAYBOOK.id).status == "done" and policy_of(admin, name) == ["Own"]
    assert tasks.undo().status == "undone" and policy_of(admin, name) == ["Public", "Own"]


def test_a_policy_that_somebody_set_after_the_deletion_stays(
    tasks: Tasks, admin: Admin, name: str, finding: Find
) -> None:
    fields = vaults.without_policy(admin, name)
    tasks.past = vaults.past(fields)
    since = policies.policy(policies.own("backup:*"))
    admin("backup").put_backup_vault_access_policy(BackupVaultName=name, Policy=since)
    assert tasks.run(finding(**fields), PLAYBOOK.id).status == "already" and policy_of(admin, name) == ["Own"]


@pytest.mark.parametrize("lost", [vaults.unlocked, vaults.without_policy])
def test_what_was_removed_on_purpose_before_does_not_come_back(
    lost: Any, tasks: Tasks, admin: Admin, name: str, finding: Find
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
    assert not PLAYBOOK.plan(finding(**fields), tasks.aws, Safety(), tasks.earlier)


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
