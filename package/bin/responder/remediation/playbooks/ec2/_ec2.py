"""What playbooks on EC2 share: ARNs, ids in findings, instances as AWS describes them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....aws.bulk import BulkRead
from ....errors import InvalidFinding, NotFound, Unavailable
from ....findings.instance_claims import instance as instance_claim
from ...model import Resource, Target, tags_of
from ...named import arn_in, names_no

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.finding import Finding

INSTANCES = "arn:aws:ec2:*:*:instance/*"
#: Instances of one finding, at most: more are a person's decision.
MOST = 50
_INSTANCE = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")


def id_in(finding: Finding, prefix: str, what: str) -> str:
    """The id that a finding's object has, by itself or in an ARN. Raises InvalidFinding."""
    found = arn.name_of(finding.object_id)
    if not re.fullmatch(re.escape(prefix) + r"[0-9a-f]{8,17}", found):
        raise names_no(what, finding, f"id ({prefix}...)")
    return found


# Reading


def by_filter(operation: str, items: str, name: str, key: str, ids: str = "") -> BulkRead:
    """Reads what EC2 lists by a filter of this name, which takes 200 values; ``key``: where an item has its value.

    ``ids``: the parameter that takes ids. By it an id that does not exist is an error, which a filter passes over.
    Where there is none, no item means just that. Fact: EC2 User Guide, "Filtering considerations".
    """

    def parameters(values: Sequence[str]) -> Mapping[str, Any]:
        return {"Filters": [{"Name": name, "Values": list(values)}]}

    def values_of(item: Mapping[str, Any]) -> tuple[str, ...]:
        return (str(item.get(key)),)

    def alone(aws: Aws, region: str, one: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = aws.read("ec2", operation, region, **{ids: [one]})[items]
        return found

    only, is_doubtful = (alone, True) if ids else (None, False)
    return BulkRead("ec2", operation, items, parameters, values_of, most=200, alone=only, none_is_doubtful=is_doubtful)


def read_one(listing: BulkRead, target: Target, aws: Aws) -> Mapping[str, Any]:
    """Raises NotFound where it does not exist, and Unavailable where that is not clear."""
    wanted = arn.name_of(target.id)
    found = aws.read_bulk(listing, wanted, target.region)
    if len(found) != 1:
        raise Unavailable(f"AWS does not say clearly whether {wanted} exists.", "It is read again.")
    return found[0]


# Instances


def instance_ids(finding: Finding) -> list[str]:
    """What a finding names: its object, and those of ``instances`` in its detail. Raises InvalidFinding."""
    listed = finding.detail.get("instances")
    named = listed.split() if isinstance(listed, str) else listed if isinstance(listed, (list, tuple)) else ()
    found = dict.fromkeys([arn.name_of(finding.object_id), *(name for name in named if isinstance(name, str))])
    ids = [name for name in found if _INSTANCE.fullmatch(name)]
    if not ids:
        raise names_no("instance", finding, "id (i-...)")
    if len(ids) > MOST:
        raise InvalidFinding(
            f"The finding names {len(ids)} instances; {MOST} at most are changed for one finding.",
            "Look at who launched them, and stop them in the EC2 console.",
        )
    return ids


def instance_claims(finding: Finding) -> Sequence[Claim]:
    return [instance_claim(name) for name in instance_ids(finding)]


def instance_targets(finding: Finding) -> Sequence[Target]:
    return [Target(name, finding.vendor_region) for name in instance_ids(finding)]


def _by_id(ids: Sequence[str]) -> Mapping[str, Any]:
    return {"Filters": [{"Name": "instance-id", "Values": list(ids)}]}


def _instance(aws: Aws, region: str, instance_id: str) -> list[dict[str, Any]]:
    """An id that does not exist is an error here, which a filter would pass over."""
    found: list[dict[str, Any]] = aws.read("ec2", "describe_instances", region, InstanceIds=[instance_id])[
        "Reservations"
    ]
    return found


def _ids(reservation: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(one.get("InstanceId")) for one in reservation.get("Instances", ()))


#: A filter takes 200 values (EC2 User Guide, "Filtering considerations").
_INSTANCES = BulkRead("ec2", "describe_instances", "Reservations", _by_id, _ids, most=200, alone=_instance)


def read_instance(target: Target, aws: Aws) -> tuple[str, Mapping[str, Any]]:
    """Owner and description of an instance. Raises NotFound where it is terminated: AWS shows it for an hour yet."""
    instance_id = arn.name_of(target.id)
    for reservation in aws.read_bulk(_INSTANCES, instance_id, target.region):
        for one in reservation["Instances"]:
            if one["InstanceId"] != instance_id:
                continue
            if one["State"]["Name"] in ("terminated", "shutting-down"):
                raise NotFound(f"Instance {instance_id} is terminated.")
            return str(reservation["OwnerId"]), one
    raise Unavailable(f"AWS does not say clearly whether {instance_id} exists.", "It is read again.")


def instance_resource(
    owner: str, described: Mapping[str, Any], region: str, aws: Aws, principals: Sequence[str] = ()
) -> Resource:
    return Resource(
        id=arn_in(aws, "ec2", region, f"instance/{described['InstanceId']}", owner),
        type="AWS::EC2::Instance",
        account=owner,
        region=region,
        tags=tags_of(described.get("Tags", ())),
        principals=tuple(principals),
    )


def roles_of(described: Mapping[str, Any], aws: Aws) -> tuple[str, ...]:
    """ARNs of the roles that an instance acts as: by them it is known whether it is the host of this app."""
    profile = described.get("IamInstanceProfile", {}).get("Arn")
    if not profile:
        return ()
    absent = ("NoSuchEntity",)
    answer = aws.read_if(absent, "iam", "get_instance_profile", InstanceProfileName=arn.name_of(str(profile)))
    return tuple(str(role["Arn"]) for role in answer["InstanceProfile"]["Roles"]) if answer is not None else ()


def who_misses(tags: Mapping[str, str]) -> list[str]:
    """What is known by an instance's tags of those who will notice that it is gone."""
    group = tags.get("aws:autoscaling:groupName")
    said = []
    if group:
        said.append(
            f"It belongs to Auto Scaling group {group}, which finds it unhealthy and may terminate and replace it: "
            "detach it there first if it has to be kept."
        )
    stack = tags.get("aws:cloudformation:stack-name")
    if stack:
        said.append(f"CloudFormation stack {stack} made it.")
    return said
