"""What a plan is told from another by: people approve one plan, and no other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from .playbook import Change, plain


def digest_of(changes: Iterable[Change]) -> str:
    """A short name of what a plan changes: the resources, their state before and after, and the calls."""
    return _digest(sorted(_parts(changes)))


def is_within(changes: Iterable[Change], approved: Iterable[Change]) -> bool:
    """Whether a plan is what is left of another: after a part of that was done, the rest needs no new approval."""
    return set(_parts(changes)) <= set(_parts(approved))


def _parts(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        resource = change.resource
        for step in change.steps:
            yield _digest([resource.id, resource.type, resource.account, resource.region, asdict(step)])


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(plain(value), sort_keys=True).encode()).hexdigest()[:16]
