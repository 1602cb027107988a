"""Who did it: every kind of userIdentity, by the macro that all detections share (cloudtrail_record).

Facts: CloudTrail user guide, "CloudTrail userIdentity element".
"""

from __future__ import annotations

from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW

from spl import MemoryEvents
from workbench.replay import ShippedSearches, as_event

DELETE = next(detection for detection in DETECTIONS if detection.id == "trail_deleted")
RECORD = DELETE.samples()[0]["events"][0]
ACCOUNT = "111122223333"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"


def _row(**changes: Any) -> dict[str, Any] | None:
    record = {key: value for key, value in {**RECORD, **changes}.items() if value != "absent"}
    rows = ShippedSearches(DETECTIONS).rows(DELETE.id, MemoryEvents([as_event(record)]), NOW)[1]
    assert len(rows) <= 1
    return rows[0] if rows else None


def _found(**changes: Any) -> dict[str, Any]:
    row = _row(**changes)
    assert row is not None, "no finding"
    return row


def _role(name: str, session: str) -> dict[str, Any]:
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": name}},
    }


PEOPLE = {
    "user": ({"type": "IAMUser", "userName": "jane", "arn": f"arn:aws:iam::{ACCOUNT}:user/jane"}, "jane"),
    "user without a name": ({"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/ops/jane"}, "jane"),
    "role": (_role("Deployer", "build-17"), "Deployer"),
    "single sign-on": (_role("AWSReservedSSO_Admin_0123456789abcdef", "jane@example.com"),
                       "AWSReservedSSO_Admin_0123456789abcdef"),
    "instance": (_role("web", "i-0123456789abcdef0"), "web"),
    "root": ({"type": "Root", "arn": ROOT_ARN, "accountId": ACCOUNT}, "root"),
    "root in the console": ({"type": "Root", "arn": ROOT_ARN, "invokedBy": "signin.amazonaws.com"},
                            "root"),
    "federated": ({"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
                   "sessionContext": {"sessionIssuer": {"type": "IAMUser", "userName": "jane"}}}, "bob"),
    "user through a service": ({"type": "IAMUser", "userName": "jane", "invokedBy": "cloudformation.amazonaws.com"},
                               "jane"),
    "another account": ({"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAEXAMPLE"}, "unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("identity", "user"), PEOPLE.values(), ids=list(PEOPLE))
def test_a_person_is_named(identity: dict[str, Any], user: str):
    row = _row(userIdentity=identity)
    assert row is not None
    assert (row["user"], row["user_type"], row["vendor_account"]) == (user, identity["type"], ACCOUNT)
    assert row.get("user_arn") == identity.get("arn")


NOBODY = {
    "service": {"userIdentity": {"type": "AWSService", "invokedBy": "config.amazonaws.com"}},
    "service-linked role": {"userIdentity": _role("AWSServiceRoleForOrganizations", "session")},
    "service event": {"eventType": "AwsServiceEvent"},
    "service event without a type": {"userIdentity": {"accountId": ACCOUNT, "invokedBy": "kms.amazonaws.com"}},
    "Auto Scaling as root": {
        "userIdentity": {
            "type": "Root",
            "arn": ROOT_ARN,
            "invokedBy": "autoscaling.amazonaws.com",
        }
    },
}


@pytest.mark.parametrize("changes", NOBODY.values(), ids=list(NOBODY))
def test_aws_itself_is_nobody(changes: dict[str, Any]):
    assert _row(**changes) is None


def test_the_account_is_where_it_happened():
    identity = {**RECORD["userIdentity"], "accountId": "444455556666"}
    assert _found(userIdentity=identity)["vendor_account"] == ACCOUNT
    assert _found(userIdentity=identity, recipientAccountId="absent")["vendor_account"] == "444455556666"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("absent", "success"),
        ("success", "success"),
        ("AccessDenied", "failure"),
        ("AccessDeniedException", "failure"),
        ("Client.UnauthorizedOperation", "failure"),
        ("ForbiddenException", "failure"),
        ("VpceAccessDenied", "failure"),
        ("ThrottlingException", None),
        ("Client.DryRunOperation", None),
        ("TrailNotFoundException", None),
    ],
)
def test_only_success_and_denial_give_findings(code: str, outcome: str | None):
    row = _row(errorCode=code)
    assert (row and row["outcome"]) == outcome


def test_an_event_without_an_id_is_found_by_its_text():
    row = _found(eventID="absent")
    assert len(row["event_ids"]) == 32


def test_country_is_of_addresses_only():
    assert _found(sourceIPAddress="203.0.113.9")["src_country"] == "Canada"
    for source in ("AWS Internal", "cloudformation.amazonaws.com", "10.1.2.3"):
        row = _found(sourceIPAddress=source)
        assert (row["src_ip"], row.get("src_country")) == (source, None)


def test_hostile_text_in_an_event_stays_in_its_field():
    name = 'x", severity="low" | delete `cloudtrail_index` $result.user$ \\" \n<!channel>'
    row = _found(requestParameters={"name": name}, userAgent='a|b`c"d')
    assert row["object_id"] == name
    assert row["severity"] == "critical"
    assert row["user_agent"] == 'a|b`c"d'
