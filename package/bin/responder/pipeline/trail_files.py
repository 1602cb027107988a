"""Where a trail's files lie in its bucket, and which there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from .. import arn
from ..aws.client import Aws
from ..errors import NotFound, Rejected
from .digests import DigestKey
from .file_names import DIGESTS, LOGS, parse

_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2}")


@dataclass(frozen=True)
class Trail:
    arn: str
    bucket: str
    #: With its slash, or empty.
    prefix: str = ""
    #: Whether the trail logs every region; None where AWS was not asked.
    is_multi_region: bool | None = None
    #: As in ``o-exampleorgid``; empty for the trail of an account.
    organization: str = ""
    #: Whether log file validation is on now; None where AWS was not asked.
    is_validated: bool | None = None

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def home_region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]


@dataclass(frozen=True)
class Location:
    """Where a trail's files of one account and region lie."""

    trail: Trail
    account: str
    region: str
    #: Why there have to be files, where the bucket has no folder of it: a sentence. Empty where it has one.
    why: str = ""

    def folder(self, kind: str) -> str:
        return f"{accounts_folder(self.trail)}{self.account}/{kind}/{self.region}/"

    def is_own(self, key: DigestKey) -> bool:
        """Whether it is a digest of this trail: others may write to the same folder."""
        return (key.trail, key.home_region) == (self.trail.name, self.trail.home_region)


@dataclass(frozen=True)
class LogKey:
    key: str
    modified: datetime


def accounts_folder(trail: Trail) -> str:
    return f"{trail.prefix}AWSLogs/{trail.organization + '/' if trail.organization else ''}"


def describe(aws: Aws, name: str, region: str) -> Trail:
    """The trail as AWS has it; ``name`` is a name or an ARN. Raises a ResponderError."""
    named = arn.parse(name)
    home = named.region if named else region
    answer = aws.read("cloudtrail", "describe_trails", home, trailNameList=[name], includeShadowTrails=True)
    found = [one for one in answer["trailList"] if name in (one.get("TrailARN"), one.get("Name"))]
    if not found:
        raise NotFound(
            f"There is no trail '{name}' in {home}.",
            "Name it by its ARN. Of a trail that was deleted, name the bucket, too.",
        )
    one = found[0]
    prefix = str(one.get("S3KeyPrefix") or "")
    trail = Trail(
        str(one["TrailARN"]),
        str(one["S3BucketName"]),
        f"{prefix}/" if prefix else "",
        bool(one.get("IsMultiRegionTrail")),
        is_validated=bool(one.get("LogFileValidationEnabled")),
    )
    return replace(trail, organization=_organization(aws, trail)) if one.get("IsOrganizationTrail") else trail


def entered(name: str, bucket: str, prefix: str = "", organization: str = "") -> Trail:
    """A trail that may be gone. Raises Rejected for what is no ARN of one."""
    named = arn.parse(name)
    if named is None or named.service != "cloudtrail" or named.kind != "trail" or not named.region:
        raise Rejected(f"'{name}' is not the ARN of a trail.", "With a bucket, name the trail by its ARN.")
    if organization and not _ORGANIZATION.fullmatch(organization):
        raise Rejected(f"'{organization}' is not the ID of an organization.", "It is like o-exampleorgid.")
    prefix = prefix.strip("/")
    return Trail(name, bucket, f"{prefix}/" if prefix else "", organization=organization)


def _organization(aws: Aws, trail: Trail) -> str:
    """Its ID, by the folders in the bucket: to ask Organizations takes rights in another account."""
    found = [name for name in _folders(aws, trail.bucket, f"{trail.prefix}AWSLogs/") if _ORGANIZATION.fullmatch(name)]
    if len(found) != 1:
        raise NotFound(
            f"Bucket {trail.bucket} has {len(found)} folders of organizations, and one was expected.",
            "Name the organization's ID, the bucket and the trail's ARN.",
        )
    return found[0]


def locations(
    aws: Aws, trail: Trail, start: datetime, end: datetime, accounts: Sequence[str] = (), regions: Sequence[str] = ()
) -> list[Location]:
    """Accounts and regions of the trail, as the bucket shows them, or those that are named. Raises a ResponderError.

    Known are the folders with digests and those with logs, of any day, so that a region is not left out because all of
    its digests are gone; and the trail's home. Of a trail that logs one region, others count that have its digests of
    the time: it logged them then.
    """
    found = []
    for account in accounts or _accounts(aws, trail):
        known = set(regions)
        if not known:
            known = _seen(aws, trail, account, start, end)
            if trail.is_multi_region is False or account == trail.account:
                known.add(trail.home_region)
        found += [Location(trail, account, region) for region in sorted(known)]
    return found


def _seen(aws: Aws, trail: Trail, account: str, start: datetime, end: datetime) -> set[str]:
    def folders(kind: str) -> set[str]:
        names = _folders(aws, trail.bucket, f"{accounts_folder(trail)}{account}/{kind}/")
        return {name for name in names if _REGION.fullmatch(name)}

    if trail.is_multi_region is not False:
        return folders(DIGESTS) | folders(LOGS)
    elsewhere = (Location(trail, account, region) for region in folders(DIGESTS) - {trail.home_region})
    return {place.region for place in elsewhere if any(map(place.is_own, digest_keys(aws, place, start, end)))}


def _accounts(aws: Aws, trail: Trail) -> list[str]:
    if not trail.organization:
        return [trail.account]
    found = [name for name in _folders(aws, trail.bucket, accounts_folder(trail)) if _ACCOUNT.fullmatch(name)]
    return sorted({*found, trail.account})


def digest_keys(aws: Aws, place: Location, start: datetime, end: datetime) -> list[DigestKey]:
    """Digests of every trail that writes there, whose hours end from ``start`` to ``end``, in order of their keys."""
    found = []
    for entry in _keys(aws, place, DIGESTS, start, end):
        key = DigestKey.of(str(entry["Key"]))
        if key is not None and start <= key.end <= end:
            found.append(key)
    return sorted(found, key=lambda key: (key.end, key.key))


def log_keys(aws: Aws, place: Location, start: datetime, end: datetime) -> Iterator[LogKey]:
    """Log files in the folder whose names are of a time from ``start`` to ``end``, whoever wrote them there."""
    for entry in _keys(aws, place, LOGS, start, end):
        name = parse(str(entry["Key"]))
        if name is not None and name.time is not None and start <= name.time < end:
            yield LogKey(str(entry["Key"]), entry["LastModified"])


def _keys(aws: Aws, place: Location, kind: str, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    """Objects in the folders of the days from ``start`` to ``end``."""
    folder = place.folder(kind)
    # Keys are in the order of their days. The first is the day itself, which no key of it comes before.
    parameters: dict[str, Any] = {"StartAfter": f"{folder}{start:%Y/%m/%d}/"}
    last = f"{folder}{end + timedelta(days=1):%Y/%m/%d}/"
    while True:
        page = aws.read("s3", "list_objects_v2", Bucket=place.trail.bucket, Prefix=folder, **parameters)
        for entry in page.get("Contents") or []:
            if str(entry["Key"]) >= last:
                return
            yield entry
        if not page.get("IsTruncated"):
            return
        parameters = {"ContinuationToken": page["NextContinuationToken"]}


def _folders(aws: Aws, bucket: str, prefix: str) -> list[str]:
    """The names of the folders right below a prefix."""
    found: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = aws.read("s3", "list_objects_v2", Bucket=bucket, Prefix=prefix, Delimiter="/", **more)
        found += [str(one["Prefix"])[len(prefix) :].rstrip("/") for one in page.get("CommonPrefixes") or []]
        if not page.get("IsTruncated"):
            return found
        more = {"ContinuationToken": page["NextContinuationToken"]}
