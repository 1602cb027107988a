"""A trust anchor with somebody else's certificate authority, and a profile that gives its holders a role."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam


def anchor(admin: Admin, name: str) -> dict[str, Any]:
    source = {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": "-----BEGIN CERTIFICATE-----"}}
    made = admin("rolesanywhere").create_trust_anchor(name=name, source=source, enabled=True)["trustAnchor"]
    found = {"id": made["trustAnchorId"]}
    return {"object_category": "AWS::RolesAnywhere::TrustAnchor", "object_id": made["trustAnchorId"], "detail": found}


def profile(admin: Admin, name: str) -> dict[str, Any]:
    _iam.role(admin, name)
    role = admin("iam").get_role(RoleName=name)["Role"]["Arn"]
    made = admin("rolesanywhere").create_profile(name=name, roleArns=[role], enabled=True)["profile"]
    found = {"id": made["profileId"]}
    return {"object_category": "AWS::RolesAnywhere::Profile", "object_id": made["profileId"], "detail": found}


def _call(admin: Admin, verb: str, fields: Fields) -> None:
    client, found = admin("rolesanywhere"), fields["detail"]["id"]
    if fields["object_category"].endswith("Profile"):
        getattr(client, f"{verb}_profile")(profileId=found)
    else:
        getattr(client, f"{verb}_trust_anchor")(trustAnchorId=found)


def fix(admin: Admin, fields: Fields) -> None:
    _call(admin, "disable", fields)


def remove(admin: Admin, fields: Fields) -> None:
    _call(admin, "delete", fields)


drift = None
VARIANTS = {"anchor": anchor, "profile": profile}
