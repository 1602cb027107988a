"""Access or sign-in settings of IAM Identity Center were changed."""

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
            "Compare users, groups, assignments and permission sets with what your identity team has "
            "on record; take back what nobody asked for.",
            console.page("singlesignon/home?region={region}#/instances"),
        ),
        Instruction(
            "Check the identity source and the MFA settings; a changed source can sign in as anybody.",
            console.page("singlesignon/home?region={region}#/instances/settings"),
        ),
        Instruction(
            "Disable the user in your identity provider, and end active sessions in IAM Identity "
            "Center. Sessions of roles last until they expire."
        ),
        Instruction(
            "If roles were used meanwhile, run the playbook end_live_sessions for each role that is "
            "not managed by AWS."
        ),
    )


GUIDE = Guide(
    id="review_identity_center",
    title="Review IAM Identity Center",
    why="Assignments are made by your identity provider or its owners, who would set them again.",
    instructions=_instructions,
)
