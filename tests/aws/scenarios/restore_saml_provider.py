"""A provider whose metadata was replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam


def metadata(certificate: str, entity: str = "https://idp.example.com") -> str:
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">'
        f"<ds:X509Certificate>{certificate * 300}</ds:X509Certificate></md:EntityDescriptor>"
    )


GOOD, BAD, OTHER = metadata("AAAA"), metadata("BBBB", "https://thief.example.com"), metadata("CCCC")


def replaced(admin: Admin, name: str) -> dict[str, Any]:
    made = admin("iam").create_saml_provider(Name=name, SAMLMetadataDocument=BAD)["SAMLProviderArn"]
    return {"object_category": "AWS::IAM::SAMLProvider", "object_id": made}


def _set(admin: Admin, fields: Fields, document: str) -> None:
    admin("iam").update_saml_provider(SAMLProviderArn=fields["object_id"], SAMLMetadataDocument=document)


def fix(admin: Admin, fields: Fields) -> None:
    _set(admin, fields, GOOD)


def remove(admin: Admin, fields: Fields) -> None:
    admin("iam").delete_saml_provider(SAMLProviderArn=fields["object_id"])


def drift(admin: Admin, fields: Fields) -> None:
    _set(admin, fields, OTHER)


def past(fields: Fields) -> Sequence[Fields]:
    request = {"sAMLProviderArn": fields["object_id"], "sAMLMetadataDocument": GOOD}
    return [_iam.record("UpdateSAMLProvider", request)]


VARIANTS = {"replaced": replaced}
