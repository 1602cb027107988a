"""Take back the entries that opened a managed prefix list to the world.

Facts: EC2 API Reference, ModifyManagedPrefixList (CurrentVersion has to be the list's; only the owner of a list may
change it; while it is being changed it takes no other change), GetManagedPrefixListEntries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import InvalidFinding, NotFound, Unavailable
from ....findings.network_claims import network_text, prefix_entry
from ...model import Call, Observation, Resource, Step, Target, tags_of
from ...networks import Opening, network_of, open_to_world
from ...permission import Permission
from ...playbook import Playbook
from . import _ec2

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.claims import Claim
    from ....findings.finding import Finding
    from ....settings.model import Safety

LISTS = "arn:aws:ec2:*:*:prefix-list/*"


class RemovePrefixListEntry(Playbook):
    """Removes from a managed prefix list those entries that an event added and that are open to the world now.

    Each rule and route that names the list changes at once, and changes back with undo. Other entries stay. A list of
    another account, or of AWS, is refused.
    """

    id = "remove_prefix_list_entry"
    title = "Remove prefix list entry"
    accepts = ("AWS::EC2::PrefixList",)
    required_fields = ("vendor_account", "vendor_region", "object_id", "detail")
    detail_note = "`cidr`: the ranges that the event added, a list or a text with commas between"
    services = ("ec2",)
    permissions = (
        Permission("ec2:DescribeManagedPrefixLists"),
        Permission("ec2:GetManagedPrefixListEntries", LISTS),
        Permission("ec2:GetManagedPrefixListAssociations", LISTS, optional=True),
        Permission("ec2:ModifyManagedPrefixList", LISTS),
    )
    risk = "medium"
    risk_note = (
        "Every security group rule and route that names the list loses the range, in all accounts that the list is "
        "shared with. Open connections through security groups stay up."
    )
    undo_note = "Adds the entries again, with their descriptions."
    proved_on = "moto, with a double of the calls that change a list and name what uses it"

    def claims(self, finding: Finding) -> Sequence[Claim]:
        return [prefix_entry(arn.name_of(finding.object_id), cidr) for cidr in _wanted(finding)]

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        _wanted(finding)
        return (Target(_ec2.id_in(finding, "pl-", "prefix list"), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        described = _describe(arn.name_of(target.id), target.region, aws)
        owner = str(described["OwnerId"])
        resource = Resource(
            id=str(described["PrefixListArn"]),
            type="AWS::EC2::PrefixList",
            account=owner,
            region=target.region,
            tags=tags_of(described.get("Tags", ())),
        )
        return Observation(resource, _state(described, target.region, aws))

    def state(self, resource: Resource, aws: Aws) -> Mapping[str, Any]:
        return _state(_describe(arn.name_of(resource.id), resource.region, aws), resource.region, aws)

    def steps(self, finding: Finding, seen: Observation, aws: Aws, safety: Safety) -> Sequence[Step]:
        entries = {aspect: entry for aspect, entry in seen.state.items() if aspect.startswith("entry ")}
        networks = ((aspect, network_of(entry["Cidr"])) for aspect, entry in entries.items())
        is_open = open_to_world(Opening(aspect, network, "-1") for aspect, network in networks if network is not None)
        wanted = [f"entry {cidr}" for cidr in _wanted(finding)]
        name = {"PrefixListId": arn.name_of(seen.resource.id)}
        return [
            Step(
                aspect,
                entries[aspect],
                None,
                _modify({**name, "RemoveEntries": [{"Cidr": entries[aspect]["Cidr"]}]}),
                _modify({**name, "AddEntries": [entries[aspect]]}),
            )
            for aspect in wanted
            if aspect in is_open
        ]

    def ready(self, step: Step, seen: Observation) -> Call:
        """With the version that the list has when the call is made."""
        if str(seen.state["status"]).endswith("-in-progress"):
            raise Unavailable("The prefix list is being changed.", "It is tried again.", 5)
        return replace(step.call, parameters={**step.call.parameters, "CurrentVersion": seen.state["version"]})

    def same(self, aspect: str, one: Any, other: Any) -> bool:
        """The entry is there or not, whatever its description."""
        return (one is None) == (other is None)

    def summary(self, resource: Resource, steps: Sequence[Step]) -> str:
        ranges = ", ".join(step.aspect[len("entry ") :] for step in steps)
        return f"Remove {ranges} from prefix list {arn.name_of(resource.id)}."

    def describe(self, resource: Resource, state: Mapping[str, Any], aspects: Sequence[str]) -> str:
        there = [aspect[len("entry ") :] for aspect in aspects if state.get(aspect) is not None]
        return f"Prefix list {arn.name_of(resource.id)} has {', '.join(there) or 'none of the entries'}."

    def blast_radius(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Sequence[str]:
        name = arn.name_of(resource.id)
        operation, key = "get_managed_prefix_list_associations", "PrefixListAssociations"
        users = aws.read_all(key, "ec2", operation, resource.region, PrefixListId=name)
        if not users:
            return ["Nothing that AWS names uses the list."]
        named = ", ".join(str(one.get("ResourceId")) for one in users[:10])
        return [f"The list is used by {len(users)} resource{'s' * (len(users) != 1)}: {named}."]


def _wanted(finding: Finding) -> Sequence[str]:
    """The ranges, in one spelling each. Raises InvalidFinding where there is none, or something else beside them."""
    given = finding.detail.get("cidr")
    named = given.split(",") if isinstance(given, str) else given if isinstance(given, (list, tuple)) else ()
    found = [str(cidr).strip() for cidr in named]
    if not found or any(network_of(cidr) is None for cidr in found):
        raise InvalidFinding(
            "The finding does not say which entries were added.",
            'Let the search set detail to {"cidr": "0.0.0.0/0"}, with commas between several.',
        )
    return list(dict.fromkeys(network_text(cidr) for cidr in found))


def _describe(name: str, region: str, aws: Aws) -> Mapping[str, Any]:
    found = aws.read("ec2", "describe_managed_prefix_lists", region, PrefixListIds=[name])["PrefixLists"]
    if not found or str(found[0].get("State", "")).startswith("delete"):
        raise NotFound(f"Prefix list {name} does not exist (any more).")
    return dict(found[0])


def _state(described: Mapping[str, Any], region: str, aws: Aws) -> dict[str, Any]:
    asked = {"PrefixListId": described["PrefixListId"]}
    entries = aws.read_all("Entries", "ec2", "get_managed_prefix_list_entries", region, **asked)
    state: dict[str, Any] = {"version": described.get("Version"), "status": described.get("State")}
    for entry in entries:
        known = {name: entry[name] for name in ("Cidr", "Description") if entry.get(name)}
        state[f"entry {network_text(entry['Cidr'])}"] = known
    return state


def _modify(parameters: Mapping[str, Any]) -> Call:
    return Call("ec2", "modify_managed_prefix_list", parameters)
