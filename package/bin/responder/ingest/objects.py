"""Objects of S3 as a stream of bytes in flat memory; what keeps one from being read, in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from ..aws.client import Aws
from ..aws.errors import code_of
from ..errors import NotFound, NotPermitted, Rejected, ResponderError, Unavailable
from .notifications import S3Object

#: Bytes that are read in one go.
READ = 262_144
#: Codes of S3 that say of an object why it cannot be read. Source: Amazon S3 API reference, "Error responses".
_REASONS = {
    "InvalidObjectState": ("It is archived.", "Restore it from its archive storage class, then redrive its message."),
    "InvalidRequest": (
        "It seems to be encrypted with a key that its writer keeps (SSE-C).",
        "CloudTrail never does this. Copy it with another encryption.",
    ),
}
_DAY = re.compile(r"/([0-9]{4})/([0-9]{2})/([0-9]{2})/[^/]+\Z")


def source_of(what: S3Object) -> str:
    """``source`` as the Splunk Add-on for AWS writes it."""
    return f"s3://{what.bucket}/{what.key}"


def day_of(key: str) -> float | None:
    """The UTC day of a log file by its key, in seconds since the epoch; None where the key does not say it."""
    found = _DAY.search(key)
    try:
        year, month, day = map(int, found.groups()) if found else (0, 0, 0)
        return datetime(year, month, day, tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


class Reading:
    """The stored bytes of one object, counted."""

    def __init__(self, aws: Aws, region: str, what: S3Object) -> None:
        self._aws, self._region, self._what = aws, region, what
        self.bytes = 0

    def chunks(self) -> Iterator[bytes]:
        """Raises a ResponderError: transient ones are worth another try, the others are about this object."""
        body = self._opened()
        try:
            while True:
                try:
                    data = body.read(READ)
                except Exception as error:
                    # Of urllib3 or botocore, whatever cut the connection.
                    raise Unavailable(
                        f"{source_of(self._what)} was cut off while it was read ({type(error).__name__}).",
                        "It is read again.",
                    ) from error
                if not data:
                    return
                self.bytes += len(data)
                yield data
        finally:
            body.close()

    def _opened(self) -> Any:
        try:
            return self._get(self._what.key)
        except NotFound as error:
            if self._what.undecoded_key is None:
                raise explained(error, self._what) from error.__cause__
        except ResponderError as error:
            raise explained(error, self._what) from error.__cause__
        try:
            return self._get(self._what.undecoded_key)
        except ResponderError as error:
            raise explained(error, self._what) from error.__cause__

    def _get(self, key: str) -> Any:
        return self._aws.open_object(self._what.bucket, key, self._region, self._what.version_id or "")


def explained(error: ResponderError, what: S3Object) -> ResponderError:
    """The same error, said of this object: which it is, why, and what to do."""
    code, source = code_of(error.__cause__) if error.__cause__ is not None else "", source_of(what)
    if isinstance(error, NotFound):
        return NotFound(f"{source} does not exist any more ({code}).", "Check the lifecycle rules of the bucket.")
    if isinstance(error, NotPermitted):
        if "kms:" in error.message.lower():
            hint = "Allow kms:Decrypt to it, in its own policy and in that of the key."
        else:
            hint = (
                f"{error.hint} If another account owns the bucket or the object, its policy has to allow it, too. "
                "Requester Pays buckets are not read."
            )
        return NotPermitted(f"{source} cannot be read: {error.message}", hint)
    if code.startswith("KMS."):
        why = f"{source} cannot be read: the KMS key that encrypts it cannot be used ({code})."
        return Rejected(why, "Enable the key, or cancel its deletion, in the account of the key.")
    if code in _REASONS:
        return Rejected(f"{source} cannot be read. {_REASONS[code][0]}", _REASONS[code][1])
    if error.transient:
        return Unavailable(f"{source}: {error.message}", error.hint)
    return type(error)(f"{source}: {error.message}", error.hint)
