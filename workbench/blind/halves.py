"""Which services the authors of detections may look at, and which only the score does.

By the service's name alone, so that a service stays in its half whatever AWS adds.
"""

from __future__ import annotations

import hashlib

SEEN, BLIND = "seen", "blind"


def half_of(service: str) -> str:
    return BLIND if hashlib.sha256(f"half:{service}".encode()).digest()[0] % 2 else SEEN
