"""Roles that many pipelines share: the lookup ``responder_automation_roles``, matched as in the searches
(docs/noise.md)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from .. import arn
from ..remembered import Remembered
from ..splunk.client import Splunkd
from .known_accounts import has_expired

ROLES = "responder_automation_roles"
#: Seconds for which what was read counts. It only says which ticket tells of a finding.
KEPT = 300.0
#: All of a list that people keep, and that is short.
EVERY = {"_key": {"$gte": ""}}
#: What names of AWS consist of, and wildcards.
_NAME = re.compile(r"[\w+=,.@:/*-]+", re.ASCII)

_known: Remembered[Collection[re.Pattern[str]]] = Remembered(KEPT)


def has(splunkd: Splunkd, role: str) -> bool:
    """Whether a role, by its ARN without a path, is one of them. Raises what ``Splunkd.find`` raises."""
    name = arn.name_of(role)
    return any(pattern.fullmatch(one) for pattern in _read(splunkd) for one in (role, name))


def _read(splunkd: Splunkd) -> Collection[re.Pattern[str]]:
    known = _known.get(splunkd.uri)
    if known is None:
        entries, now = splunkd.find(ROLES, EVERY, fields="role,expires"), splunkd.now()
        found = (_pattern(entry.get("role")) for entry in entries if not has_expired(entry, now))
        known = tuple(pattern for pattern in found if pattern is not None)
        _known.put(splunkd.uri, known)
    return known


def _pattern(entry: Any) -> re.Pattern[str] | None:
    if not isinstance(entry, str) or not _NAME.fullmatch(entry):
        return None
    pieces = arn.without_path(entry).split("*")
    return re.compile("[^ ]*".join(map(re.escape, pieces)), re.IGNORECASE)
