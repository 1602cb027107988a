"""What EC2 shares, images and snapshots: named by an id, listed by it, and with an ARN that has no account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .... import arn
from ....errors import NotFound
from ....settings.model import AGE
from ...model import Measured, Observation, Resource, Target, epoch_of, tags_of
from ...named import arn_in
from ...shares import EVERYONE, Shares
from ...sweeping import Part, Signature, View, Wrong
from ._ec2 import id_in

if TYPE_CHECKING:
    from ....aws.client import Aws
    from ....findings.finding import Finding


@dataclass(frozen=True)
class Listing:
    """How EC2 lists one: the operation, its parameter for ids, and the key of the answer below which the items are."""

    operation: str
    ids: str
    items: str
    #: Where an item says since when there has been it.
    made_at: str
    #: Below which its own id is, and the parameters by which only those of ours are listed that everyone may use.
    id: str
    public: Mapping[str, Sequence[str]]


SHARED = Signature("snapshot_or_image_made_public", "EBS snapshot or AMI made public", "T1537")

class Ec2Shares(Shares):
    services = ("ec2",)
    measures = (AGE,)
    event_service = "ec2"
    #: What its id begins with: ``ami-``.
    prefix: str
    listing: Listing
    sweeps = (SHARED,)

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(id_in(finding, self.prefix, self.kind), finding.vendor_region),)

    def measure(self, resource: Resource, state: Mapping[str, Any], aws: Aws) -> Measured:
        found = self._listed(arn.name_of(resource.id), resource.region, aws)
        return Measured(created_at=epoch_of(found.get(self.listing.made_at)))

    def read(self, target: Target, aws: Aws) -> Observation:
        shared, region = arn.name_of(target.id), target.region
        found = self._listed(shared, region, aws)
        resource = Resource(
            id=arn_in(aws, "ec2", region, f"{self.kind}/{shared}", account=""),
            type=self.accepts[0],
            account=str(found["OwnerId"]),
            region=region,
            tags=tags_of(found.get("Tags") or ()),
        )
        return Observation(resource, self.state(resource, aws))

    def look(self, view: View) -> Iterator[Part]:
        listing = self.listing
        asked: dict[str, Any] = {name: list(values) for name, values in listing.public.items()}
        for listed, cursor in view.pages("ec2", listing.operation, listing.items, MaxResults=500, **asked):
            yield Part(tuple(one for item in listed for one in self._wrong(str(item[listing.id]), view)), cursor)

    def _wrong(self, name: str, view: View) -> Iterator[Wrong]:
        resource = Resource(name, self.accepts[0], view.aws.account.account_id, view.region)
        if EVERYONE in self.shared_with(resource, view.aws):
            reason = f"{self.kind.capitalize()} {name} is shared with everyone."
            detail = {"target": name, "shared_with": EVERYONE}
            yield Wrong(SHARED, self.accepts[0], name, view.region, "critical", reason, detail)

    def _listed(self, shared: str, region: str, aws: Aws) -> Mapping[str, Any]:
        listing = self.listing
        found = aws.read("ec2", listing.operation, region, **{listing.ids: [shared]})[listing.items]
        if not found:
            raise NotFound(f"{self.kind.capitalize()} {shared} does not exist (any more) in {region}.")
        one: Mapping[str, Any] = found[0]
        return one
