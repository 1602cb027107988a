"""Data was copied, exported, replicated or shared where it does not belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..guide import Console, Guide, Instruction, event

if TYPE_CHECKING:
    from ...findings.finding import Finding


def _instructions(finding: Finding, console: Console) -> Sequence[Instruction]:
    return (
        event(finding, console),
        Instruction(
            "Find the destination: bucket, account, database. Is it yours? If not, treat the data as "
            "lost and start your breach process."
        ),
        Instruction(
            "Stop what still runs: replication rules, exports, shares.",
            console.page("s3/home?region={region}#"),
        ),
        Instruction(
            "Delete copies in your own accounts that nobody needs, and rotate every secret that the "
            "data holds."
        ),
    )


GUIDE = Guide(
    id="review_exposed_copy",
    title="Review a copy that left",
    why="What has been copied to another account cannot be taken back.",
    instructions=_instructions,
)
