"""A bucket as CloudTrail fills it: which accounts and regions have files there, and the files of a range of days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ..aws.client import Aws
from .keys import KeyKind, kind_of
from .notifications import S3Object

#: Kinds of folders that are read.
_KINDS = ("CloudTrail", "CloudTrail-Insight", "CloudTrail-NetworkActivity")
_ACCOUNT, _ORGANIZATION, _REGION = r"[0-9]{12}", r"o-[a-z0-9]{10,32}", r"[a-z0-9-]{4,32}"
#: Keys of one answer (S3 API reference, ``ListObjectsV2``).
PAGE = 1000


@dataclass(frozen=True)
class Page:
    """Files of one folder (account, kind and region), in the order of their keys, which is that of time."""

    folder: str
    files: tuple[S3Object, ...]
    #: The last key that was listed.
    last_key: str


class Walk:
    """``prefix``: in front of ``AWSLogs/``. Days are UTC, both included; a day's folder has what was delivered then."""

    def __init__(self, aws: Aws, region: str, bucket: str, prefix: str, first: date, last: date) -> None:
        self._aws, self._region, self._bucket = aws, region, bucket
        self._root = f"{prefix}/AWSLogs/" if prefix else "AWSLogs/"
        self._first, self._last = first, last

    def folders(self) -> list[str]:
        """Sorted. Raises a ResponderError."""
        accounts: list[str] = []
        for name in self._below(self._root):
            if re.fullmatch(_ORGANIZATION, name):
                inside = f"{self._root}{name}/"
                accounts += [f"{inside}{one}/" for one in self._below(inside) if re.fullmatch(_ACCOUNT, one)]
            elif re.fullmatch(_ACCOUNT, name):
                accounts.append(f"{self._root}{name}/")
        found = []
        for account in accounts:
            for kind in self._below(account):
                if kind in _KINDS:
                    folder = f"{account}{kind}/"
                    found += [f"{folder}{one}/" for one in self._below(folder) if re.fullmatch(_REGION, one)]
        return sorted(found)

    @property
    def last(self) -> date:
        return self._last

    def day_in(self, folder: str, day: date) -> str:
        """Where the files of a day of the range begin."""
        return f"{folder}{max(day, self._first):%Y/%m/%d}/"

    def pages(self, folder: str, after: str = "", since: float = 0.0) -> Iterator[Page]:
        """Files of the range, behind a key; only those that are there since a moment. Raises a ResponderError."""
        begin, end = f"{folder}{self._first:%Y/%m/%d}/", f"{folder}{self._last + timedelta(days=1):%Y/%m/%d}/"
        position = max(begin, after)
        while True:
            given = {"Bucket": self._bucket, "Prefix": folder, "StartAfter": position, "MaxKeys": PAGE}
            listed = self._aws.read("s3", "list_objects_v2", self._region, **given)
            entries: list[dict[str, Any]] = listed.get("Contents") or []
            inside = [one for one in entries if begin <= str(one["Key"]) < end]
            if inside:
                files = [self._file(one) for one in inside]
                read = tuple(
                    one
                    for one in files
                    if kind_of(one.key) in (KeyKind.CLOUDTRAIL, KeyKind.INSIGHT) and (one.modified or since) >= since
                )
                yield Page(folder, read, files[-1].key)
            if not listed.get("IsTruncated") or not entries or len(inside) < len(entries):
                return
            position = str(entries[-1]["Key"])

    def _file(self, listed: dict[str, Any]) -> S3Object:
        modified = listed.get("LastModified")
        return S3Object(
            self._bucket,
            str(listed["Key"]),
            size=int(listed.get("Size") or 0),
            modified=modified.timestamp() if isinstance(modified, datetime) else None,
        )

    def _below(self, prefix: str) -> list[str]:
        """Names of the folders right below."""
        found: list[str] = []
        given: dict[str, Any] = {}
        while True:
            listed = self._aws.read(
                "s3", "list_objects_v2", self._region, Bucket=self._bucket, Prefix=prefix, Delimiter="/", **given
            )
            found += [str(one["Prefix"])[len(prefix) : -1] for one in listed.get("CommonPrefixes") or ()]
            if not listed.get("IsTruncated") or not listed.get("NextContinuationToken"):
                return found
            given = {"ContinuationToken": listed["NextContinuationToken"]}
