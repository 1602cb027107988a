"""Somebody got, or prepared to get, into an instance."""

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
            "If it was not meant: run snapshot_instance_volumes, then isolate_instance. Do not just "
            "reboot: a changed start-up script would run.",
            console.page("ec2/home?region={region}#Instances:"),
        ),
        Instruction(
            "Look at the commands and sessions: their text and output, where Systems Manager keeps them.",
            console.page("systems-manager/session-manager/sessions-history?region={region}"),
        ),
        Instruction(
            "Take back keys and start-up scripts that nobody knows; replace the instance from its "
            "image rather than repair it."
        ),
        Instruction(
            "End the sessions of the instance's role (end_live_sessions): its credentials may have "
            "been read."
        ),
    )


GUIDE = Guide(
    id="review_instance_access",
    title="Review who got into the instance",
    why="What was run inside an instance is not in AWS, and cannot be undone from outside.",
    instructions=_instructions,
)
