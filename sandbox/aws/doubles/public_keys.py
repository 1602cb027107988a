"""CloudTrail's public keys, which moto lacks: those that whoever signs digests here has published.

Facts: CloudTrail API Reference, ListPublicKeys (keys that signed within the time; without one, that of now; each region
has its own).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from sandbox.aws.double import Answer, Refused, World

KEPT = "public_keys"


def publish(world: World, fingerprint: str, der: bytes, start: datetime, end: datetime) -> None:
    """``der``: an RSAPublicKey."""
    key = {"Fingerprint": fingerprint, "Value": der, "ValidityStartTime": start, "ValidityEndTime": end}
    world.keep(KEPT)[fingerprint] = key


def list_public_keys(given: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    start, end = _moment(given.get("StartTime")), _moment(given.get("EndTime"))
    if start > end:
        raise Refused("InvalidTimeRangeException", "The start of the time range is after its end.")
    known = world.keep(KEPT).values()
    return {
        "PublicKeyList": [key for key in known if key["ValidityStartTime"] <= end and start <= key["ValidityEndTime"]]
    }


def _moment(given: datetime | None) -> datetime:
    """moto reads times as UTC and does not say so."""
    return given.replace(tzinfo=timezone.utc) if given else datetime.now(timezone.utc)


DOUBLES: Mapping[tuple[str, str], Answer] = {("cloudtrail", "ListPublicKeys"): list_public_keys}
