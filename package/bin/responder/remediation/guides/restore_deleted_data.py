"""Data, databases or backups were deleted."""

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
            "Stop who did it first: run quarantine_user or quarantine_role, and end_live_sessions, "
            "before anything is restored into the same account."
        ),
        Instruction(
            "Look for what is left: snapshots, automated backups, versions of objects, copies in "
            "other regions and accounts.",
            console.page("backup/home?region={region}#/resources"),
        ),
        Instruction(
            "Protect what is left: vault lock, deletion protection, a copy in an account that nobody "
            "of this one can reach."
        ),
        Instruction(
            "Restore beside the original, check it, then switch over.",
            console.page("rds/home?region={region}#snapshots-list:"),
        ),
    )


GUIDE = Guide(
    id="restore_deleted_data",
    title="Restore what was deleted",
    why="What was deleted comes back from a backup only, and only you know which one is good.",
    instructions=_instructions,
)
