"""IP addresses and CIDR blocks as texts."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Union

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
_SHAPE = re.compile(r"[0-9A-Fa-f:.]+(?:/\d{1,3})?\Z")


@lru_cache(maxsize=8192)
def network(written: str) -> Network | None:
    """The block (or single address) a text is, else None. Host bits may be set."""
    if not _SHAPE.match(written):
        return None
    try:
        return ipaddress.ip_network(written, strict=False)
    except ValueError:
        return None


def contains(block: Network, address: str) -> bool:
    """Whether the text is an address inside the block; what is no address is not."""
    if "/" in address:
        return False
    found = network(address)
    return found is not None and found.version == block.version and found.subnet_of(block)  # type: ignore[arg-type]
