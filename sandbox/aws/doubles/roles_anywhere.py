"""IAM Roles Anywhere, which moto lacks: trust anchors and profiles.

Facts: IAM Roles Anywhere API Reference (``ResourceNotFoundException``, ``ValidationException``; enabling what is
enabled is no error; an anchor or a profile is made disabled unless ``enabled`` is sent).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

from moto.iam.models import iam_backends

from sandbox.aws.double import Answer, Refused, World

#: Their names in parameters and answers, by what their ARNs are called.
KINDS = {"trust-anchor": "trustAnchor", "profile": "profile"}


def _all(world: World) -> dict[str, dict[str, Any]]:
    """By ARN."""
    found: dict[str, dict[str, Any]] = world.keep("roles_anywhere")
    return found


def _arn(kind: str, found: str, world: World) -> str:
    return f"arn:aws:rolesanywhere:{world.region}:{world.account}:{kind}/{found}"


def create(kind: str, given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    roles = iam_backends[world.account]["aws"].roles.values()
    unknown = set(given.get("roleArns", ())) - {role.arn for role in roles}
    if unknown:
        raise Refused("ValidationException", f"Roles {sorted(unknown)} do not exist.")
    key, made = KINDS[kind], str(uuid.uuid4())
    arn = _arn(kind, made, world)
    kept = {k: v for k, v in given.items() if k in ("name", "source", "roleArns")}
    shown = {**kept, f"{key}Id": made, f"{key}Arn": arn, "enabled": bool(given.get("enabled"))}
    _all(world)[arn] = {"shown": shown, "tags": list(given.get("tags", ()))}
    return {key: shown}


def _one(kind: str, given: Mapping[str, Any], world: World) -> dict[str, Any]:
    arn = _arn(kind, given[f"{KINDS[kind]}Id"], world)
    if arn not in _all(world):
        raise Refused("ResourceNotFoundException", f"{arn} does not exist.")
    found: dict[str, Any] = _all(world)[arn]["shown"]
    return found


def get(kind: str, given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return {KINDS[kind]: _one(kind, given, world)}


def enable(kind: str, enabled: bool, given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _one(kind, given, world)["enabled"] = enabled
    return get(kind, given, world)


def delete(kind: str, given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _one(kind, given, world)
    del _all(world)[found[f"{KINDS[kind]}Arn"]]
    return {KINDS[kind]: found}


def list_tags(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    if given["resourceArn"] not in _all(world):
        raise Refused("ResourceNotFoundException", f"{given['resourceArn']} does not exist.")
    return {"tags": _all(world)[given["resourceArn"]]["tags"]}


def _doubles(kind: str, name: str) -> dict[tuple[str, str], Answer]:
    return {
        ("rolesanywhere", f"Create{name}"): partial(create, kind),
        ("rolesanywhere", f"Get{name}"): partial(get, kind),
        ("rolesanywhere", f"Enable{name}"): partial(enable, kind, True),
        ("rolesanywhere", f"Disable{name}"): partial(enable, kind, False),
        ("rolesanywhere", f"Delete{name}"): partial(delete, kind),
    }


DOUBLES: Mapping[tuple[str, str], Answer] = {
    **_doubles("trust-anchor", "TrustAnchor"),
    **_doubles("profile", "Profile"),
    ("rolesanywhere", "ListTagsForResource"): list_tags,
}
