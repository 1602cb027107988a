"""The breaker of changes: once a limit is reached, whatever is beyond it waits for a person, and that is said once.

A limit of an hour stops its scope (all changes, or those of one playbook in one account) until an administrator resets
it, even when the hour is over: so many changes in an hour are a reason to look. The count of a run never goes back, so
it needs no stop; that it was reached is announced all the same (``inputs.change_limit_notices``).

The limits are exact without it (``change_limit``): what another search head has stopped counts here as soon as it is
read again, and until then the limit itself refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from ..errors import LimitReached
from . import change_stops
from .change_limit import ChangeLimit
from .change_stops import ALL, Stop

if TYPE_CHECKING:
    from ..settings.model import Safety
    from .ports import Documents

_HINT = "Look at the findings and approve the change if it is right. An administrator resets it: | respondchangelimits"


class ChangeBreaker:
    def __init__(
        self,
        documents: Documents,
        clock: Callable[[], float],
        safety: Safety,
        limit: ChangeLimit | None = None,
    ) -> None:
        self._documents = documents
        self._clock = clock
        self._safety = safety
        self._limit = limit or ChangeLimit(documents, clock)

    def check(self, task: str, scope: str) -> None:
        """Raises LimitReached where a limit was reached and has not been reset: of all changes, or of the scope's."""
        stopped = change_stops.of(self._documents, (ALL, scope))
        if stopped is not None:
            message = f"A limit was reached, and since then {change_stops.said(stopped.scope)} wait for a person."
            raise LimitReached(message, _HINT, stopped.scope, is_urgent=stopped.task == task)

    def reserve(
        self,
        run: str,
        task: str,
        changes: int,
        scope: str,
        unfinished: Callable[[], Collection[str]] = lambda: (),
    ) -> None:
        """Count a task's changes. ``scope``: see ``change_stops.scope_of``; ``unfinished``: other tasks of its run.

        Raises LimitReached, and counts none, where a limit is reached; that stops what the limit is of.
        """
        per_run, per_hour = self._safety.max_changes_per_run, self._safety.max_changes_per_hour
        per_scope = self._safety.max_changes_per_account_and_playbook
        try:
            self._limit.reserve(run, task, changes, per_run, per_hour, scope, per_scope)
        except LimitReached as reached:
            others = self._limit.others_waiting(run, task, unfinished())
            more = f" {others} more of this run wait." if others > 1 else " One more of this run waits." * others
            raise self._stop(reached, f"{reached.message}{more}", task, run) from reached

    def _stop(self, reached: LimitReached, message: str, task: str, run: str) -> LimitReached:
        is_first = False
        if reached.scope:
            stop = Stop(reached.scope, reached.message, self._clock(), task, run)
            is_first = change_stops.stop(self._documents, stop)
        return LimitReached(message, reached.hint, reached.scope, is_urgent=is_first)


def reset(documents: Documents, clock: Callable[[], float], scope: str) -> None:
    """Let changes of a scope be made again: nothing that was made until now counts for it any more.

    In this order: where it is interrupted, it has only to be asked for again.
    """
    ChangeLimit(documents, clock).reset(scope)
    change_stops.release(documents, scope)
