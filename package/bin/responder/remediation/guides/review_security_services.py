"""A service that watches the account was switched off or cut off."""

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
            "Switch it on again from the delegated administrator's account, and check that members cannot leave.",
            console.page("securityhub/home?region={region}#/settings/configuration"),
        ),
        Instruction(
            "Compare its settings with your baseline: rules, sources, forwarding, exclusions.",
            console.page("config/home?region={region}#/rules"),
        ),
        Instruction(
            "Find out what happened while it was off: search the CloudTrail index for this principal "
            "and account."
        ),
    )


GUIDE = Guide(
    id="review_security_services",
    title="Review what watches the account",
    why="What was watched, and for whom, is set up in your security account, not in this one.",
    instructions=_instructions,
)
