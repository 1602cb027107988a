"""Playbook ``deactivate_access_key``: the key that was used, of the user who owns it, and never our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding, NotFound, RefusedByGuardrail
from responder.findings.finding import Finding
from responder.remediation import registry
from responder.settings.model import Safety

from tests.aws.support import Connected, FaultyAws, Tasks, query_error

PLAYBOOK = registry.get("deactivate_access_key")
Find = Callable[..., Finding]


@pytest.fixture
def key(admin: Callable[..., Any], name: str) -> str:
    """An active key of a user below a path; the user has another one."""
    iam = admin("iam")
    iam.create_user(UserName=name, Path="/team/", Tags=[{"Key": "env", "Value": "test"}])
    iam.create_access_key(UserName=name)
    return str(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])


def statuses(admin: Callable[..., Any], user: str) -> dict[str, str]:
    return {k["AccessKeyId"]: k["Status"] for k in admin("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]}


def test_the_key_is_deactivated_and_its_sibling_is_not(
    tasks: Tasks, admin: Callable[..., Any], key: str, name: str, finding: Find
) -> None:
    # The caller of the event is somebody else: the owner is whom IAM names.
    found = finding(access_key_id=key, user="somebody", user_arn="arn:aws:iam::123456789012:user/somebody")
    (change,) = PLAYBOOK.plan(found, tasks.aws, Safety())
    assert (change.steps[0].before, change.steps[0].after) == ("Active", "Inactive")
    assert change.resource.principals == (f"arn:aws:iam::123456789012:user/team/{name}", key)
    assert set(change.resource.access_keys) == set(statuses(admin, name))
    assert change.resource.tags == {"env": "test"}
    assert set(statuses(admin, name).values()) == {"Active"}

    outcome = tasks.run(found, PLAYBOOK.id)
    assert outcome.message == f"Deactivate access key {key} of user {name}."
    after = statuses(admin, name)
    assert after.pop(key) == "Inactive" and set(after.values()) == {"Active"}
    observed = f"Access key {key} of user {name} is Inactive."
    assert outcome.changes[0]["verification"] == {"ok": True, "observed": observed}
    assert PLAYBOOK.plan(found, tasks.aws, Safety()) == []

    assert tasks.undo().status == "undone"
    assert statuses(admin, name)[key] == "Active"


def test_every_write_names_the_user(connected: Connected, key: str, name: str, finding: Find) -> None:
    """Without UserName, AWS would act on the key of whoever calls: our own."""
    (change,) = PLAYBOOK.plan(finding(access_key_id=key), connected.aws, Safety())
    (step,) = change.steps
    assert step.undo is not None
    assert {call.parameters["UserName"] for call in (step.call, step.undo)} == {name}


def test_a_key_that_was_inactive_stays_so(
    connected: Connected, admin: Callable[..., Any], key: str, name: str, finding: Find
) -> None:
    admin("iam").update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert PLAYBOOK.plan(finding(access_key_id=key), connected.aws, Safety()) == []


def test_a_deleted_key_is_not_found(
    tasks: Tasks, admin: Callable[..., Any], key: str, name: str, finding: Find
) -> None:
    tasks.run(finding(access_key_id=key), PLAYBOOK.id)
    admin("iam").delete_access_key(UserName=name, AccessKeyId=key)
    with pytest.raises(NotFound):
        tasks.undo()
    outcome = tasks.run(finding(access_key_id=key), PLAYBOOK.id, task=tasks.task(2))
    assert outcome.status == "already" and key in outcome.message


@pytest.mark.parametrize("key_id", ["ASIAIOSFODNN7EXAMPLE", "", "AIDAIOSFODNN7EXAMPLE"])
def test_what_is_no_long_term_key_is_refused_with_advice(connected: Connected, finding: Find, key_id: str) -> None:
    with pytest.raises(InvalidFinding) as caught:
        PLAYBOOK.plan(finding(access_key_id=key_id), connected.aws, Safety())
    assert caught.value.hint and connected.calls == []
    if key_id.startswith("ASIA"):
        assert "temporary session" in caught.value.message and "Revoke the sessions" in caught.value.hint


def test_a_root_key_is_left_to_people(connected: Connected, finding: Find) -> None:
    with pytest.raises(RefusedByGuardrail, match="root"):
        PLAYBOOK.plan(finding(access_key_id="AKIAIOSFODNN7EXAMPLE", user_type="Root"), connected.aws, Safety())
    assert connected.calls == []


def test_a_key_without_a_user_is_root_s(connect: Callable[..., Connected], faulty: FaultyAws, finding: Find) -> None:
    answer = (
        "<GetAccessKeyLastUsedResponse><GetAccessKeyLastUsedResult><UserName/></GetAccessKeyLastUsedResult>"
        "</GetAccessKeyLastUsedResponse>"
    )
    faulty.add("GetAccessKeyLastUsed", status=200, body=answer)
    with pytest.raises(RefusedByGuardrail, match="root"):
        PLAYBOOK.plan(finding(access_key_id="AKIAIOSFODNN7EXAMPLE"), connect(faulty.url).aws, Safety())


def test_a_user_that_is_gone_in_between_is_not_found(
    connect: Callable[..., Connected], faulty: FaultyAws, key: str, finding: Find
) -> None:
    faulty.add("GetUser", status=404, body=query_error("NoSuchEntity", "The user with name x cannot be found."))
    with pytest.raises(NotFound):
        PLAYBOOK.plan(finding(access_key_id=key), connect(faulty.url).aws, Safety())


def test_who_reads_the_plan_sees_when_the_key_was_last_used(tasks: Tasks, key: str, finding: Find) -> None:
    simulated = tasks.run(finding(access_key_id=key), PLAYBOOK.id, "simulate")
    said = " ".join(simulated.changes[0]["blast_radius"])
    assert "never used" in said and "1 other access key" in said
