"""Who did it: every kind of userIdentity, by the macro that all detections share (cloudtrail_record).

Facts: CloudTrail user guide, "CloudTrail userIdentity element".
"""

from __future__ import annotations

from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW

from spl import MemoryEvents
from tests.identities import ACCOUNT, ANA, PEOPLE, PRETENDED, RESERVED, ROOT_ARN, SSO_ROLE, TRIMMED, role
from workbench.detections.enterprise_security import risk
from workbench.replay import ShippedSearches, as_event

DELETE = next(detection for detection in DETECTIONS if detection.id == "trail_deleted")
RECORD = DELETE.samples()[0]["events"][0]


def _row(**changes: Any) -> dict[str, Any] | None:
    record = {key: value for key, value in {**RECORD, **changes}.items() if value != "absent"}
    rows = ShippedSearches(DETECTIONS).rows(DELETE.id, MemoryEvents([as_event(record)]), NOW)[1]
    assert len(rows) <= 1
    return rows[0] if rows else None


def _found(**changes: Any) -> dict[str, Any]:
    row = _row(**changes)
    assert row is not None, "no finding"
    return row


@pytest.mark.parametrize(("identity", "user"), PEOPLE.values(), ids=list(PEOPLE))
def test_a_person_is_named(identity: dict[str, Any], user: str):
    row = _row(userIdentity=identity)
    assert row is not None
    assert (row["user"], row["user_type"], row["vendor_account"]) == (user, identity["type"], ACCOUNT)
    assert row.get("user_arn") == identity.get("arn")


@pytest.mark.parametrize("issuer", [RESERVED, "", PRETENDED])
def test_the_role_of_a_session_has_a_field_of_its_own(issuer: str):
    row = _found(userIdentity=role(SSO_ROLE, ANA, issuer))
    assert row["user_role"] == SSO_ROLE
    assert row["reason"].startswith(SSO_ROLE if issuer == PRETENDED else ANA)


def test_the_person_is_the_risk_object():
    objects = {one["risk_object_field"]: one["risk_object_type"] for one in risk(DELETE) if "risk_object_field" in one}
    assert objects["user"] == "user"
    assert _found(userIdentity=role(SSO_ROLE, ANA, RESERVED))["user"] == ANA


@pytest.mark.parametrize(("identity", "who"), TRIMMED.values(), ids=list(TRIMMED))
def test_an_event_without_a_type_is_not_a_service(identity: dict[str, Any], who: tuple[str, str]):
    row = _found(userIdentity=identity)
    assert (row["user"], row["user_type"]) == who


def test_the_account_is_that_of_the_arn_where_the_event_names_no_other():
    identity = {"arn": f"arn:aws:iam::{ACCOUNT}:user/jane"}
    assert _found(userIdentity=identity, recipientAccountId="absent")["vendor_account"] == ACCOUNT


NOBODY = {
    "service": {"userIdentity": {"type": "AWSService", "invokedBy": "config.amazonaws.com"}},
    "service-linked role": {"userIdentity": role("AWSServiceRoleForOrganizations", "session")},
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
