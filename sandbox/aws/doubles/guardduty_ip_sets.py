"""Trusted IP lists of GuardDuty, which moto lacks.

Facts: GuardDuty API Reference, CreateIPSet, GetIPSet, UpdateIPSet (what is not sent stays). A detector or list that
does not exist is a BadRequestException. Whether there is such a detector is moto's to say.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from moto.guardduty.models import guardduty_backends

from sandbox.aws.double import Answer, Refused, World

GONE = "The request is rejected because the input detectorId is not owned by the current account."


def _of_detector(given: Mapping[str, Any], world: World) -> dict[str, dict[str, Any]]:
    if given["DetectorId"] not in guardduty_backends[world.account][world.region].detectors:
        raise Refused("BadRequestException", GONE)
    kept: dict[str, dict[str, dict[str, Any]]] = world.keep("guardduty_ip_sets")
    return kept.setdefault(given["DetectorId"], {})


def create(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found, made = _of_detector(given, world), secrets.token_hex(16)
    if any(one["Name"] == given["Name"] for one in found.values()):
        raise Refused("BadRequestException", "The request is rejected because an IPSet of that name exists.")
    status = "ACTIVE" if given["Activate"] else "INACTIVE"
    found[made] = {name: given[name] for name in ("Name", "Format", "Location")} | {"Status": status}
    return {"IpSetId": made}


def get(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return dict(_one(given, world))


def update(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _one(given, world)
    found.update({name: given[name] for name in ("Name", "Location") if name in given})
    if "Activate" in given:
        found["Status"] = "ACTIVE" if given["Activate"] else "INACTIVE"
    return {}


def delete(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _one(given, world)
    del _of_detector(given, world)[given["IpSetId"]]
    return {}


def _one(given: Mapping[str, Any], world: World) -> dict[str, Any]:
    found = _of_detector(given, world)
    if given["IpSetId"] not in found:
        raise Refused("BadRequestException", "The request is rejected because no such IPSet was found.")
    return found[given["IpSetId"]]


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("guardduty", "CreateIPSet"): create,
    ("guardduty", "GetIPSet"): get,
    ("guardduty", "UpdateIPSet"): update,
    ("guardduty", "DeleteIPSet"): delete,
}
