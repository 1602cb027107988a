"""No thief can claim what rates a call lower because it comes from where it belongs (cloudtrail_routine)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from detection_samples import DETECTIONS, NOW

from spl import MemoryEvents
from workbench.replay import ShippedSearches, as_event

ACCOUNT, OURS, THIEF = "111122223333", "444455556666", "999988887777"
NAME = "kms_key_disabled_or_deleted"
HOME, OUTSIDE, PRIVATE = "198.51.100.20", "203.0.113.50", "10.20.1.7"
LISTS = {
    "responder_allowed_networks": [{"cidr": "198.51.100.0/24"}, {"cidr": "10.0.0.0/8"}],
    "responder_accounts": [{"account_id": OURS}],
}
GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
CLOUDFORMATION = "cloudformation.amazonaws.com"
PERSON = "AWSReservedSSO_Admin_0123456789abcdef/ana@example.com"
SEARCHES = ShippedSearches(DETECTIONS, lookups=LISTS)


def role(session: str = "terraform/run-17", provider: str = "", invoked_by: str = "") -> dict[str, Any]:
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/{session.split('/')[0]}", "accountId": ACCOUNT}
    context: dict[str, Any] = {"sessionIssuer": {**issuer, "userName": session.split("/")[0]}}
    if provider:
        context["webIdFederationData"] = {"federatedProvider": provider, "attributes": {}}
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session.split('/')[1]}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": context,
        **({"invokedBy": invoked_by} if invoked_by else {}),
    }


def severity(identity: dict[str, Any], address: str, **more: str) -> str:
    record = copy.deepcopy(next(one for one in DETECTIONS if one.id == NAME).samples()[0]["events"][0])
    record.update({"userIdentity": identity, "sourceIPAddress": address, **more})
    (row,) = SEARCHES.rows(NAME, MemoryEvents([as_event(record)]), NOW)[1]
    return str(row["severity"])


@pytest.mark.parametrize(
    ("identity", "address", "more"),
    [
        (role(), HOME, {}),
        (role(), CLOUDFORMATION, {}),
        (role(invoked_by=CLOUDFORMATION), CLOUDFORMATION, {}),
        (role(provider=GITHUB), OUTSIDE, {}),
        (role(), PRIVATE, {"vpcEndpointId": "vpce-1", "vpcEndpointAccountId": ACCOUNT}),
        (role(), PRIVATE, {"vpcEndpointId": "vpce-1", "vpcEndpointAccountId": OURS}),
    ],
    ids=["listed network", "stack", "stack by its caller", "build service", "own endpoint", "endpoint of ours"],
)
def test_a_pipeline_at_home_counts_for_less(identity: dict[str, Any], address: str, more: dict[str, str]):
    assert severity(identity, address, **more) == "medium"


USER = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/ci", "accountId": ACCOUNT, "userName": "ci"}
SAID = f'x","federatedProvider":"{GITHUB}'


@pytest.mark.parametrize(
    ("identity", "address", "more"),
    [
        (role(), OUTSIDE, {"userAgent": CLOUDFORMATION}),
        (role("terraform/AWSCloudFormation"), OUTSIDE, {}),
        (role("AWSCloudFormationStackSetExecutionRole/x"), OUTSIDE, {}),
        (role(invoked_by=CLOUDFORMATION), OUTSIDE, {}),
        (role(), f"{CLOUDFORMATION}.example.net", {}),
        (role(), f"my-{CLOUDFORMATION}", {}),
        (role(PERSON, invoked_by=CLOUDFORMATION), CLOUDFORMATION, {}),
        ({**USER, "invokedBy": CLOUDFORMATION}, CLOUDFORMATION, {}),
        (role(invoked_by=CLOUDFORMATION), CLOUDFORMATION, {"sessionCredentialFromConsole": "true"}),
        *((role(), f"{name}.amazonaws.com", {}) for name in ("states", "ssm", "scheduler", "apigateway", "appsync")),
        (role(), PRIVATE, {}),
        (role(), PRIVATE, {"vpcEndpointId": "vpce-1"}),
        (role(), PRIVATE, {"vpcEndpointId": "vpce-1", "vpcEndpointAccountId": THIEF}),
        (USER, HOME, {}),
        ({"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}, HOME, {}),
        (role(PERSON, provider=GITHUB), OUTSIDE, {}),
        (role(f"terraform/{SAID}"), OUTSIDE, {}),
        (role(provider=f"{GITHUB}.example.net"), OUTSIDE, {}),
        (role(provider=f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.net/{GITHUB}"), OUTSIDE, {}),
    ],
)
def test_nothing_that_a_caller_chooses_makes_a_call_routine(
    identity: dict[str, Any], address: str, more: dict[str, str]
):
    assert severity(identity, address, **more) == "critical"
