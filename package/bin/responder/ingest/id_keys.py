"""Event ids as 16 bytes each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

SIZE = 16
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
#: Where a UUID has its dashes, and how long it is.
_DASHES, _LENGTH = (8, 13, 18, 23), 36


def keys(ids: Sequence[str]) -> list[bytes]:
    """A key for each id, in their order.

    A UUID in its usual form, as CloudTrail gives it, is kept whole: equal keys are equal ids. Of any other id it is the
    first 16 bytes of its SHA-256. Two of a trillion (10^12) such ids are equal with a chance of 10^-15, far below that
    of a disk which returns a wrong byte; and AWS chooses event ids, nobody else can look for two that are equal.
    """
    return _all_uuids(ids) or [_key(each) for each in ids]


def _all_uuids(ids: Sequence[str]) -> list[bytes] | None:
    """The keys of ids that are UUIDs all of them, made together; None where one of them is none."""
    count = len(ids)
    text = "".join(ids)
    if set(map(len, ids)) != {_LENGTH} or any(text[at::_LENGTH] != "-" * count for at in _DASHES):
        return None
    digits = text.replace("-", "")
    if len(digits) != 2 * SIZE * count or digits != digits.lower():
        return None
    try:
        together = bytes.fromhex(digits)
    except ValueError:
        return None
    # It skips white space.
    if len(together) != SIZE * count:
        return None
    return [together[at : at + SIZE] for at in range(0, len(together), SIZE)]


def _key(each: str) -> bytes:
    if _UUID.fullmatch(each):
        return bytes.fromhex(each.replace("-", ""))
    return hashlib.sha256(each.encode("utf-8", "surrogatepass")).digest()[:SIZE]
