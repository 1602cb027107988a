"""The largest number of changes a run may make, counted across every process and search head that works on it.

As a lease, so a place among them: its insert is the claim. Only the system may write the collection.
"""

from __future__ import annotations

import hashlib
from typing import List

from ..cases.tasks import LEASES, TaskStore
from ..errors import RefusedByGuardrail
from ..splunk.client import Splunkd


class Budget:
    def __init__(self, splunkd: Splunkd, store: TaskStore) -> None:
        self._splunkd = splunkd
        self._store = store

    def reserve(self, run: str, key: str, changes: int, limit: int) -> None:
        """Take as many places of a run as a task makes changes; a task that tries again has them already.

        Raises RefusedByGuardrail, and takes none, when fewer than ``changes`` of ``limit`` are left.
        """
        name = "run:" + hashlib.sha256((run or key).encode("utf-8", "replace")).hexdigest()[:20]
        held = {str(d["_key"]): d.get("holder") for d in self._splunkd.find(LEASES, {"task": name})}
        missing = changes - sum(holder == key for holder in held.values())
        taken: List[str] = []
        if len(held) + missing <= limit:
            for number in range(1, limit + 1):
                if len(taken) >= missing:
                    return
                place = f"{name}:{number}"
                if place not in held and self._store.first(place, key, name) == key:
                    taken.append(place)
        if len(taken) >= missing:
            return
        for place in taken:
            self._splunkd.delete_where(LEASES, {"_key": place})
        raise RefusedByGuardrail(
            f"This run has made {len(held)} changes and wants {missing} more; the limit is {limit} a run.",
            "Look at the findings; then raise the limit on the Safety tab if they are right.",
        )
