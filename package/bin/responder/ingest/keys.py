"""What an object holds, by its key: where AWS writes CloudTrail's files, and what lies beside them.

The folders and file names are those of AWS's documentation ("Finding your CloudTrail log files"):
``[prefix/]AWSLogs/[o-orgid/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_yyyymmddThhmmZ_unique.json.gz``.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass


class KeyKind(str, enum.Enum):
    """What an object holds."""

    #: CloudTrail's records: management, data and network activity events.
    CLOUDTRAIL = "cloudtrail"
    #: CloudTrail's hourly list of files and their hashes, for the validation of log files.
    DIGEST = "digest"
    #: CloudTrail Insights: unusual rates of calls, not calls.
    INSIGHT = "insight"
    #: Sums of data events over five minutes, without an actor, a time or an ``eventID``.
    AGGREGATED = "aggregated"
    #: Whatever else lies in the bucket: AWS Config, load balancers, VPC flow logs, files of people.
    OTHER = "other"


@dataclass(frozen=True)
class Place:
    """Whose file it is: account and region as the key has them."""

    account: str
    region: str


_KINDS = {
    "CloudTrail": KeyKind.CLOUDTRAIL,
    "CloudTrail-NetworkActivity": KeyKind.CLOUDTRAIL,
    "CloudTrail-Insight": KeyKind.INSIGHT,
    "CloudTrail-Digest": KeyKind.DIGEST,
    "CloudTrail-Aggregated": KeyKind.AGGREGATED,
}
_FOLDER = re.compile(
    r"(?:^|/)AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/([A-Za-z-]+)/([a-z0-9-]{4,32})/[0-9]{4}/[0-9]{2}/[0-9]{2}/[^/]+\Z"
)
#: A file that somebody has copied elsewhere keeps its name.
_NAME = re.compile(r"(?:^|/)([0-9]{12})_(CloudTrail(?:-[A-Za-z]+)?)_([a-z0-9-]{4,32})_[^/]+\.json(?:\.gz)?\Z")


def kind_of(key: str) -> KeyKind:
    """What the object holds; decided by the folder, and outside of AWS's folders by the name of the file.

    A key that AWS does not write is nobody's log file. The keys of those that are read go into events, log lines and
    URLs: without characters that do not print, and without ``..``, they are what they look like in each of these.
    """
    found = _FOLDER.search(key) or _NAME.search(key)
    if found is None or key.endswith("/") or not key.isprintable() or _has_dots(key):
        return KeyKind.OTHER
    return _KINDS.get(found.group(2), KeyKind.OTHER)


def _has_dots(key: str) -> bool:
    """Whether it has a part that HTTP clients take out of a URL, and then sign another one than they send."""
    return any(part in (".", "..") for part in key.split("/"))


def place_of(key: str) -> Place | None:
    """Account and region of the file, or None where the key does not have them."""
    found = _FOLDER.search(key) or _NAME.search(key)
    return Place(found.group(1), found.group(3)) if found else None
