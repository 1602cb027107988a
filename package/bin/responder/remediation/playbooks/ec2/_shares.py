"""What EC2 shares, images and snapshots: named by an id, listed by it, and with an ARN that has no account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .... import arn
from ....errors import NotFound
from ...named import arn_in
from ...playbook import Observation, Resource, Target, tags_of
from ...shares import Shares
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


class Ec2Shares(Shares):
    services = ("ec2",)
    event_service = "ec2"
    #: What its id begins with: ``ami-``.
    prefix: str
    listing: Listing

    def targets(self, finding: Finding, aws: Aws) -> Sequence[Target]:
        return (Target(id_in(finding, self.prefix, self.kind), finding.vendor_region),)

    def read(self, target: Target, aws: Aws) -> Observation:
        shared, region, listing = arn.name_of(target.id), target.region, self.listing
        found = aws.read("ec2", listing.operation, region, **{listing.ids: [shared]})[listing.items]
        if not found:
            raise NotFound(f"{self.kind.capitalize()} {shared} does not exist (any more) in {region}.")
        resource = Resource(
            id=arn_in(aws, "ec2", region, f"{self.kind}/{shared}", account=""),
            type=self.accepts[0],
            account=str(found[0]["OwnerId"]),
            region=region,
            tags=tags_of(found[0].get("Tags") or ()),
        )
        return Observation(resource, self.state(resource, aws))
