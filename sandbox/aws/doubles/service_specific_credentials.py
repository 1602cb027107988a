"""Service-specific credentials of IAM users (Git over HTTPS, Keyspaces, Bedrock API keys), which moto lacks.

Facts: IAM API Reference, CreateServiceSpecificCredential, ListServiceSpecificCredentials,
UpdateServiceSpecificCredential.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from moto.iam.models import iam_backends

from sandbox.aws.double import Answer, Refused, World

#: A user has at most two of a service.
LIMIT = 2


def _of_user(world: World, name: str) -> dict[str, dict[str, Any]]:
    """By id. Raises NoSuchEntity, as moto's own calls do, where there is no such user."""
    iam_backends[world.account]["aws"].get_user(name)
    kept: dict[str, dict[str, dict[str, Any]]] = world.keep("service_specific_credentials")
    return kept.setdefault(name, {})


def create(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _of_user(world, given["UserName"])
    if sum(one["ServiceName"] == given["ServiceName"] for one in found.values()) >= LIMIT:
        raise Refused("LimitExceeded", f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {LIMIT}")
    made = {
        "CreateDate": datetime.now(timezone.utc),
        "ServiceName": given["ServiceName"],
        "ServiceUserName": f"{given['UserName']}-at-{world.account}",
        "ServiceSpecificCredentialId": "ACCA" + secrets.token_hex(8).upper(),
        "UserName": given["UserName"],
        "Status": "Active",
    }
    found[str(made["ServiceSpecificCredentialId"])] = made
    return {"ServiceSpecificCredential": {**made, "ServicePassword": secrets.token_urlsafe(24)}}


def list_them(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    service = given.get("ServiceName")
    found = _of_user(world, given["UserName"]).values()
    return {"ServiceSpecificCredentials": [one for one in found if service in (None, one["ServiceName"])]}


def update(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _one(given, world)["Status"] = given["Status"]
    return {}


def delete(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _one(given, world)
    del _of_user(world, given["UserName"])[given["ServiceSpecificCredentialId"]]
    return {}


def _one(given: Mapping[str, Any], world: World) -> dict[str, Any]:
    found = _of_user(world, given["UserName"])
    if given["ServiceSpecificCredentialId"] not in found:
        raise Refused("NoSuchEntity", f"No such credential {given['ServiceSpecificCredentialId']} exists")
    return found[given["ServiceSpecificCredentialId"]]


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("iam", "CreateServiceSpecificCredential"): create,
    ("iam", "ListServiceSpecificCredentials"): list_them,
    ("iam", "UpdateServiceSpecificCredential"): update,
    ("iam", "DeleteServiceSpecificCredential"): delete,
}
