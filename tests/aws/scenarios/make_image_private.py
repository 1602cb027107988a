"""An image that is shared with everyone, with an account, and with an organization that nobody knows."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields

ORGANIZATION = "arn:aws:organizations::444455556666:organization/o-exampleorg1"


def public(admin: Admin, name: str) -> dict[str, Any]:
    return _shared(admin, name, "all")


def with_an_account(admin: Admin, name: str) -> dict[str, Any]:
    return _shared(admin, name, "444455556666")


def with_an_organization(admin: Admin, name: str) -> dict[str, Any]:
    return _shared(admin, name, ORGANIZATION)


def _shared(admin: Admin, name: str, whom: str) -> dict[str, Any]:
    ec2 = admin("ec2")
    image = ec2.register_image(Name=name, RootDeviceName="/dev/xvda")["ImageId"]
    _modify(admin, image, "Add", whom)
    return {"object_category": "AWS::EC2::Image", "object_id": image, "detail": {"shared_with": whom}}


def _modify(admin: Admin, image: str, operation: str, whom: str) -> None:
    kind = "Group" if whom == "all" else "OrganizationArn" if whom.startswith("arn:") else "UserId"
    admin("ec2").modify_image_attribute(ImageId=image, LaunchPermission={operation: [{kind: whom}]})


def fix(admin: Admin, fields: Fields) -> None:
    _modify(admin, fields["object_id"], "Remove", fields["detail"]["shared_with"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").deregister_image(ImageId=fields["object_id"])


drift = None
VARIANTS = {"public": public, "with_an_account": with_an_account, "with_an_organization": with_an_organization}
SLOW = ("with_an_account", "with_an_organization")
