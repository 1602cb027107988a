"""Permissions boundaries of users and roles.

Facts: IAM API Reference, Put- and Delete-User- and -RolePermissionsBoundary, GetUser and GetRole (both say the boundary
that is there now).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .... import arn
from ...model import Call, Resource
from ...permission import Permission
from . import _entities as entities
from ._entities import Kind

#: The aspect of the state.
BOUNDARY = "Permissions boundary"


def permissions(*kinds: Kind) -> tuple[Permission, ...]:
    """To set boundaries, and to remove them."""
    names = [(f"{kind.name.title()}PermissionsBoundary", kind.resources) for kind in kinds]
    return tuple(Permission(f"iam:{verb}{name}", of) for name, of in names for verb in ("Put", "Delete"))


def boundary_in(found: Mapping[str, Any]) -> str | None:
    """The ARN of the boundary, in IAM's own answer of a user or role; None where there is none."""
    return (found.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")


def put(resource: Resource, policy: str | None) -> Call:
    """The call that sets a boundary, or removes it."""
    kind = entities.kind_of(resource.id)
    given = {kind.parameter: arn.name_of(resource.id)}
    if policy is None:
        return Call("iam", f"delete_{kind.name}_permissions_boundary", given)
    return Call("iam", f"put_{kind.name}_permissions_boundary", {**given, "PermissionsBoundary": policy})


def words(resource: Resource, boundary: str | None) -> str:
    return f"The permissions boundary of {entities.entity_words(resource)} is {boundary or 'none'}."
