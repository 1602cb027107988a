"""An event data store that was stopped, and one that was deleted."""

from __future__ import annotations

from typing import Any

from tests.aws.scenarios import Admin, Fields


def stopped(admin: Admin, name: str) -> dict[str, Any]:
    store = _store(admin, name)
    admin("cloudtrail").stop_event_data_store_ingestion(EventDataStore=store)
    return _about(store)


def deleted(admin: Admin, name: str) -> dict[str, Any]:
    store = _store(admin, name)
    admin("cloudtrail").delete_event_data_store(EventDataStore=store)
    return _about(store.rpartition("/")[2])


def fix(admin: Admin, fields: Fields) -> None:
    client, store = admin("cloudtrail"), {"EventDataStore": fields["object_id"]}
    if client.get_event_data_store(**store)["Status"] == "PENDING_DELETION":
        client.restore_event_data_store(**store)
    else:
        client.start_event_data_store_ingestion(**store)


def _store(admin: Admin, name: str) -> str:
    made = admin("cloudtrail").create_event_data_store(Name=name, TerminationProtectionEnabled=False)
    return str(made["EventDataStoreArn"])


def _about(store: str) -> dict[str, Any]:
    return {"object_category": "AWS::CloudTrail::EventDataStore", "object_id": store}


remove = None
#: The way back from a third state is refused by AWS: a store that is pending deletion cannot be stopped.
drift = None
VARIANTS = {"stopped": stopped, "deleted": deleted}
