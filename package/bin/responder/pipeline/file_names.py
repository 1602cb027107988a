"""What the keys of CloudTrail's files say.

Facts: CloudTrail User Guide, "Finding your CloudTrail log files" and "CloudTrail digest file structure".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone

#: The folder of a kind of file, and what is in it.
KINDS = {
    "CloudTrail": "CloudTrail log file",
    "CloudTrail-Digest": "CloudTrail digest file",
    "CloudTrail-Insight": "CloudTrail Insights log file",
    "CloudTrail-NetworkActivity": "CloudTrail log file of network activity",
    "CloudTrail-Aggregated": "CloudTrail log file of aggregated events",
}
LOGS, DIGESTS = "CloudTrail", "CloudTrail-Digest"
_KEY = re.compile(
    r"(?P<prefix>(?:.*/)?)AWSLogs/(?:(?P<organization>o-[a-z0-9]{10,32})/)?(?P<account>[0-9]{12})/"
    r"(?P<kind>CloudTrail(?:-[A-Za-z]+)?)/(?P<region>[a-z0-9-]+)/[0-9]{4}/[0-9]{2}/[0-9]{2}/(?P<name>[^/]+)",
    re.DOTALL,
)
_TIME = re.compile(r"_([0-9]{8}T[0-9]{4}(?:[0-9]{2})?)Z")


@dataclass(frozen=True)
class FileName:
    #: With its slash, or empty.
    prefix: str
    #: As in ``o-exampleorgid``; empty in the folders of a trail that is no organization's.
    organization: str
    account: str
    #: The folder, as in ``KINDS``, or one that this version does not know.
    kind: str
    region: str
    name: str

    @property
    def time(self) -> datetime | None:
        """By its name: when it was made (log files), or where its hour ends (digest files)."""
        found = _TIME.findall(self.name)
        try:
            return moment(found[-1]) if found else None
        except ValueError:
            return None


def parse(key: str) -> FileName | None:
    """None for what CloudTrail does not write."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    named = {name: value or "" for name, value in match.groupdict().items()}
    return FileName(**named)


def moment(text: str) -> datetime:
    """``20261129T0800`` or ``20261129T080000``, in UTC. Raises ValueError."""
    form = "%Y%m%dT%H%M%S" if len(text) > 13 else "%Y%m%dT%H%M"
    return datetime.strptime(text, form).replace(tzinfo=timezone.utc)
