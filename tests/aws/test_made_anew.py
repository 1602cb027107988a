"""Resources that were deleted and made anew under their old names: nothing of the old one is done to the new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import NeedsApproval, Unavailable
from responder.remediation.acting import FRESH

from tests.aws.scenarios import _iam
from tests.aws.support import Tasks

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


@pytest.mark.parametrize("playbook", ["remove_outside_queue_statements", "remove_outside_table_statements"])
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
