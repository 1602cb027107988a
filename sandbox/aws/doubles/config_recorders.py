"""ARNs and tags of AWS Config's recorders, which moto lacks.

Facts: AWS Config API Reference, ConfigurationRecorder (``arn``), ListTagsForResource, TagResource. The recorders are
moto's, and so are the tags of everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.config.models import config_backends

from sandbox.aws.double import Answer, Refused, World

KIND = ":configuration-recorder/"


def describe(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    backend = config_backends[world.account][world.region]
    listed = backend.describe_configuration_recorders(given.get("ConfigurationRecorderNames"))
    return {"ConfigurationRecorders": [{**one, "arn": _arn(one["name"], world)} for one in listed]}


def tag(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    if KIND in given["ResourceArn"]:
        _tags(given, world).update({one["Key"]: one["Value"] for one in given["Tags"]})
    else:
        config_backends[world.account][world.region].tag_resource(given["ResourceArn"], given["Tags"])
    return {}


def list_tags(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    if KIND not in given["ResourceArn"]:
        backend = config_backends[world.account][world.region]
        return dict(backend.list_tags_for_resource(given["ResourceArn"], given.get("Limit", 0)))
    return {"Tags": [{"Key": key, "Value": value} for key, value in _tags(given, world).items()]}


def _tags(given: Mapping[str, Any], world: World) -> dict[str, str]:
    recorders = config_backends[world.account][world.region].recorders
    if given["ResourceArn"] not in {_arn(name, world) for name in recorders}:
        raise Refused("ResourceNotFoundException", f"ResourceArn '{given['ResourceArn']}' does not exist")
    kept: dict[str, dict[str, str]] = world.keep("config_recorder_tags")
    return kept.setdefault(given["ResourceArn"], {})


def _arn(name: str, world: World) -> str:
    return f"arn:aws:config:{world.region}:{world.account}{KIND}{name}/0example0"


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("config", "DescribeConfigurationRecorders"): describe,
    ("config", "TagResource"): tag,
    ("config", "ListTagsForResource"): list_tags,
}
