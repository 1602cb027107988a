"""Which buckets the public may read: the lookup ``responder_public_buckets``, as the searches read it.

They count as in the macro ``cloudtrail_allowed_public_bucket``: an entry whose expiry has passed does not.
"""

from __future__ import annotations

from ..splunk.client import Splunkd
from .known_accounts import has_expired

ALLOWED = "responder_public_buckets"


def is_listed(splunkd: Splunkd, bucket: str, now: float) -> bool:
    """Raises what ``Splunkd.find`` raises."""
    return any(not has_expired(entry, now) for entry in splunkd.find(ALLOWED, {"bucket": bucket}))
