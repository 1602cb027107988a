"""Accounts and regions that a trail logs, by what AWS says: once all of their files are deleted, the bucket shows none.

Facts: CloudTrail User Guide, "Understanding multi-Region trails and opt-in Regions" (a trail of all regions logs each
that is on in the account; every hour it writes a digest there, also where nothing happened); EC2 API Reference,
DescribeRegions (without AllRegions: those that are on; ``opt-in-not-required`` ones are on in every account).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..aws.client import Aws
from ..errors import ResponderError
from .trail_files import Location, Trail

#: On in every account, and nobody can switch it off.
_ALWAYS_ON = "opt-in-not-required"


@dataclass
class Scope:
    """What a trail logs besides what is known of it."""

    places: list[Location] = field(default_factory=list)
    #: What could not be found out: a line each.
    unknown: list[str] = field(default_factory=list)


def beyond(
    aws: Aws, trail: Trail, known: Sequence[Location], start: datetime, *, asks_accounts: bool, asks_regions: bool
) -> Scope:
    """Accounts and regions beside the ``known`` ones that the trail has to have digests of, from ``start`` on.

    ``asks_accounts``, ``asks_regions``: where nobody has named them. What AWS does not tell is said in ``unknown``.
    """
    scope = Scope()
    accounts = {place.account for place in known}
    if trail.organization and asks_accounts:
        accounts |= _members(aws, start, scope)
    seen = {(place.account, place.region) for place in known}
    everywhere, own, switched_on = _regions(aws, trail, known, scope, asks_regions)
    for account in sorted(accounts):
        for region in sorted(everywhere | switched_on if account == own else everywhere):
            if (account, region) not in seen:
                scope.places.append(Location(trail, account, region, _why(region, region in switched_on)))
    return scope


def _why(region: str, is_optional: bool) -> str:
    if is_optional:
        return f"{region} is switched on in this account; if it was not at the time, this is no problem."
    return f"The trail logs {region} in this account."


def _regions(
    aws: Aws, trail: Trail, known: Sequence[Location], scope: Scope, asks: bool
) -> tuple[set[str], str, set[str]]:
    """Regions that the trail logs in every account; an account, and those that somebody has switched on there."""
    if not asks:
        return {place.region for place in known}, "", set()
    if not trail.is_multi_region:
        if trail.is_multi_region is None:
            scope.unknown.append(
                "Whether the trail logged all regions is not known, because it was named with its bucket. A region of "
                "which everything is deleted is not seen: name the regions that it logged."
            )
        return {trail.home_region}, "", set()
    try:
        regions = aws.read("ec2", "describe_regions")["Regions"]
        own = aws.identity().account
    except ResponderError as error:
        scope.unknown.append(
            "Which regions are on is not known, so a region of which everything is deleted is not seen: allow "
            f"ec2:DescribeRegions, or name the regions. {error.message}"
        )
        return {trail.home_region}, "", set()
    status = {str(one["RegionName"]): str(one.get("OptInStatus")) for one in regions}
    everywhere = {region for region, found in status.items() if found == _ALWAYS_ON}
    return everywhere, own, status.keys() - everywhere


def _members(aws: Aws, start: datetime, scope: Scope) -> set[str]:
    """Accounts that were in the organization before ``start`` and are not closed."""
    try:
        listed: Sequence[Mapping[str, Any]] = aws.read_all("Accounts", "organizations", "list_accounts")
    except ResponderError as error:
        scope.unknown.append(
            "Which accounts the organization has is not known, so an account of which everything is deleted is not "
            f"seen. Allow organizations:ListAccounts in its management account, or name the accounts. {error.message}"
        )
        return set()
    return {
        str(one["Id"])
        for one in listed
        if (one.get("State") or one.get("Status")) == "ACTIVE"
        and (one.get("JoinedTimestamp") is None or one["JoinedTimestamp"] < start)
    }
