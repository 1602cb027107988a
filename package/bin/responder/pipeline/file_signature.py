"""Whether one log file is as CloudTrail wrote it: a digest that it has signed lists the file with the hash it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..aws.client import Aws
from ..errors import ResponderError
from . import trail_files
from .chain import DELIVERY
from .digest_files import DigestFiles, Verified
from .file_names import DIGESTS
from .log_file import LogFile
from .public_keys import PublicKeys
from .trail_files import Location, Trail


@dataclass(frozen=True)
class FileSignature:
    #: ``signed``, ``changed``, ``unsigned``, ``not yet``, or ``unknown`` where it could not be looked up.
    state: str
    #: One sentence.
    detail: str
    #: The key of the digest that lists the file; empty for none.
    digest: str = ""


def signature_of(aws: Aws, file: LogFile, now: datetime) -> FileSignature | None:
    """None for what no digest lists: digests themselves, other files, and files that could not be read whole."""
    if file.name is None or file.name.kind == DIGESTS or not file.exists or file.problem:
        return None
    try:
        return _found(aws, file, now)
    except ResponderError as error:
        return FileSignature("unknown", str(error))


def _found(aws: Aws, file: LogFile, now: datetime) -> FileSignature:
    assert file.name is not None
    trail = Trail("", file.named.bucket, file.name.prefix, organization=file.name.organization)
    place = Location(trail, file.name.account, file.name.region)
    keys = {}
    times = [time for time in (file.name.time, file.modified) if time is not None]
    for time in times:
        for key in trail_files.digest_keys(aws, place, time, time + DELIVERY):
            keys[key.key] = key
    files = DigestFiles(aws, PublicKeys(aws, min(times, default=now), max(times, default=now) + DELIVERY))
    unread = ""
    for key in keys.values():
        one = files.verified(place, key)
        if not isinstance(one, Verified):
            unread = one.detail if one.kind == "unchecked" else unread
            continue
        for listed in one.digest.logs:
            if (listed.bucket, listed.key) == (file.named.bucket, file.named.key):
                if listed.sha256 == file.sha256:
                    return FileSignature(
                        "signed", "A digest that CloudTrail has signed lists the file as it is.", key.key
                    )
                detail = "It was changed: a digest that CloudTrail has signed lists it with another hash."
                return FileSignature("changed", detail, key.key)
    if unread:
        return FileSignature("unknown", unread)
    if any(now - time < DELIVERY + timedelta(minutes=5) for time in times):
        return FileSignature(
            "not yet", "The digest that will list it has not been delivered yet: it comes within two hours."
        )
    return FileSignature(
        "unsigned", "No valid digest lists it: log file validation is off on the trail, or CloudTrail did not write it."
    )
