"""Every kind of ``userIdentity``, and who acts: what the detections and the rows of any alert are held to.

Facts: CloudTrail user guide, "CloudTrail userIdentity element".
"""

from __future__ import annotations

from typing import Any

ACCOUNT = "111122223333"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"


def role(name: str, session: str, issuer: str = "") -> dict[str, Any]:
    """A session of a role; ``issuer``: the role's ARN, where the event has it."""
    arn = {"arn": issuer} if issuer else {}
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "sessionContext": {"sessionIssuer": {"type": "Role", "userName": name, **arn}},
    }


ANA = "ana.lopez@example.com"
SSO_ROLE = "AWSReservedSSO_AdministratorAccess_0123456789abcdef"
RESERVED = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO_ROLE}"
PRETENDED = f"arn:aws:iam::{ACCOUNT}:role/{SSO_ROLE}"
ON_BEHALF = {"userId": "544894e8-80c1-707f-60e3-3ba6510dfac1",
             "identityStoreArn": f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-9067642ac7"}  # fmt: skip
PEOPLE = {
    "user": ({"type": "IAMUser", "userName": "jane", "arn": f"arn:aws:iam::{ACCOUNT}:user/jane"}, "jane"),
    "user without a name": ({"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/ops/jane"}, "jane"),
    "role": (role("Deployer", "build-17"), "Deployer"),
    "Identity Center": (role(SSO_ROLE, ANA, RESERVED), ANA),
    "Identity Center in us-east-1": (role(SSO_ROLE, ANA, RESERVED.replace("eu-west-1/", "")), ANA),
    "Identity Center, trimmed": (role(SSO_ROLE, ANA), ANA),
    "a role with such a name": (role(SSO_ROLE, ANA, PRETENDED), SSO_ROLE),
    "a role by a person's name": (role("ops", ANA, f"arn:aws:iam::{ACCOUNT}:role/ops"), "ops"),
    "Identity Center user": ({"type": "IdentityCenterUser", "accountId": ACCOUNT, "onBehalfOf": ON_BEHALF},
                             ON_BEHALF["userId"]),
    "SAML": ({"type": "SAMLUser", "principalId": "qualifier:name", "userName": ANA, "identityProvider": "idp"}, ANA),
    "web identity": ({"type": "WebIdentityUser", "principalId": "accounts.google.com:app:7", "userName": "7"}, "7"),
    "directory": ({"type": "Directory", "userName": "CORP\\ana", "accountId": ACCOUNT}, "CORP\\ana"),
    "unknown, with a name": ({"type": "Unknown", "userName": ANA, "accountId": ACCOUNT}, ANA),
    "unknown, with an id": ({"type": "Unknown", "principalId": "90676-id", "accountId": ACCOUNT}, "90676-id"),
    "unknown": ({"type": "Unknown"}, "unknown"),
    "null for a name": ({"type": "IAMUser", "userName": None, "arn": f"arn:aws:iam::{ACCOUNT}:user/jane"}, "jane"),
    "a session without an ARN": ({"type": "AssumedRole", "principalId": "AROAEXAMPLE:jane"}, "AROAEXAMPLE"),
    "an ARN through a service": ({"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/jane",
                                  "invokedBy": "cloudformation.amazonaws.com"}, "jane"),
    "instance": (role("web", "i-0123456789abcdef0"), "web"),
    "root": ({"type": "Root", "arn": ROOT_ARN, "accountId": ACCOUNT}, "root"),
    "root in the console": ({"type": "Root", "arn": ROOT_ARN, "invokedBy": "signin.amazonaws.com"},
                            "root"),
    "federated": ({"type": "FederatedUser", "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
                   "sessionContext": {"sessionIssuer": {"type": "IAMUser", "userName": "jane"}}}, "bob"),
    "user through a service": ({"type": "IAMUser", "userName": "jane", "invokedBy": "cloudformation.amazonaws.com"},
                               "jane"),
    "another account": ({"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAEXAMPLE"},
                        "444455556666"),
    "anybody": ({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}, "ANONYMOUS_PRINCIPAL"),
}  # fmt: skip

#: As a pipeline leaves them that keeps less of a record.
TRIMMED = {
    "user": ({"arn": f"arn:aws:iam::{ACCOUNT}:user/jane"}, ("jane", "IAMUser")),
    "role": ({"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/build-17"}, ("ops", "AssumedRole")),
    "Identity Center": ({"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{SSO_ROLE}/{ANA}"}, (ANA, "AssumedRole")),
    "root": ({"arn": ROOT_ARN}, ("root", "Root")),
    "federated": ({"arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"}, ("bob", "FederatedUser")),
    "on behalf": ({"onBehalfOf": ON_BEHALF}, (ON_BEHALF["userId"], "Unknown")),
    "on behalf, through a service": ({"onBehalfOf": ON_BEHALF, "invokedBy": "q.amazonaws.com"},
                                     (ON_BEHALF["userId"], "Unknown")),
    "nobody": ({}, ("unknown", "Unknown")),
}  # fmt: skip
