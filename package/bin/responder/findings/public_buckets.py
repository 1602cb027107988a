"""Which buckets the public may read: the lookup ``responder_public_buckets``, as the searches read it.

They count as in the macro ``cloudtrail_allowed_public_bucket``: an entry whose expiry has passed does not.
"""

from __future__ import annotations

from collections.abc import Collection

from ..splunk.client import Splunkd
from .known_accounts import has_expired

ALLOWED = "responder_public_buckets"


def read(splunkd: Splunkd, now: float) -> Collection[str]:
    """Names of buckets. Raises what ``Splunkd.find`` raises."""
    entries = splunkd.find(ALLOWED, {}, fields="bucket,expires")
    return frozenset(str(one["bucket"]) for one in entries if one.get("bucket") and not has_expired(one, now))
