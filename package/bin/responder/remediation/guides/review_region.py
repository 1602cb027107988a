"""A region was enabled or used for the first time."""

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
            f"Look at what runs in {finding.vendor_region or 'the region'}: instances, functions, "
            "databases, buckets, keys.",
            console.page("ec2globalview/home#"),
        ),
        Instruction(
            "If nobody needs it: remove what was made, then disable the region or deny it by a "
            "service control policy.",
            console.page("billing/home#/account"),
        ),
    )


GUIDE = Guide(
    id="review_region",
    title="Review the use of a region",
    why="Whether the region is needed is a decision of your company; what runs in it has to be looked at first.",
    instructions=_instructions,
)
