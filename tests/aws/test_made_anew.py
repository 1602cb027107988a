"""Resources that were deleted and made anew under their old names: nothing of the old one is done to the new one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from responder.errors import NeedsApproval, Unavailable
from responder.remediation.acting import FRESH

from tests.aws.scenarios import _iam
from tests.aws.support import FaultyAws, Tasks

Admin = Callable[..., Any]
QUARANTINE = "CloudTrailResponder-Quarantine"


def policies_of(admin: Admin, user: str) -> list[str]:
    iam = admin("iam")
    attached = [one["PolicyArn"] for one in iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]]
    return [*attached, *iam.list_user_policies(UserName=user)["PolicyNames"]]


def make_anew(admin: Admin, user: str) -> None:
    iam = admin("iam")
    for one in iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=user, PolicyArn=one["PolicyArn"])
    for name in iam.list_user_policies(UserName=user)["PolicyNames"]:
        iam.delete_user_policy(UserName=user, PolicyName=name)
    iam.delete_user(UserName=user)
    iam.create_user(UserName=user)


def test_an_undo_gives_nothing_to_another_user_of_the_name(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("detach_granted_policy", admin, name)
    assert tasks.run(finding, "detach_granted_policy").status == "done"
    make_anew(admin, name)
    with pytest.raises(NeedsApproval, match="another one of its name since"):
        tasks.undo()
    assert policies_of(admin, name) == []
    tasks.decide("reject", f"{tasks.task()}.undo")
    assert tasks.undo().status == "rejected" and policies_of(admin, name) == []


def test_what_was_approved_of_one_is_not_done_to_another(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("quarantine_user", admin, name)
    with pytest.raises(NeedsApproval):
        tasks.run(finding, "quarantine_user", "approve")
    tasks.decide("approve")
    make_anew(admin, name)
    with pytest.raises(NeedsApproval):
        tasks.run(finding, "quarantine_user", "approve")
    assert policies_of(admin, name) == []
    tasks.decide("approve")
    assert tasks.run(finding, "quarantine_user", "approve").status == "done"
    assert policies_of(admin, name) == [QUARANTINE]


def test_one_that_is_made_anew_right_before_the_write_is_planned_anew(tasks: Tasks, admin: Admin, name: str) -> None:
    finding = tasks.prepared("quarantine_user", admin, name)

    def meanwhile(step: str) -> None:
        if step == "planned":
            tasks.on_audit = lambda step: None
            make_anew(admin, name)
            # What was read is no longer fresh.
            tasks.later += FRESH

    tasks.on_audit = meanwhile
    with pytest.raises(Unavailable, match="made anew since it was planned"):
        tasks.run(finding, "quarantine_user")
    assert policies_of(admin, name) == []


@pytest.mark.parametrize(
    "playbook",
    [
        "remove_outside_queue_statements",
        "remove_outside_table_statements",
        "restore_log_group_retention",
        "restore_backup_vault",
    ],
)
def test_an_undo_opens_no_other_resource_of_the_name(tasks: Tasks, admin: Admin, name: str, playbook: str) -> None:
    """Its policy is what the undone remediation had left, by chance or by template."""
    finding = tasks.prepared(playbook, admin, name)
    assert tasks.run(finding, playbook).status == "done"
    (entry,) = tasks.evidence().entries
    assert entry.intended.resource.unique_id
    other = "another one"
    documents = tasks.documents.find("responder_evidence", {"task": tasks.task(), "kind": "intended"})
    for one in documents:
        body = one["body"].replace(entry.intended.resource.unique_id, other)
        tasks.documents.save_many("responder_evidence", [{**one, "body": body}])
    with pytest.raises(NeedsApproval, match="another one of its name since"):
        tasks.undo()


def test_a_role_of_the_name_that_was_there_all_the_time_is_the_same(tasks: Tasks, admin: Admin, name: str) -> None:
    _iam.role(admin, f"{name}-other")
    finding = tasks.prepared("quarantine_role", admin, name)
    assert tasks.run(finding, "quarantine_role").status == "done" and tasks.undo().status == "undone"


# Where AWS gives a name and nothing else, CloudTrail's event history tells


def history(faulty: FaultyAws, *events: tuple[str, str]) -> None:
    """By whom and what was called since, on whatever is asked about."""
    now = datetime.now(timezone.utc).timestamp()
    told = [
        {
            "EventName": name,
            "EventTime": now,
            "ReadOnly": "false",
            "CloudTrailEvent": json.dumps({"userIdentity": {"arn": by}}),
        }
        for name, by in events
    ]
    faulty.add("LookupEvents", status=200, body=json.dumps({"Events": told}))


@pytest.mark.parametrize(
    ("playbook", "call"),
    [("block_public_bucket", "DeleteBucket"), ("remove_outside_topic_statements", "DeleteTopic")],
)
def test_an_undo_opens_nothing_whose_former_one_somebody_has_deleted(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str, playbook: str, call: str
) -> None:
    """A new bucket has its public access blocked, as the undone remediation had left the old one."""
    finding = faulty_tasks.prepared(playbook, admin, name)
    assert faulty_tasks.run(finding, playbook).status == "done"
    mallory = "arn:aws:iam::123456789012:user/mallory"
    history(faulty, ("PutObject", mallory), (call, mallory), ("CreateBucket", "arn:aws:iam::123456789012:user/bob"))
    with pytest.raises(NeedsApproval, match=f"deleted since \\({mallory} \\({call}, .*another one of its name"):
        faulty_tasks.undo()
    faulty_tasks.decide("reject", f"{faulty_tasks.task()}.undo")
    assert faulty_tasks.undo().status == "rejected"


def test_what_we_have_deleted_ourselves_asks_nobody(
    faulty_tasks: Tasks, faulty: FaultyAws, admin: Admin, name: str
) -> None:
    finding = faulty_tasks.prepared("block_public_bucket", admin, name)
    faulty_tasks.run(finding, "block_public_bucket")
    history(faulty, ("DeleteBucket", faulty_tasks.aws.identity().arn), ("PutBucketPolicy", "arn:aws:iam::1:user/a"))
    assert faulty_tasks.undo().status == "undone"
