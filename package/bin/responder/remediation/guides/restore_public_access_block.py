"""What kept all VPCs of a region off the internet was turned off."""

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
            "Turn VPC Block Public Access on again, or delete the exclusion.",
            console.page("vpcconsole/home?region={region}#Settings:"),
        ),
        Instruction(
            "Before that, see which load balancers and gateways rely on it being off: they would lose"
            " the internet at once.",
            console.page("vpcconsole/home?region={region}#igws:"),
        ),
        Instruction("Look for groups and routes that were opened while it was off. Each has a finding of its own."),
    )


GUIDE = Guide(
    id="restore_public_access_block",
    title="Turn VPC Block Public Access on again",
    why="It holds for all VPCs of the region at once, and AWS does not tell who would lose the internet.",
    instructions=_instructions,
)
