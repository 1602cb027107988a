"""What moto lacks of Security Hub, or gets wrong: to enable it twice, and the tags of the hub.

Facts: Security Hub API Reference, EnableSecurityHub (``ResourceConflictException`` where it is enabled),
ListTagsForResource. Whether it is enabled is moto's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.securityhub.models import securityhub_backends

from sandbox.aws.double import Answer, Refused, World


def enable(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    backend = securityhub_backends[world.account][world.region]
    if backend.enabled:
        raise Refused("ResourceConflictException", "Account is already subscribed to Security Hub.")
    standards = given.get("EnableDefaultStandards", True)
    backend.enable_security_hub(enable_default_standards=standards, tags=given.get("Tags"))
    return {}


def list_tags(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    backend = securityhub_backends[world.account][world.region]
    if not backend.enabled:
        raise Refused("InvalidAccessException", "Account is not subscribed to AWS Security Hub")
    return {"Tags": dict(getattr(backend, "tags", None) or {})}


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("securityhub", "EnableSecurityHub"): enable,
    ("securityhub", "ListTagsForResource"): list_tags,
}
