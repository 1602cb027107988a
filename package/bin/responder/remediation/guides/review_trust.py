"""An outside account or network was joined or used."""

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
            "Find out whose account or network it is. Known partners belong into the list of known "
            "accounts, so that this stays quiet."
        ),
        Instruction(
            "If nobody knows it: run remove_outside_trust for the role, or take the connection, share"
            " or mirror session away.",
            console.page("iam/home#/roles"),
        ),
        Instruction("Look at what came in by this way since."),
    )


GUIDE = Guide(
    id="review_trust",
    title="Review who is trusted from outside",
    why="Whether the other account is a partner of yours is not in AWS.",
    instructions=_instructions,
)
