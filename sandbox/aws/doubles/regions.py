"""DescribeRegions, which moto answers with every region of every partition, as if all were switched on.

Facts: EC2 API Reference, DescribeRegions (without ``AllRegions`` those that are on in the account); AWS General
Reference, "Regions" (which are on in every account). ``switch_on`` opts in, as a person does in Account Management.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session

from sandbox.aws.double import Answer, Refused, World

KEPT = "regions_switched_on"
#: What is in no list here is asked for in the partition of AWS's own regions, which the sandbox is in.
PARTITION = "aws"
ALWAYS_ON = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip


def switch_on(world: World, region: str) -> None:
    """For whoever asks in the world's region."""
    world.keep(KEPT, set).add(region)


def switch_off(world: World, region: str) -> None:
    world.keep(KEPT, set).discard(region)


def describe_regions(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    every = botocore.session.get_session().get_available_regions("ec2", PARTITION)
    named = given.get("RegionNames") or ()
    if unknown := [name for name in named if name not in every]:
        raise Refused("InvalidParameterValue", f"Invalid region names: {', '.join(unknown)}")
    on = world.keep(KEPT, set)
    status = {name: "opt-in-not-required" if name in ALWAYS_ON else "opted-in" for name in (*ALWAYS_ON, *on)}
    return {
        "Regions": [
            {
                "RegionName": name,
                "Endpoint": f"ec2.{name}.amazonaws.com",
                "OptInStatus": status.get(name, "not-opted-in"),
            }
            for name in named or every
            if given.get("AllRegions") or name in status
        ]
    }


DOUBLES: Mapping[tuple[str, str], Answer] = {("ec2", "DescribeRegions"): describe_regions}
