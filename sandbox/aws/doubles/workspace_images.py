"""What moto lacks of WorkSpaces images: to delete one, their tags, and what is answered about one that is not there.

Facts: WorkSpaces API Reference, DeleteWorkspaceImage, UpdateWorkspaceImagePermission (both
``ResourceNotFoundException``), DescribeTags. Images and permissions are moto's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.workspaces.models import workspaces_backends

from sandbox.aws.double import Answer, Refused, World


def delete(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    images = workspaces_backends[world.account][world.region].workspace_images
    _check(given["ImageId"], world)
    del images[given["ImageId"]]
    return {}


def update_permission(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _check(given["ImageId"], world)
    workspaces_backends[world.account][world.region].update_workspace_image_permission(
        given["ImageId"], given["AllowCopyImage"], given["SharedAccountId"]
    )
    return {}


def permissions(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _check(given["ImageId"], world)
    image = workspaces_backends[world.account][world.region].workspace_images[given["ImageId"]]
    return {"ImageId": given["ImageId"], "ImagePermissions": list(image.image_permissions)}


def tags(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    """Of images alone: nothing here asks for those of a desktop."""
    _check(given["ResourceId"], world)
    image = workspaces_backends[world.account][world.region].workspace_images[given["ResourceId"]]
    return {"TagList": list(image.tags or ())}


def _check(image: str, world: World) -> None:
    if image not in workspaces_backends[world.account][world.region].workspace_images:
        raise Refused("ResourceNotFoundException", f"The image {image} could not be found.")


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("workspaces", "DeleteWorkspaceImage"): delete,
    ("workspaces", "DescribeTags"): tags,
    ("workspaces", "DescribeWorkspaceImagePermissions"): permissions,
    ("workspaces", "UpdateWorkspaceImagePermission"): update_permission,
}
