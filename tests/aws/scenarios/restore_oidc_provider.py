"""Providers to which a client id was added, or whose thumbprints were replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.aws.scenarios import Admin, Fields, _iam

GOOD, BAD, OTHER = "a" * 40, "b" * 40, "c" * 40


def client_added(admin: Admin, name: str) -> dict[str, Any]:
    found = _provider(admin, name, GOOD)
    _client(admin, "add_client_id_to", found, "thief")
    return {**found, "detail": {"added_client": "thief"}}


def thumbprint_replaced(admin: Admin, name: str) -> dict[str, Any]:
    return {**_provider(admin, name, BAD), "detail": {"added_client": ""}}


def _provider(admin: Admin, name: str, thumbprint: str) -> dict[str, Any]:
    made = admin("iam").create_open_id_connect_provider(
        Url=f"https://{name}.example.com", ClientIDList=["app"], ThumbprintList=[thumbprint]
    )
    return {"object_category": "AWS::IAM::OIDCProvider", "object_id": made["OpenIDConnectProviderArn"]}


def _client(admin: Admin, verb: str, fields: Fields, client: str) -> None:
    call = getattr(admin("iam"), f"{verb}_open_id_connect_provider")
    call(OpenIDConnectProviderArn=fields["object_id"], ClientID=client)


def _thumbprints(admin: Admin, fields: Fields, *thumbprints: str) -> None:
    given = {"OpenIDConnectProviderArn": fields["object_id"], "ThumbprintList": list(thumbprints)}
    admin("iam").update_open_id_connect_provider_thumbprint(**given)


def fix(admin: Admin, fields: Fields) -> None:
    if fields["detail"]["added_client"]:
        _client(admin, "remove_client_id_from", fields, "thief")
    else:
        _thumbprints(admin, fields, GOOD)


def remove(admin: Admin, fields: Fields) -> None:
    admin("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=fields["object_id"])


drift = None


def past(fields: Fields) -> Sequence[Fields]:
    request = {"url": "https://x.example.com", "clientIDList": ["app"], "thumbprintList": [GOOD.upper()]}
    answer = {"openIDConnectProviderArn": fields["object_id"]}
    return [_iam.record("CreateOpenIDConnectProvider", request, answer)]


VARIANTS = {"client_added": client_added, "thumbprint_replaced": thumbprint_replaced}
