"""An image of a desktop that an account nobody knows may copy."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

OUTSIDE = "444455556666"


def shared(admin: Admin, name: str) -> dict[str, Any]:
    client = admin("workspaces")
    made = client.create_workspace_image(Name=name, Description="test", WorkspaceId=_desktop(admin))
    _allow(admin, made["ImageId"], True)
    fields = {"object_category": "AWS::WorkSpaces::Image", "object_id": made["ImageId"]}
    return {**fields, "detail": {"shared_with": OUTSIDE}}


def _desktop(admin: Admin) -> str:
    """The one of all tests: it takes a directory in a network."""
    client, ec2 = admin("workspaces"), admin("ec2")
    known = client.describe_workspaces()["Workspaces"]
    if known:
        return str(known[0]["WorkspaceId"])
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.77.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(("us-east-1a", "us-east-1b"))
    ]
    directory = admin("ds").create_directory(
        Name="desktops.example.com",
        Password="Only-4-tests",
        Size="Small",
        VpcSettings={"VpcId": vpc, "SubnetIds": subnets},
    )["DirectoryId"]
    client.register_workspace_directory(DirectoryId=directory)
    wanted = {"DirectoryId": directory, "UserName": "test", "BundleId": "wsb-000000000"}
    return str(client.create_workspaces(Workspaces=[wanted])["PendingRequests"][0]["WorkspaceId"])


def _allow(admin: Admin, image: str, allowed: bool) -> None:
    admin("workspaces").update_workspace_image_permission(
        ImageId=image, AllowCopyImage=allowed, SharedAccountId=OUTSIDE
    )


def fix(admin: Admin, fields: Fields) -> None:
    _allow(admin, fields["object_id"], False)


def remove(admin: Admin, fields: Fields) -> None:
    admin("workspaces").delete_workspace_image(ImageId=fields["object_id"])


drift = None
VARIANTS = {"shared": shared}
