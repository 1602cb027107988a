"""The master password of a database was changed."""

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
            "Set a new master password, better: let Secrets Manager manage it, and restart the "
            "applications that use it.",
            console.page("rds/home?region={region}#databases:"),
        ),
        Instruction(
            "Look for new users and grants in the database, and for connections from addresses that "
            "you do not know."
        ),
        Instruction(
            "Check who could reach it: public access, security groups, snapshots taken since.",
            console.page("rds/home?region={region}#snapshots-list:"),
        ),
    )


GUIDE = Guide(
    id="change_database_password",
    title="Change the master password of a database",
    why="A new password would have to pass through the app and into your applications.",
    instructions=_instructions,
)
