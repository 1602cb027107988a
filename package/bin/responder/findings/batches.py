"""Results in the batches in which they are handed over: by an action, and by the worker where the action could not.

Both cut them in the same places. Of a run that is one case a batch is one finding: rows that came in another batch
the second time would be in two findings, and in two files of the ticket.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import InvalidPayload
from .results import Row, RowProblem

#: Rows in a batch, and about how many characters of them.
ROWS, CHARS = 100, 4_000_000

Batch = list[tuple[int, Row]]


def batches(results: Iterable[Row | RowProblem], first: int = 1) -> Iterator[tuple[Batch, int]]:
    """The rows from the ``first`` on by their numbers, without empty cells; and where the next one begins.

    It is 0 behind the last. ``first`` is where a batch began, or the others would not end where they did. Rows that
    cannot be read are left out. What breaks off raises InvalidPayload behind the rows before.
    """
    batch: Batch = []
    size = 0
    try:
        for number, row in enumerate(results, 1):
            if number < first or isinstance(row, RowProblem):
                continue
            if len(batch) >= ROWS or size > CHARS:
                yield batch, number
                batch, size = [], 0
            filled = {name: value for name, value in row.items() if value != "" and value != []}
            batch.append((number, filled))
            size += sum(len(str(value)) for value in filled.values())
    except InvalidPayload:
        # What was read until here counts.
        if batch:
            yield batch, 0
        raise
    if batch:
        yield batch, 0
