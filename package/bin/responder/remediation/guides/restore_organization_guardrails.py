"""An account left the organization, or its policies were weakened."""

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
            "Attach the service control and resource control policies again, and compare them with "
            "the copies that you keep.",
            console.page("organizations/v2/home/policies"),
        ),
        Instruction(
            "If an account has left: invite it again, and until it is back treat it as out of control"
            " (its trail, its budget, its roles).",
            console.page("organizations/v2/home/accounts"),
        ),
        Instruction(
            "Check delegated administrators and trusted access: who else may change the organization?",
            console.page("organizations/v2/home/services"),
        ),
    )


GUIDE = Guide(
    id="restore_organization_guardrails",
    title="Restore the guardrails of the organization",
    why="It takes the rights of the management account, which the app should not have.",
    instructions=_instructions,
)
