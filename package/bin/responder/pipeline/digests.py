"""CloudTrail's digest files: what is in them, and what is signed.

Facts: CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail log file
integrity validation".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..json_limits import NotPlain, bounded_json
from .file_names import DIGESTS, FileName, moment, parse

#: Bytes of a digest's content: that of an hour of an account and region has some hundred log files at most.
MOST = 32_000_000
ALGORITHM = "SHA256withRSA"
_NAME = re.compile(
    r"(?P<account>[0-9]{12})_CloudTrail-Digest_(?P<region>[a-z0-9-]+)_(?P<trail>[A-Za-z0-9._-]+)_"
    r"(?P<home>[a-z0-9-]+)_(?P<end>[0-9]{8}T[0-9]{6})Z(?P<backfill>_backfill)?\.json\.gz"
)
_SHA_256 = re.compile(r"[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Malformed(ValueError):
    """It is no digest; the message is a clause: "has no digestEndTime"."""


@dataclass(frozen=True)
class DigestKey:
    """What the key of a digest file says."""

    key: str
    account: str
    region: str
    trail: str
    home_region: str
    #: When its hour ends.
    end: datetime
    is_backfill: bool

    @classmethod
    def of(cls, key: str) -> DigestKey | None:
        """None for what is no digest's key, or one in a folder of another account or region than its name has."""
        place = parse(key)
        match = _NAME.fullmatch(place.name) if place is not None and place.kind == DIGESTS else None
        if place is None or match is None or (match["account"], match["region"]) != (place.account, place.region):
            return None
        try:
            end = moment(match["end"])
        except ValueError:
            return None
        named = match["account"], match["region"], match["trail"], match["home"]
        return cls(key, *named, end=end, is_backfill=bool(match["backfill"]))


@dataclass(frozen=True)
class Listed:
    """A log file as a digest lists it."""

    bucket: str
    key: str
    #: Of the uncompressed content, in lower case hex.
    sha256: str

    @property
    def name(self) -> FileName | None:
        return parse(self.key)


@dataclass(frozen=True)
class Previous:
    """What a digest says of the one before it."""

    bucket: str
    key: str
    sha256: str
    signature: str


@dataclass(frozen=True)
class Digest:
    account: str
    start: datetime
    end: datetime
    #: As it is written: it is signed as a text.
    end_text: str
    bucket: str
    key: str
    #: Of the public key.
    fingerprint: str
    #: None where a chain begins: logging or log file validation was off before.
    previous: Previous | None
    logs: tuple[Listed, ...]
    #: Of its own uncompressed content.
    sha256: str

    @property
    def string_to_sign(self) -> bytes:
        previous = self.previous.signature if self.previous else "null"
        return f"{self.end_text}\n{self.bucket}/{self.key}\n{self.sha256}\n{previous}".encode("utf-8", "surrogatepass")


def read(content: bytes) -> Digest:
    """The digest that is the content of a file. Raises Malformed."""
    try:
        value = bounded_json(content.decode("utf-8"))
    except (NotPlain, UnicodeDecodeError):
        raise Malformed("is no JSON") from None
    if not isinstance(value, Mapping):
        raise Malformed("is no JSON object")
    if _text(value, "digestSignatureAlgorithm") != ALGORITHM:
        raise Malformed(f"is signed by another algorithm than {ALGORITHM}")
    logs = value.get("logFiles")
    if not isinstance(logs, list):
        raise Malformed("has no logFiles")
    return Digest(
        account=_text(value, "awsAccountId"),
        start=_time(value, "digestStartTime"),
        end=_time(value, "digestEndTime"),
        end_text=_text(value, "digestEndTime"),
        bucket=_text(value, "digestS3Bucket"),
        key=_text(value, "digestS3Object"),
        fingerprint=_text(value, "digestPublicKeyFingerprint").lower(),
        previous=_previous(value),
        logs=tuple(_listed(one) for one in logs),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _previous(value: Mapping[str, Any]) -> Previous | None:
    if value.get("previousDigestSignature") is None:
        return None
    _check_algorithm(value, "previousDigestHashAlgorithm")
    return Previous(
        _text(value, "previousDigestS3Bucket"),
        _text(value, "previousDigestS3Object"),
        _sha_256(value, "previousDigestHashValue"),
        _text(value, "previousDigestSignature"),
    )


def _listed(value: Any) -> Listed:
    if not isinstance(value, Mapping):
        raise Malformed("lists what is no log file")
    _check_algorithm(value, "hashAlgorithm")
    return Listed(_text(value, "s3Bucket"), _text(value, "s3Object"), _sha_256(value, "hashValue"))


def _check_algorithm(value: Mapping[str, Any], name: str) -> None:
    if _text(value, name) != "SHA-256":
        raise Malformed(f"has another {name} than SHA-256")


def _sha_256(value: Mapping[str, Any], name: str) -> str:
    text = _text(value, name).lower()
    if not _SHA_256.fullmatch(text):
        raise Malformed(f"has a {name} that is no SHA-256")
    return text


def _time(value: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.strptime(_text(value, name), _TIME).replace(tzinfo=timezone.utc)
    except ValueError:
        raise Malformed(f"has a {name} that is no time") from None


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str) or not found:
        raise Malformed(f"has no {name}")
    return found
