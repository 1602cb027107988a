"""Client ids of OpenID Connect providers, which moto can be given only when a provider is made.

Facts: IAM API Reference, AddClientIDToOpenIDConnectProvider and RemoveClientIDFromOpenIDConnectProvider
(``NoSuchEntity``, ``LimitExceeded`` above 100; adding one that is there, or removing one that is not, is no error).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.iam.models import iam_backends

from sandbox.aws.double import Answer, Refused, World

LIMIT = 100


def _clients(given: Mapping[str, Any], world: World) -> list[str]:
    provider = iam_backends[world.account]["aws"].open_id_providers.get(given["OpenIDConnectProviderArn"])
    if provider is None:
        raise Refused("NoSuchEntity", f"OpenIDConnect Provider not found for arn {given['OpenIDConnectProviderArn']}")
    found: list[str] = provider.client_id_list
    return found


def add(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _clients(given, world)
    if given["ClientID"] not in found:
        if len(found) >= LIMIT:
            raise Refused("LimitExceeded", f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {LIMIT}")
        found.append(given["ClientID"])
    return {}


def remove(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _clients(given, world)
    if given["ClientID"] in found:
        found.remove(given["ClientID"])
    return {}


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("iam", "AddClientIDToOpenIDConnectProvider"): add,
    ("iam", "RemoveClientIDFromOpenIDConnectProvider"): remove,
}
