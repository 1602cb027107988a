"""Let an event data store of CloudTrail Lake take in events again, or bring a deleted one back.

Facts: CloudTrail API Reference, GetEventDataStore, StartEventDataStoreIngestion (only of one that is stopped),
StopEventDataStoreIngestion, RestoreEventDataStore (within seven days after the deletion), DeleteEventDataStore.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, Rejected
from ....findings.claims import Claim, resource_at
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...named import arn_in
from ...permission import Permission
from ...playbook import Playbook
from ._trails import TAGS

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding
    from ....settings.model import Safety

STORES = "arn:aws:cloudtrail:*:*:eventdatastore/*"
STATUS = "status"
ENABLED, STOPPED, DELETED = "ENABLED", "STOPPED_INGESTION", "PENDING_DELETION"
#: On its way there.
_SOON = {"STARTING_INGESTION": ENABLED, "STOPPING_INGESTION": STOPPED}
_ID = re.compile(r"[a-zA-Z0-9-]{3,64}")


class RestartEventDataStore(Playbook):
    """Starts the ingestion of an event data store that was stopped, or restores one that was deleted.

    AWS keeps a deleted event data store for seven days. Its settings are left as they are.
    """

    id = "restart_event_data_store"
    title = "Restart event data store"
    accepts = ("AWS::CloudTrail::EventDataStore",)
    required_fields = ("vendor_account", "vendor_region", "object_id")
    detail_note = "nothing: `object_id` is the store's id or ARN"
    services = ("cloudtrail",)
    permissions = (
        Permission("cloudtrail:GetEventDataStore", STORES),
        Permission("cloudtrail:ListTags", STORES),
        Permission("cloudtrail:StartEventDataStoreIngestion", STORES),
        Permission("cloudtrail:StopEventDataStoreIngestion", STORES),
        Permission("cloudtrail:RestoreEventDataStore", STORES),
        Permission("cloudtrail:DeleteEventDataStore", STORES),
    )
    risk = "low"
    risk_note = (
        "Ingestion costs what it did before. Events of the gap are missing. A store of an organization can only be "
        "changed from the account that owns it. Termination protection is not turned on."
    )
    undo_note = "Stops the ingestion again, or deletes the store again (AWS keeps it for seven days)."
    proved_on = "a double of the calls for event data stores, which moto lacks"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return (resource_at(finding.object_id, "cloudtrail", "eventDataStore"),)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        named, own = arn.parse(finding.object_id), aws.account.account_id
        if named and named.account != own:
            raise Rejected(
                f"{finding.object_id} belongs to account {named.account}; account {own} cannot change it.",
                f"Add account {named.account} on the AWS accounts tab and remediate there.",
            )
        region, store = named.region if named else finding.vendor_region, arn.name_of(finding.object_id)
        if not _ID.fullmatch(store):
            raise InvalidFinding("The finding names no event data store.", "Let the search set object_id to its ARN.")
        return (Target(arn_in(aws, "cloudtrail", region, f"eventdatastore/{store}"), region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        tags = aws.read_bulk(TAGS, target.id, target.region)
        resource = Resource(
            id=target.id,
            type="AWS::CloudTrail::EventDataStore",
            account=aws.account.account_id,
            region=target.region,
            tags=tags_of(tags[0].get("TagsList", ())) if tags else {},
        )
        return Observation(resource, self.state(resource, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        shown = aws.read("cloudtrail", "get_event_data_store", resource.region, EventDataStore=resource.id)
        return {STATUS: _SOON.get(str(shown["Status"]), str(shown["Status"]))}

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        now, store = seen.state[STATUS], {"EventDataStore": seen.resource.id}
        ways = {
            STOPPED: ("start_event_data_store_ingestion", "stop_event_data_store_ingestion"),
            DELETED: ("restore_event_data_store", "delete_event_data_store"),
        }
        if now not in ways:
            return ()
        there, back = (Call("cloudtrail", operation, store) for operation in ways[now])
        return (Step(STATUS, now, ENABLED, there, back),)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        name = arn.name_of(resource.id)
        if steps[0].before == DELETED:
            return f"Restore event data store {name}, which was deleted."
        return f"Start the ingestion of event data store {name} again, which was stopped."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        words = {ENABLED: "takes in events", STOPPED: "takes in no events", DELETED: "is deleted, and can be restored"}
        return f"Event data store {arn.name_of(resource.id)} {words.get(state[STATUS], state[STATUS])}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        shown = aws.read("cloudtrail", "get_event_data_store", resource.region, EventDataStore=resource.id)
        reach = "all accounts of the organization" if shown.get("OrganizationEnabled") else "this account"
        regions = "all regions" if shown.get("MultiRegionEnabled") else f"region {resource.region}"
        found = [f"It holds events of {reach}, {regions}, for {shown.get('RetentionPeriod')} days."]
        if not shown.get("TerminationProtectionEnabled"):
            found.append("Its termination protection is off, so whoever may can delete it again.")
        return found
