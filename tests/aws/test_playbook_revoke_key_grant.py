"""Playbook ``revoke_key_grant``: the grant of the event, and no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from responder.errors import InvalidFinding
from responder.findings.cloudtrail import CloudTrailRecord
from responder.findings.finding import Finding
from responder.remediation import registry

from sandbox.aws.server import ACCOUNT
from tests.aws.support import Tasks

PLAYBOOK = registry.get("revoke_key_grant")
OUTSIDE = "444455556666"
Admin = Callable[..., Any]
Find = Callable[..., Finding]


@pytest.fixture
def key(admin: Admin) -> str:
    made: str = admin("kms").create_key()["KeyMetadata"]["KeyId"]
    return made


def grant(admin: Admin, key: str, to: str, *operations: str, **more: Any) -> str:
    made: str = admin("kms").create_grant(
        KeyId=key, GranteePrincipal=to, Operations=list(operations or ("Decrypt",)), **more
    )["GrantId"]
    return made


def grants(admin: Admin, key: str) -> list[str]:
    return [one["GranteePrincipal"] for one in admin("kms").list_grants(KeyId=key)["Grants"]]


def about(finding: Find, key: str, grant_id: str) -> Finding:
    return finding(object_category="AWS::KMS::Permission", object_id=key, detail={"grant_id": grant_id})


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/reader"


def test_the_grant_goes_and_comes_back_as_it_was(tasks: Tasks, admin: Admin, key: str, finding: Find) -> None:
    grant(admin, key, role(ACCOUNT))
    limits = {"EncryptionContextSubset": {"team": "data"}}
    made = grant(admin, key, role(OUTSIDE), "Decrypt", "GenerateDataKey", Constraints=limits, Name="copy")
    assert tasks.run(about(finding, key, made), PLAYBOOK.id).status == "done"
    assert grants(admin, key) == [role(ACCOUNT)]
    assert tasks.undo().status == "undone"
    back = next(
        one for one in admin("kms").list_grants(KeyId=key)["Grants"] if one["GranteePrincipal"] != role(ACCOUNT)
    )
    assert back["Constraints"] == limits and back["Name"] == "copy" and back["GrantId"] != made
    assert set(back["Operations"]) == {"Decrypt", "GenerateDataKey"}


@pytest.mark.parametrize("to", [role(ACCOUNT), role("777788889999"), "rds.us-east-1.amazonaws.com"])
def test_grants_for_ours_and_for_services_stay(tasks: Tasks, admin: Admin, key: str, finding: Find, to: str) -> None:
    tasks.known = ("777788889999",)
    made = grant(admin, key, to)
    assert tasks.run(about(finding, key, made), PLAYBOOK.id).status == "already" and grants(admin, key) == [to]


def test_of_grants_that_say_the_same_none_is_picked(tasks: Tasks, admin: Admin, key: str, finding: Find) -> None:
    made = [grant(admin, key, role(OUTSIDE)) for _ in range(2)]
    with pytest.raises(InvalidFinding, match="several grants that say the same"):
        tasks.run(about(finding, key, made[0]), PLAYBOOK.id)


@pytest.mark.parametrize("grant_id", ["", "x", "*", "../1"])
def test_a_finding_without_the_id_is_refused(tasks: Tasks, key: str, finding: Find, grant_id: str) -> None:
    with pytest.raises(InvalidFinding, match="which grant"):
        tasks.run(about(finding, key, grant_id), PLAYBOOK.id)


def test_the_grant_is_proved_by_the_answer_of_the_call_that_made_it(finding: Find) -> None:
    key = "1234abcd-12ab-34cd-56ef-1234567890ab"
    claims = PLAYBOOK.claims(about(finding, key, "abc1"))

    def proved(**changed: Any) -> bool:
        fields = {
            "eventSource": "kms.amazonaws.com",
            "eventName": "CreateGrant",
            "requestParameters": {"keyId": key, "name": "abc2"},
            "responseElements": {"grantId": "abc1"},
        }
        record = CloudTrailRecord({**fields, **changed})
        return all(claim.value in list(claim.values_in(record)) for claim in claims)

    assert proved()
    assert not proved(responseElements={"grantId": "abc2"}) and not proved(responseElements=None)
    assert not proved(eventName="RevokeGrant") and not proved(requestParameters={"keyId": "other"})
