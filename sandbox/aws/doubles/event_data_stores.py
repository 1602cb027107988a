"""Event data stores of CloudTrail Lake, which moto lacks.

Facts: CloudTrail API Reference, CreateEventDataStore, GetEventDataStore, StartEventDataStoreIngestion and
StopEventDataStoreIngestion (``InvalidEventDataStoreStatusException`` in any other state), DeleteEventDataStore
(``EventDataStoreTerminationProtectedException``; it is pending for seven days), RestoreEventDataStore.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.aws.double import Answer, Refused, World

ENABLED, STOPPED, DELETED = "ENABLED", "STOPPED_INGESTION", "PENDING_DELETION"


def _stores(world: World) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = world.keep("event_data_stores")
    return kept


def create(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    made = str(uuid.uuid4())
    shown = {
        "EventDataStoreArn": f"arn:aws:cloudtrail:{world.region}:{world.account}:eventdatastore/{made}",
        "Name": given["Name"],
        "Status": ENABLED,
        "MultiRegionEnabled": given.get("MultiRegionEnabled", True),
        "OrganizationEnabled": given.get("OrganizationEnabled", False),
        "RetentionPeriod": given.get("RetentionPeriod", 2557),
        "TerminationProtectionEnabled": given.get("TerminationProtectionEnabled", True),
    }
    _stores(world)[made] = shown
    return shown


def get(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    return _one(given, world)


def start(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _from(STOPPED, given, world)["Status"] = ENABLED
    return {}


def stop(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    _from(ENABLED, given, world)["Status"] = STOPPED
    return {}


def delete(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _one(given, world)
    if found["TerminationProtectionEnabled"]:
        raise Refused("EventDataStoreTerminationProtectedException", "Termination protection is enabled.")
    if found["Status"] == DELETED:
        raise Refused("InvalidEventDataStoreStatusException", "The event data store is pending deletion.")
    found["Status"] = DELETED
    return {}


def restore(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    found = _from(DELETED, given, world)
    found["Status"] = ENABLED
    return found


def _from(status: str, given: Mapping[str, Any], world: World) -> dict[str, Any]:
    found = _one(given, world)
    if found["Status"] != status:
        raise Refused("InvalidEventDataStoreStatusException", f"The event data store is {found['Status']}.")
    return found


def _one(given: Mapping[str, Any], world: World) -> dict[str, Any]:
    found = _stores(world).get(given["EventDataStore"].rpartition("/")[2])
    if found is None:
        raise Refused("EventDataStoreNotFoundException", "The event data store does not exist.")
    return found


DOUBLES: Mapping[tuple[str, str], Answer] = {
    ("cloudtrail", "CreateEventDataStore"): create,
    ("cloudtrail", "GetEventDataStore"): get,
    ("cloudtrail", "StartEventDataStoreIngestion"): start,
    ("cloudtrail", "StopEventDataStoreIngestion"): stop,
    ("cloudtrail", "DeleteEventDataStore"): delete,
    ("cloudtrail", "RestoreEventDataStore"): restore,
}
