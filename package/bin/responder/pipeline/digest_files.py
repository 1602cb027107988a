"""Digest files in the bucket, each verified by itself: is it what CloudTrail wrote, where CloudTrail wrote it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from ..aws.answer import Answer
from ..aws.client import Aws
from ..errors import ResponderError
from . import digests, objects
from .digests import Digest, DigestKey, Malformed
from .file_names import parse
from .inflate import Damaged, inflated
from .public_keys import PublicKeys
from .trail_files import Location
from .validation_report import Problem


@dataclass(frozen=True)
class Verified:
    """A digest that is CloudTrail's own."""

    named: DigestKey
    digest: Digest
    #: In lower case hex.
    signature: str


class DigestFiles:
    """Safe to share between threads."""

    def __init__(self, aws: Aws, keys: PublicKeys) -> None:
        self._aws = aws
        self._keys = keys

    def verified(self, place: Location, named: DigestKey) -> Verified | Problem:
        """The digest, or what is wrong with it. Raises nothing that AWS refuses: that is a problem, too."""
        file = f"{place.trail.bucket}/{named.key}"
        try:
            answer = objects.opened(self._aws, place.trail.bucket, named.key)
            if answer is None:
                return Problem("digest_missing", "It was deleted a moment ago.", file, end=named.end)
            return self._verified(place, named, answer)
        except (Damaged, Malformed) as reason:
            return Problem("digest_invalid", f"The digest {reason}.", file, end=named.end)
        except ResponderError as error:
            return Problem("unchecked", str(error), file, end=named.end)

    def _verified(self, place: Location, named: DigestKey, answer: Answer) -> Verified | Problem:
        file = f"{place.trail.bucket}/{named.key}"

        def wrong(detail: str) -> Problem:
            return Problem("digest_invalid", detail, file, end=named.end)

        content = b"".join(inflated(objects.blocks(answer, f"s3://{file}"), digests.MOST))
        digest = digests.read(content)
        if (digest.bucket, digest.key) != (place.trail.bucket, named.key):
            return wrong(_moved(digest))
        if digest.account != place.account:
            return wrong(f"The digest is of account {digest.account}.")
        metadata = {str(name).lower(): str(value) for name, value in (answer.get("Metadata") or {}).items()}
        signature = metadata.get("signature", "").lower()
        if not signature:
            return wrong("The digest has no signature: CloudTrail did not write this object, or it was copied.")
        if metadata.get("signature-algorithm") != digests.ALGORITHM:
            return wrong(f"The digest is signed by another algorithm than {digests.ALGORITHM}.")
        at = _time(metadata.get("backfill-generation-timestamp", "")) if named.is_backfill else digest.end
        key = self._keys.find(place.region, digest.fingerprint, at or digest.end)
        if isinstance(key, str):
            return wrong(f"The digest cannot be CloudTrail's: {key}.")
        if not key.verifies(_bytes(signature), digest.string_to_sign):
            return wrong("The signature is not CloudTrail's: the digest or its signature was changed.")
        return Verified(named, digest, signature)


def _moved(digest: Digest) -> str:
    origin = parse(digest.key)
    of = f" of account {origin.account} in {origin.region}" if origin else ""
    return f"The digest was moved here. It is the one{of} at {digest.bucket}/{digest.key}."


def _bytes(signature: str) -> bytes:
    try:
        return bytes.fromhex(signature)
    except ValueError:
        return b""


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return None
