"""What the log of an action says of each result: that the action was invoked for it, and how that ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import modular_action
from ..modular_action import FAILURE, INVOKED, PENDING


class RowLog:
    """Holds the results that were invoked and have not ended: a batch at most. Lines go out together."""

    def __init__(self, action_name: str, payload: Mapping[str, Any]) -> None:
        self.run = modular_action.of_run(action_name, payload)
        self._file = modular_action.log_of(action_name)
        self._open: dict[int, Mapping[str, str]] = {}
        self._has_any = False

    def invoke(self, rows: Iterable[tuple[int, Mapping[str, Any] | None]]) -> None:
        """Results by their numbers; None for one that cannot be read."""
        lines = []
        for number, row in rows:
            ids = self._open[number] = modular_action.of_row(self.run, number, row)
            lines.append(modular_action.line(self.run, ids, INVOKED))
            self._has_any = True
        self._file.append("".join(lines))

    def end(self, outcomes: Iterable[tuple[int, str, str]]) -> None:
        """Number, status and what there is to say, for results that are open; others are passed over."""
        lines = []
        for number, status, said in outcomes:
            ids = self._open.pop(number, None)
            if ids is not None:
                lines.append(modular_action.line(self.run, ids, said, status))
        self._file.append("".join(lines))

    def end_all(self, status: str, said: str) -> None:
        """The same for all that are open."""
        self.end([(number, status, said) for number in self._open])

    def close(self, failed: str) -> None:
        """What nobody has ended until here has failed; and so has a run of which no result could be read."""
        if failed and not self._has_any:
            self.invoke([(1, None)])
        self.end_all(FAILURE, failed or "Nothing is known of it.")


def told(row: Mapping[str, Any]) -> tuple[int, str, str]:
    """Number, status and words of one row of the answer of ``record``."""
    number, status = row.get("number"), row.get("status")
    if status not in modular_action.STATUSES:
        # Right after an update the process that answers may still be the earlier one.
        status = PENDING if row.get("task") else modular_action.SUCCESS if row.get("nothing") else FAILURE
    said = row.get("said") or row.get("error") or "Recorded."
    return (number if isinstance(number, int) else 0), str(status), str(said)
