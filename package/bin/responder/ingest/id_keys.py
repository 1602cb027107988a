"""Ids of records, as texts and as 16 bytes each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

SIZE = 16
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
#: Where a UUID has its dashes, and how long it is.
_DASHES, _LENGTH = (8, 13, 18, 23), 36


def keys_of_texts(raws: Iterable[bytes], index: bytes) -> list[bytes]:
    """By which records are known again: the same text in the same index is the same record.

    Their event ids would not do. Whoever can have a file read could give the id of a true record to one of his own, and
    the true one, which comes later, would be left out. ``index``: as ``id_of_index`` gives it.
    """
    blake2b = hashlib.blake2b
    return [blake2b(raw, digest_size=SIZE, person=index).digest() for raw in raws]


def id_of_index(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8"), digest_size=SIZE).digest()


def keys(ids: Sequence[str]) -> list[bytes]:
    """A key for each id, in their order.

    A UUID in its usual form is kept whole: equal keys are equal ids. Of any other id it is the first 16 bytes of its
    SHA-256. Two of a trillion (10^12) such ids are equal with a chance of 10^-15, far below that of a disk which
    returns a wrong byte; and no record can be made that has the id of a given one, in which AWS has chosen a random
    event id.
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
