"""What a plan is told from another by: people approve one plan, and no other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from .model import Change, plain

#: Differences that are named.
MOST_TOLD = 3


def digest_of(changes: Iterable[Change]) -> str:
    """A short name of what a plan changes: the resources, their state before and after, and the calls."""
    return _digest(sorted(_parts(changes)))


def is_within(changes: Iterable[Change], approved: Iterable[Change]) -> bool:
    """Whether a plan is what is left of another: after a part of that was done, the rest needs no new approval."""
    return set(_parts(changes)) <= set(_parts(approved))


def difference(shown: Iterable[Change], now: Iterable[Change]) -> str:
    """A sentence: what is planned otherwise than it was shown; empty where nothing was shown."""
    before, after = _aspects(shown), _aspects(now)
    if not before:
        return ""
    told = [f"{name} is not planned any more" for name in before if name not in after]
    told += [f"{name} is planned, too" for name in after if name not in before]
    differs = [name for name in after if before.get(name, after[name]) != after[name]]
    told += [f"{name} was otherwise when it was shown" for name in differs]
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return f"The plan has changed since it was shown: {'; '.join(told[:MOST_TOLD])}{more}." if told else ""


def _aspects(changes: Iterable[Change]) -> dict[str, str]:
    return {
        f"{step.aspect[:80]} of {change.resource.id[:120]}": _digest(asdict(step))
        for change in changes
        for step in change.steps
    }


def _parts(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        resource = change.resource
        for step in change.steps:
            about = [resource.id, resource.type, resource.account, resource.region]
            yield _digest([*about, *filter(None, [resource.unique_id]), asdict(step)])


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(plain(value), sort_keys=True).encode()).hexdigest()[:16]
