"""For each playbook, a file with an estate in which it has something to do, and what others may do to it.

A playbook without one fails the tests that run over all of them. A file has

- ``VARIANTS``: by name, functions that build an estate and return the fields of the finding. Together they need every
  permission of the playbook; the first is the plain case;
- ``fix``: somebody puts it right by hand;
- ``remove``: somebody deletes the resource (None where nothing can be deleted);
- ``drift``: somebody changes, after the playbook, what it changed, to a state that is neither (None where there are
  only two states);
- ``past``, where it is needed: the records of earlier calls that the playbook asks for;
- ``SLOW``, where it is needed: names of dear variants that have a test of their own in the slow run only. Whatever they
  have the playbook write, others have it write, too.

Each gets the admin's clients, and the finding's fields where there is an estate already.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.aws.server import ACCOUNT

#: Makes a client: service, and region if it matters.
Admin = Callable[..., Any]
Fields = Mapping[str, Any]
#: By hand, on an estate.
ByHand = Callable[[Admin, Fields], None]


@dataclass(frozen=True)
class Scenario:
    variants: Mapping[str, Callable[[Admin, str], dict[str, Any]]]
    fix: ByHand
    remove: ByHand | None
    drift: ByHand | None
    past: Callable[[Fields], Sequence[Fields]]
    slow: frozenset[str]


def _nothing(fields: Fields) -> Sequence[Fields]:
    return ()


def _load() -> dict[str, Scenario]:
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_"):
            # What several share.
            continue
        file = importlib.import_module(f"{__name__}.{module.name}")
        past = getattr(file, "past", _nothing)
        slow = frozenset(getattr(file, "SLOW", ()))
        found[module.name] = Scenario(file.VARIANTS, file.fix, file.remove, file.drift, past, slow)
    return found


SCENARIOS = _load()


def finding_of(playbook_id: str, admin: Admin, name: str, variant: str = "") -> dict[str, Any]:
    """The estate is built; these are the fields of the finding."""
    variants = SCENARIOS[playbook_id].variants
    build = variants[variant or next(iter(variants))]
    return {
        "signature_id": "something_bad",
        "signature": "Something bad",
        "severity": "high",
        "dedup_key": name,
        "vendor_account": ACCOUNT,
        "vendor_region": "us-east-1",
        **build(admin, name),
    }
