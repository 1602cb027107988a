"""Stop sharing an image of WorkSpaces with an account.

Facts: WorkSpaces API Reference, UpdateWorkspaceImagePermission (``AllowCopyImage`` false takes the share back),
DescribeWorkspaceImages, DescribeWorkspaceImagePermissions, DescribeTags; Administration Guide, "Share or unshare a
custom WorkSpaces image" (with accounts only; copies stay).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .... import arn
from ....errors import NotFound
from ...model import Call, Observation, Resource, Target, tags_of
from ...named import arn_in, names_no
from ...permission import Permission
from ...shares import Shares

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding

IMAGES = "arn:aws:workspaces:*:*:workspaceimage/*"
_ID = re.compile(r"wsi-[0-9a-z]{8,63}")


class MakeWorkspaceImagePrivate(Shares):
    """Takes back the share of a WorkSpaces image with an account that is not yours, which the event made.

    Yours are the accounts of the AWS accounts tab and of the lookups `responder_accounts` and
    `responder_trusted_accounts`. Other shares stay. Copies that the account has made meanwhile stay its own.
    """

    id = "make_workspace_image_private"
    title = "Make WorkSpaces image private"
    accepts = ("AWS::WorkSpaces::Image",)
    detail_note = "`shared_with`: the account"
    services = ("workspaces",)
    permissions = (
        Permission("workspaces:DescribeWorkspaceImages"),
        Permission("workspaces:DescribeWorkspaceImagePermissions", IMAGES),
        Permission("workspaces:DescribeTags"),
        Permission("workspaces:UpdateWorkspaceImagePermission", IMAGES),
    )
    risk = "low"
    risk_note = "The account it was shared with can no longer copy it. Desktops that run go on."
    undo_note = "Shares it again with the same account."
    proved_on = "moto, with a double of the tags of an image, and of one that is not there"
    kind = "WorkSpaces image"
    event_service = "workspaces"
    event_names = ("UpdateWorkspaceImagePermission",)
    resource_paths = ("imageId",)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named = arn.parse(finding.object_id)
        name = named.name if named else finding.object_id
        if not _ID.fullmatch(name) or (named and named.service != "workspaces"):
            raise names_no("WorkSpaces image", finding, "ID or ARN")
        return (Target(name, finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        name, region = arn.name_of(target.id), target.region
        found = aws.read("workspaces", "describe_workspace_images", region, ImageIds=[name])["Images"]
        if not found:
            raise NotFound(f"WorkSpaces image {name} does not exist (any more) in {region}.")
        owner = str(found[0]["OwnerAccountId"])
        tags = aws.read("workspaces", "describe_tags", region, ResourceId=name)["TagList"]
        resource = Resource(
            id=arn_in(aws, "workspaces", region, f"workspaceimage/{name}", owner),
            type="AWS::WorkSpaces::Image",
            account=owner,
            region=region,
            tags=tags_of(tags),
        )
        return Observation(resource, self.state(resource, aws))

    def shared_with(self, resource: Resource, aws: Aws) -> Sequence[str]:
        asked = {"ImageId": arn.name_of(resource.id)}
        found = aws.read_all(
            "ImagePermissions", "workspaces", "describe_workspace_image_permissions", resource.region, **asked
        )
        return [str(one["SharedAccountId"]) for one in found]

    def share(self, resource: Resource, name: str, shared: bool) -> Call:
        parameters = {"ImageId": arn.name_of(resource.id), "AllowCopyImage": shared, "SharedAccountId": name}
        return Call("workspaces", "update_workspace_image_permission", parameters)
