"""An instance that somebody gave a role to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.aws.server import ACCOUNT
from tests.aws import estates
from tests.aws.scenarios import Admin, Fields


def given(admin: Admin, name: str) -> dict[str, Any]:
    instance = estates.instance_with_profile(admin, name)
    return {"object_category": "AWS::EC2::Instance", "object_id": instance, "detail": {"instance_profile": name}}


def given_for_another(admin: Admin, name: str) -> dict[str, Any]:
    admin("iam").create_instance_profile(InstanceProfileName=f"{name}-former")
    return {**given(admin, name), "reason": "replaced"}


def past(fields: Fields) -> Sequence[Fields]:
    """The instance was launched with another profile, where that is the scenario."""
    if fields.get("reason") != "replaced":
        return []
    former = f"{fields['detail']['instance_profile']}-former"
    record = {
        "eventID": "1",
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "recipientAccountId": ACCOUNT,
        "requestParameters": {"iamInstanceProfile": {"name": former}},
        "responseElements": {"instancesSet": {"items": [{"instanceId": fields["object_id"]}]}},
    }
    return [record]


def fix(admin: Admin, fields: Fields) -> None:
    _take_off(admin, fields["object_id"])


def remove(admin: Admin, fields: Fields) -> None:
    admin("ec2").terminate_instances(InstanceIds=[fields["object_id"]])


def drift(admin: Admin, fields: Fields) -> None:
    other = f"{fields['detail']['instance_profile']}-other"
    admin("iam").create_instance_profile(InstanceProfileName=other)
    _take_off(admin, fields["object_id"])
    admin("ec2").associate_iam_instance_profile(InstanceId=fields["object_id"], IamInstanceProfile={"Name": other})


def _take_off(admin: Admin, instance: str) -> None:
    ec2, filters = admin("ec2"), [{"Name": "instance-id", "Values": [instance]}]
    found = ec2.describe_iam_instance_profile_associations(Filters=filters)["IamInstanceProfileAssociations"]
    for one in found:
        ec2.disassociate_iam_instance_profile(AssociationId=one["AssociationId"])


VARIANTS = {"given": given, "given_for_another": given_for_another}
